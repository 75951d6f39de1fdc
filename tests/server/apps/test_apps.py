"""Apps as a client reads them: the shapes of the protocol, and a page that needs nothing from anywhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import mcp_types as types
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID

from zunda_mcp.server import timeline_app
from zunda_mcp.server.tools import BY_NAME, TOOLS

MOST_BYTES = 36_000
PARTS = Path(timeline_app.__file__).with_name("parts")


def page() -> str:
    """The chart as a client reads it."""
    found = timeline_app.read_app(timeline_app.TIMELINE_URI)
    assert found is not None
    (content,) = types.ReadResourceResult.model_validate(found).contents
    assert isinstance(content, types.TextResourceContents)
    assert content.mime_type == timeline_app.MIME
    return content.text


class Elements(HTMLParser):
    """All elements of a page with their attributes, and whether it ends well."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_names_are_those_of_the_sdk() -> None:
    assert (timeline_app.EXTENSION, timeline_app.MIME) == (EXTENSION_ID, APP_MIME_TYPE)


def test_every_app_is_declared_as_a_resource_and_closed_to_the_network() -> None:
    for declared in timeline_app.list_apps():
        resource = types.Resource.model_validate(declared)
        assert resource.uri.startswith("ui://")
        assert resource.mime_type == timeline_app.MIME
        assert resource.meta is not None
        assert not any(resource.meta["ui"]["csp"].values())
        found = timeline_app.read_app(resource.uri)
        assert found is not None
        assert found["contents"][0]["_meta"] == resource.meta


def test_an_address_of_nothing_is_none() -> None:
    assert timeline_app.read_app("ui://zunda-mcp/other") is None
    assert timeline_app.read_app("") is None


def test_the_timeline_alone_names_an_app_and_it_exists() -> None:
    assert [tool.name for tool in TOOLS if tool.meta] == ["topic_timeline"]
    meta = BY_NAME["topic_timeline"].meta
    assert meta is not None
    assert meta["ui"]["resourceUri"] == meta["ui/resourceUri"] == timeline_app.TIMELINE_URI
    assert timeline_app.TIMELINE_URI in [declared["uri"] for declared in timeline_app.list_apps()]


def test_the_page_is_one_whole_document_of_bounded_size() -> None:
    text = page()
    assert text.startswith("<!DOCTYPE html>\n<html lang=")
    assert len(text.encode()) < MOST_BYTES
    elements = Elements()
    elements.feed(text)
    elements.close()
    assert elements.open == []
    assert [tag for tag, _ in elements.found].count("script") == 1


def test_the_page_names_nothing_outside_itself() -> None:
    text = page()
    elements = Elements()
    elements.feed(text)
    for _, attributes in elements.found:
        assert not {"src", "href", "srcset", "action", "data", "poster", "style"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
    assert not {tag for tag, _ in elements.found} & {"link", "img", "iframe", "object", "embed", "base", "form"}
    addresses = set(re.findall(r"(?:https?:|wss?:)?//[\w.]+\.\w+[\w./]*", text))
    assert addresses == {"http://www.w3.org/2000/svg"}  # the name of SVG, which nobody fetches
    assert not re.search(
        r"url\(|@import|@font-face|\bimport\b|importScripts|fetch\(|XMLHttp|WebSocket|EventSource", text
    )


def test_archive_text_never_becomes_markup() -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacent|document\.write|DOMParser|\beval\b|Function\(|setTimeout\(['\"`]"
    assert not re.search(forbidden, page())


def test_every_part_lies_in_the_page_with_all_its_code() -> None:
    text = page()
    for part in PARTS.iterdir():
        lines = [line.strip() for line in part.read_text(encoding="utf-8").splitlines()]
        kept = [line for line in lines if line and not line.startswith(("// ", "/* style", "/* script"))]
        assert kept
        assert all(line in text for line in kept)


def test_both_languages_say_the_same_things() -> None:
    words = (PARTS / "words.js").read_text(encoding="utf-8")
    english, japanese = re.split(r"\n  ja: \{", words.split("const WORDS")[1].split("\n};")[0])
    named = re.compile(r"(?:^|[,{] ?|\n +)(\w+): ")
    assert set(named.findall(english)) - {"en"} == set(named.findall(japanese))

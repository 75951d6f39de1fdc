"""Resources: what can be listed and read by URI, and that nothing else can."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import mcp_types as types
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AnyUrl
from server_fakes import FakeLibrary, resource_text, told

from conftest import SAMPLE, Post, library_over
from zunda_mcp.answers import EpisodeBrief
from zunda_mcp.errors import ArgumentError, BuildingError, NotFoundError, ZundaError
from zunda_mcp.library import Library
from zunda_mcp.rendering.answer_lines import QUOTED, QUOTED_PAGE
from zunda_mcp.server import resources
from zunda_mcp.server.resources import (
    MAX_CHARS,
    episode_uri,
    list_resources,
    list_templates,
    read_resource,
    story_uri,
)

NEWEST = "2026-06-30-514"
FIXED = ["archive://overview", "archive://topics", "archive://survey"]


def _listed(archive: Library, cursor: str | None = None) -> types.ListResourcesResult:
    return types.ListResourcesResult.model_validate(list_resources(archive, cursor))


class Many(FakeLibrary):
    """An archive of so many episodes, numbered from 1, one a day."""

    def __init__(self, count: int, **answers: Any) -> None:
        super().__init__(**answers)
        self.numbers = list(range(1, count + 1))

    def episodes(self) -> tuple[EpisodeBrief, ...]:
        first = dt.date(2020, 1, 1)
        return tuple(
            EpisodeBrief(
                id=f"回 {number}",
                number=number,
                date=str(first + dt.timedelta(days=number)),
                title=f"第{number}回",
                hosts=[],
                url=None,
                stories=1,
            )
            for number in reversed(self.numbers)
        )


def _pages(archive: Library) -> list[types.ListResourcesResult]:
    pages = [_listed(archive)]
    while cursor := pages[-1].next_cursor:
        pages.append(_listed(archive, cursor))
    return pages


# --- listing


def test_overview_topics_and_survey_come_first_then_episodes_newest_first(sample: Library) -> None:
    listed = _listed(sample).resources
    assert [one.uri for one in listed[:4]] == [*FIXED, f"episode://{NEWEST}"]
    days = [one.uri for one in listed[3:]]
    assert days == sorted(days, reverse=True)
    assert len(days) == len([path for path in SAMPLE.glob("*.md") if path.stem != "README"])
    assert list_resources(sample) == list_resources(sample)


def test_every_listed_resource_can_be_read_and_is_what_the_list_says(sample: Library) -> None:
    for one in _listed(sample).resources:
        assert one.title
        assert one.description
        contents = read_resource(sample, one.uri)["contents"][0]
        assert contents["mimeType"] == one.mime_type
        assert QUOTED in contents["text"] or contents["text"].startswith(QUOTED_PAGE)


def test_an_episode_in_the_list_says_its_date_title_hosts_and_day(sample: Library) -> None:
    found = next(one for one in _listed(sample).resources if one.uri == "episode://2025-07-08-279")
    assert found.name == "2025-07-08-279"
    assert found.title is not None
    assert found.title.startswith("2025-07-08 ")
    assert re.fullmatch(r"Episode 279 · \d+ stories · .+", found.description or "")
    assert found.annotations is not None
    assert found.annotations.last_modified == "2025-07-08T00:00:00+09:00"
    assert found.annotations.audience == ["user", "assistant"]


def test_all_episodes_are_listed_once_over_the_pages() -> None:
    archive = Many(250)
    pages = _pages(archive)
    assert [len(page.resources) for page in pages] == [103, 100, 50]
    uris = [one.uri for page in pages for one in page.resources][3:]
    assert [unquote(uri) for uri in uris] == [f"episode://回 {number}" for number in range(250, 0, -1)]


def test_a_page_that_ends_with_the_last_episode_has_no_cursor() -> None:
    assert [len(page.resources) for page in _pages(Many(200))] == [103, 100]


@pytest.mark.parametrize("gone", [[], [151], [151, 150, 149]], ids=["nothing", "the last shown", "shown and next"])
def test_a_cursor_goes_on_where_it_was_when_episodes_come_and_go(gone: list[int]) -> None:
    archive = Many(250)
    cursor = _listed(archive).next_cursor
    archive.numbers = [number for number in range(1, 300) if number not in gone]
    shown = [unquote(one.uri) for one in _listed(archive, cursor).resources]
    expected = [number for number in range(150, 0, -1) if number not in gone][:100]
    assert shown == [f"episode://回 {number}" for number in expected]


@pytest.mark.parametrize("cursor", ["x", "日本", "====", "MA", "a" * 5000, "MDAwMDAwMDBbIjIwMjUiLDEsIngiXQ"])
def test_a_cursor_of_nobodys_making_is_refused(cursor: str, sample: Library) -> None:
    with pytest.raises(ArgumentError, match="leave it out") as caught:
        list_resources(sample, cursor)
    assert caught.value.argument == "cursor"


def test_while_the_first_index_is_built_the_list_has_what_needs_none() -> None:
    class Building(FakeLibrary):
        def episodes(self) -> tuple[EpisodeBrief, ...]:
            msg = "The index is being built."
            raise BuildingError(msg)

    assert [one.uri for one in _listed(Building()).resources] == FIXED


def test_a_new_episode_is_listed_by_the_next_call(show: Library, post: Post) -> None:
    post("2025-07-08-1", ("一つ目", "https://example.com/1", "話"))
    assert len(_listed(show).resources) == 4
    post("2025-07-09-2", ("二つ目", "https://example.com/2", "話"))
    assert _listed(show).resources[3].uri == "episode://2025-07-09-2"


def test_the_templates_are_of_episodes_and_stories() -> None:
    result = types.ListResourceTemplatesResult.model_validate(list_templates())
    assert [one.uri_template for one in result.resource_templates] == ["episode://{id}", "story://{id}"]
    assert all(one.description and one.title and one.mime_type == "text/markdown" for one in result.resource_templates)


# --- reading


def test_an_episode_is_read_whole_with_what_it_is_cited_by(sample: Library) -> None:
    text = resource_text(sample, "episode://2025-07-08-279")
    whole = sample.episode("2025-07-08-279").episode
    assert text.startswith(QUOTED_PAGE)
    assert "2025-07-08 · episode 279 · id 2025-07-08-279" in text
    assert whole.page_url
    assert whole.page_url in text
    for story in whole.stories:
        assert story.title in text
        assert story.url
        assert story.url in text
        assert story.summary.strip()[:40] in text


@pytest.mark.parametrize(
    "uri",
    [
        "episode://2025-07-08-279",
        "EPISODE://2025-07-08-279",
        "episode://2025-07-08-279/",
        "episode://2025-07-08",
        "episode://279",
        "episode://2025%E5%B9%B47%E6%9C%888%E6%97%A5",
        "episode://2025年7月8日",
        "episode://%EF%BC%92%EF%BC%97%EF%BC%99",
    ],
)
def test_an_episode_is_found_by_every_name_it_has(uri: str, sample: Library) -> None:
    assert "id 2025-07-08-279\n" in resource_text(sample, uri)


@pytest.mark.parametrize("uri", ["episode://latest", "episode://%E6%9C%80%E6%96%B0"])
def test_the_newest_episode_is_called_latest(uri: str, sample: Library) -> None:
    assert f"id {NEWEST}\n" in resource_text(sample, uri)


@pytest.mark.parametrize(
    "uri",
    [
        "story://2025-07-08-279%232",
        "story://2025-07-08-279#2",
        "story://279%232",
        "story://2025-07-08%23%32",
        "episode://2025-07-08-279%232",
    ],
)
def test_a_story_is_read_alone_with_its_hash_escaped_or_not(uri: str, sample: Library) -> None:
    text = resource_text(sample, uri)
    story = sample.episode("2025-07-08-279").episode.stories[1]
    assert f"# 2. {story.title}\n" in text
    assert story.summary.strip()[:40] in text
    assert "Other stories of the episode:" in text


def test_a_story_without_its_place_names_the_stories_there_are(sample: Library) -> None:
    with pytest.raises(NotFoundError, match=r"read episode://2025-07-08-279, or its stories are") as caught:
        read_resource(sample, "story://279")
    assert caught.value.suggestions[0] == "story://2025-07-08-279%231"


@pytest.mark.parametrize(
    ("uri", "near"),
    [
        ("episode://2025-07-08-278", "episode://2025-07-08-279"),
        ("story://2025-07-08-279%2399", "episode://2025-07-08-279"),
        ("episode://2025-07-09", "episode://2025-07-08-279"),
    ],
)
def test_what_does_not_exist_is_answered_with_uris_that_do(uri: str, near: str, sample: Library) -> None:
    with pytest.raises(NotFoundError) as caught:
        read_resource(sample, uri)
    assert near in caught.value.suggestions
    assert resource_text(sample, near)


@pytest.mark.parametrize(
    "name", ["日本 の放送", "a b", "100%", "x?y", "a&b", "第1回「序」", "%23", "x#1#2", "..x", "a+b"]
)
def test_a_uri_of_any_id_leads_back_to_it(name: str) -> None:
    for make, scheme in ((episode_uri, "episode"), (story_uri, "story")):
        uri = make(name)
        assert uri.isascii()
        assert re.fullmatch(rf"{scheme}://[A-Za-z0-9._~%-]+", uri)
        assert str(AnyUrl(uri)) == uri
        archive = FakeLibrary(episode=told("2025-07-08-279#1"))
        read_resource(archive, uri)
        assert archive.asked == [("episode", (name,), {})]


def test_ids_in_japanese_with_spaces_are_listed_and_read(tmp_path: Path, archive: Path) -> None:
    name = "2025-07-08 夏の 特番#1"
    (archive / f"{name}.md").write_text("---\ntitle: 夏\ndate: 2025-07-08\n---\n\n本文。\n", encoding="utf-8")
    with library_over(archive, tmp_path / "index") as library:
        uri = _listed(library).resources[3].uri
        assert uri == episode_uri(library.episodes()[0].id)
        assert "# 夏\n" in resource_text(library, uri)


def test_an_episode_too_long_is_cut_and_says_how_to_read_on() -> None:
    library = FakeLibrary(episode=told(summary="長い話が続きます。\n\n" * 3000))
    text = resource_text(library, "episode://latest")
    assert len(text) <= MAX_CHARS
    assert re.search(
        r'Read on with get_episode\(id="2025-07-08-279", detail="full", cursor="\d+-[0-9a-f]{8}"\)⟧$', text
    )


# --- what cannot be reached


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "latest",
        "episode://",
        "episode:///",
        "episode://.",
        "episode://..",
        "episode://%2e%2e",
        "episode://%2E%2e%2F%2e%2e%2Fetc%2Fpasswd",
        "episode://../../etc/passwd",
        "episode://..\\..\\x",
        "episode:///etc/passwd",
        "episode://a/b",
        "episode://a%00b",
        "episode://a\x00b",
        "episode://a%0Ab",
        "episode://%FF%FE",
        "episode://\ud800",
        "story://../2025-07-08-279%231",
        "archive://../overview",
        "episode://" + "a" * 10_000,
        "x" * 100_000,
        "javascript:alert(1)",
    ],
)
def test_a_uri_that_could_lead_out_is_refused_before_anything_is_asked(uri: str) -> None:
    archive = FakeLibrary()
    with pytest.raises(ArgumentError) as caught:
        read_resource(archive, uri)
    assert archive.asked == []
    assert len(str(caught.value)) < 300
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "uri",
    [
        "archive://secrets",
        "https://example.com",
        "file://passwd",
        "file:///etc/passwd",
        "test://a/b/../c",
        "ui://x",
        "episode://%252e%252e%252fetc",
        "episode://README",
        "episode://zunda-mcp.toml",
        "episode://~",
        "episode://passwd",
        "episode://..passwd",
        "episode://C:",
    ],
)
def test_no_file_can_be_read_by_its_name(uri: str, sample: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    sample.episodes()  # the index is open and level
    opened: list[object] = []
    for name in ("read_text", "read_bytes", "open"):
        monkeypatch.setattr(Path, name, lambda self, *_, **__: opened.append(self))
    with pytest.raises(NotFoundError):
        read_resource(sample, uri)
    assert opened == []


@given(st.text(max_size=60), st.sampled_from(["episode", "story", "archive", "file", ""]))
def test_whatever_is_asked_there_is_an_answer_or_an_error_of_ours(name: str, scheme: str) -> None:
    with contextlib.suppress(ZundaError):
        assert read_resource(FakeLibrary(), f"{scheme}://{name}")["contents"][0]["text"]


def test_the_real_archive_fits(real: Library) -> None:
    assert len(resource_text(real, "archive://overview")) < 6000
    assert len(resource_text(real, "archive://topics")) <= MAX_CHARS
    pages = _pages(real)
    uris = [one.uri for page in pages for one in page.resources]
    assert len(uris) == len(set(uris)) == len(real.episodes()) + 3
    assert all(len(page.resources) <= 103 for page in pages)
    longest = max(real.episodes(), key=lambda one: one.stories)
    assert len(resource_text(real, resources.episode_uri(longest.id))) <= MAX_CHARS

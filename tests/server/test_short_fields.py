"""Titles, names and ids are one line each in structured content, whatever a source has in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import library_over
from zunda_mcp.library import Library
from zunda_mcp.rendering.sanitize import clean_data

SHORT = {"id", "episode_id", "title", "episode_title", "site", "hosts", "archive", "name", "aliases", "path", "topic"}
BREAKS = ("\\n", "\\r\\n", "\\u2028", "\\x85", "\\t", "\\n\\n> ")


def texts(value: Any, name: str = "") -> Iterator[str]:
    """All texts of short fields in an answer."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, name)
    elif isinstance(value, str) and name in SHORT:
        yield value


@pytest.fixture(params=BREAKS)
def library(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Library]:
    sign = request.param
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "_config.yml").write_text(f'title: "The{sign}show"\n', encoding="utf-8")
    for n in range(1, 6):
        (posts / f"2031-01-0{n}-{n}.md").write_text(
            f'---\ntitle: "First{sign}second {n}"\ndate: 2031-01-0{n} 05:00:00 +0900\nactor_ids:\n  - "Zun{sign}da"\n'
            f"---\n\n- [Mochi{sign} Talk {n}](https://a.example/{n})\n\nAbout Mochi Talk.\n",
            encoding="utf-8",
        )
    item = {"title": json.loads('"Item\\n\\u2028two"'), "url": "https://b.example/", "date": "2031-02-01"}
    (posts / "list.json").write_text(json.dumps([item]), encoding="utf-8")
    with library_over(posts, tmp_path / "index") as library:
        library.refresh()
        yield library


def test_short_fields_are_one_line_in_every_answer(library: Library) -> None:
    answers = [
        library.search("mochi"),
        library.search("first second"),
        library.episode("latest"),
        library.episode("2031-01-03-3#1"),
        library.topics(""),
        library.timeline("mochi"),
        library.related("2031-01-03-3#1"),
        library.check_quote("About Mochi Talk."),
    ]
    found = [text for answer in answers for text in texts(clean_data(answer))]
    assert "First second 3" in found or "First > second 3" in found
    assert "The show" in found or "The > show" in found
    assert [text for text in found if len(text.splitlines()) > 1 or "\t" in text] == []

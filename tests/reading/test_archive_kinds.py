"""Archives in many shapes open without code or configuration; each in the one way its files are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import show_kinds as kinds
from archive_samples import drafts_by_id

from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.reading.draft import Draft

Facts = list[tuple[str, str | None, float | None]]

SHAPES: list[tuple[Callable[[Path], Path], str, str, dt.date | None, int | None, Facts]] = [
    (
        kinds.jekyll_newsletter,
        "headings",
        "2030-02-10-issue-2",
        dt.date(2030, 2, 10),
        2,
        [
            ("Anna proposed to sow earlier, and many agreed at once.", "https://bean.example/2", None),
            ("A second paragraph about soil.", "https://soil.example/2", None),
            ("Harvest", None, None),
        ],
    ),
    (
        kinds.pelican_links,
        "list-items",
        "2030-2-9-this-week-in-beans",
        dt.date(2030, 2, 9),
        2,
        [
            ("Announcing Bean 2.0", "https://bean.example/r/2", None),
            ("[audio] Shelling by hand", "https://talk.example/2", None),
            ("Pods are now measured twice.", "https://pod.example/2", None),
        ],
    ),
    (
        kinds.numbered_links,
        "list-items",
        "issues-2",
        None,
        2,
        [("Folding pods", "https://pod.example/2", None), ("Lazy sowing", "https://lazy.example/2", None)],
    ),
    (
        kinds.hugo_json,
        "list-items",
        "beans-2",
        dt.date(2030, 2, 9),
        2,
        [
            ("Pod press", "https://press.example/2", None),
            ("Bean bag", "https://bag.example/2", None),
            ("Intro", None, 0.0),
            ("Pods of 2", None, 61.5),
        ],
    ),
    (
        kinds.nested_topics,
        "list-items",
        "ep2",
        dt.date(2030, 2, 11),
        2,
        [
            ("さやの形が変わる", "https://saya.example/2", None),
            ("豆の色の指定", "https://iro.example/2", None),
            ("畑の会", "https://hatake.example/2", None),
        ],
    ),
    (
        kinds.timed_headings,
        "timed-headings",
        "2030-02-12",
        dt.date(2030, 2, 12),
        None,
        [("はじめに", None, 12.0), ("計算する豆", "https://kei.example/2", 232.0), ("おわりに", None, 3723.0)],
    ),
    (
        kinds.japanese_dates,
        "list-items",
        "content-2",
        dt.date(2030, 2, 28),
        2,
        [("色の話", "https://iro.example/2", None), ("形の話", "https://kata.example/2", None)],
    ),
    (
        kinds.articles_in_front,
        "front-matter-list",
        "2030-02-05",
        dt.date(2030, 2, 5),
        None,
        [("Pods rise", "https://pod.example/2", None), ("Beans fall", "https://times.example/2", None)],
    ),
    (
        kinds.timed_lists,
        "list-items",
        "002 - Beans of 2",
        dt.date(2030, 1, 3),
        2,
        [
            ("Welcome", None, 10.0),
            ("Soaking", "https://soak.example/2", 65.0),
            ("Shelling", "https://tool.example/2", 330.0),
            ("by hand", None, 370.0),
            ("Anna: Salt", "https://salt.example/2", None),
        ],
    ),
    (
        kinds.link_log,
        "json-list",
        "2030-02-03",
        dt.date(2030, 2, 3),
        None,
        [("豆 2-1", "https://mame.example/2/1", None)],
    ),
    (
        kinds.transcripts,
        "turns",
        "talk-2",
        dt.date(2030, 2, 7),
        2,
        [("Anna Bean: Turn 0 of Anna Bean, who says something about beans at length here.", None, 11.0)],
    ),
]


def _facts(draft: Draft) -> Facts:
    return [(entry.title, entry.url, entry.start) for entry in draft.entries]


@pytest.mark.parametrize(
    ("make", "strategy", "id", "date", "number", "facts"), SHAPES, ids=[shape[0].__name__ for shape in SHAPES]
)
def test_an_archive_of_this_shape_opens_as_it_lies(  # noqa: PLR0917 - one row of the table
    tmp_path: Path,
    make: Callable[[Path], Path],
    strategy: str,
    id: str,
    date: dt.date | None,
    number: int | None,
    facts: Facts,
) -> None:
    reader = ArchiveReader([make(tmp_path)])
    assert reader.strategy.name == strategy
    assert reader.strategy.counts[strategy] == sum(reader.strategy.counts.values())
    assert str(reader.strategy.counts[strategy]) in reader.strategy.reason
    drafts = drafts_by_id(reader)
    assert len(drafts) == 5
    draft = drafts[id]
    assert (draft.date, draft.number) == (date, number)
    assert _facts(draft) == facts

"""The law of the reader: each visible line of a body stands in a story or in the notes of its episode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from archive_samples import write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import ROOT, examples
from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.reading.draft import Draft, boilerplate_links
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.formats.page_formats import page_of
from zunda_mcp.reading.markdown.cleaning import without_hidden

SHARED = ROOT.parent / "shared"
PAGES = frozenset({".md", ".markdown", ".html", ".rst"})

_TARGET = re.compile(r"\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)|\]\[[^\[\]]*\]|<[^<>]*>|https?://\S+")
_REFERENCE = re.compile(r"\s{0,3}\[[^\]]+\]:\s")
_LABEL = re.compile(r"\A\W*(?:引用元|出典|タイトル|要約)\W*[:：]")
_MARK = re.compile(r"\s*(?:[-*+>]\s+|\d{1,9}[.)]\s+)*")
_TIME = re.compile(r"\d{1,3}:\d{2}(?::\d{2})?(?:\.\d+)?")
_PIECE = re.compile(r"[\[\]|*_`()（）<>\":：;,、。!?]+|\s[-–—]+\s|\.\s")


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, unescape(text).casefold()))


def bare(text: str) -> str:
    """A text without addresses, tags and times: readers see these elsewhere, or not at all."""
    return _TIME.sub("", _TARGET.sub("]", text))


def lines_of(body: str) -> Iterator[tuple[str, list[str]]]:
    """The visible lines of a body, each with the words of its parts between marks."""
    for line in without_hidden(body).split("\n"):
        if not _REFERENCE.match(line):
            text = bare(_LABEL.sub("", unescape(_MARK.sub("", line, count=1))))
            if parts := [part for piece in _PIECE.split(text) if (part := letters(piece))]:
                yield line, parts


def shown_by(drafts: list[Draft], boilerplate: frozenset[str]) -> str:
    """The letters of all that the finished episodes show, or that is found in them as spoken."""
    texts: list[str] = []
    for draft in drafts:
        episode, spoken = draft.episode(boilerplate), draft.speech(boilerplate)
        texts += [episode.title, episode.description, episode.prose, *episode.hosts, str(episode.date)]
        texts += [text for story in episode.stories for text in (story.title, story.summary)]
        texts += [spoken.besides, *spoken.stories]
    return letters("\n".join(map(bare, texts)))


def lost_lines(folder: Path) -> list[str]:
    """The visible lines of an archive that stand in no episode, with their files."""
    reader = ArchiveReader([folder])
    readings = [(file, list(reader.read(file).drafts)) for file in reader.scan().files]
    boilerplate = boilerplate_links(draft.links for _, drafts in readings for draft in drafts)
    lost: list[str] = []
    for file, drafts in readings:
        text = decode(file.path.read_bytes()).text if drafts and file.path.suffix in PAGES else None
        if text is not None:
            shown = shown_by(drafts, boilerplate)
            body = page_of(text, file.path).body
            lost += [
                f"{file.label}: {line}" for line, parts in lines_of(body) if not all(one in shown for one in parts)
            ]
    return lost


BODIES = {
    "headings over stories": "## News\n\n### Of the week\n\n- [Beans](https://a.ex/1)\n\n  Good.\n\n## Tools\n\n"
    "- [Pods](https://a.ex/2)\n\n  Better.\n\n## Goodbye\n",
    "sponsors": "## Sponsors\n\nThe bean company, twenty percent off.\n\n## Links\n\n- [Beans](https://a.ex/1) - all\n"
    "- [Letters](https://forms.gle/x) to us\n- [Pods](https://a.ex/2) - most\n",
    "minutes": "## [Beans](https://a.ex/1)\n\n**Ann:** Good.\n\n**Bob:** Better.\n\n#### Conclusion\n\nAll agree.\n\n"
    "## [Pods](https://a.ex/2)\n\n**Ann:** Green.\n\n**Bob:** Greener.\n",
    "turns": "# Part one\n\n**Ann:** Good.\n\n**Bob:** Better.\n\n## Break\n\n**Ann:** Green.\n\n**Bob:** Green.\n",
    "banner": "Hello banner.\n\n***\n\n1. [Beans](https://a.ex/1): all\n2. Without an address\n3. [Pods](https://a.ex/2)\n",
    "table": "| bean | pod |\n| --- | --- |\n| green | long |\n\n- [Beans](https://a.ex/1)\n- [Pods](https://a.ex/2)\n",
    "setext": "Loose\n-----\n\n[Beans](https://a.ex/1) are good.\n\n[Pod](https://a.ex/2) are better.\n",
    "details": "- [Beans](https://a.ex/1)\n\n<details><summary>More</summary>hidden detail</details>\n",
    "labels": "* Air Date: 2031-02-01\n* Duration: 57 mins 2 secs\n\n- [Beans](https://a.ex/1)\n- [Pods](https://a.ex/2)\n",
    "times": "- 0:10 Beans\n- 1:20 Pods\n\nThanks to the listeners.\n",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_each_visible_line_stands_in_a_story_or_in_the_notes(tmp_path: Path, body: str) -> None:
    for day in range(1, 5):
        write(tmp_path, f"2031-01-0{day}.md", f"---\ntitle: Day {day}\n---\n\n{body}\nOnly on day {day}.\n")
    assert lost_lines(tmp_path) == []


_BLOCK = st.sampled_from(
    [
        *("## Section {n}", "### Lower {n}", "Text {n} of a paragraph.", "- [Item {n}](https://a.ex/{n})"),
        *("- [Item {n}](https://a.ex/{n}) - remark {n}", "[Alone {n}](https://b.ex/{n})", "> Quoted {n}."),
        *(
            "  Indented {n}.",
            "- Plain item {n}",
            "1. Numbered {n}",
            "## Sponsors",
            "**Bold {n}**",
            "**Ann:** Word {n}.",
        ),
        *("- 0:{n}0 Topic {n}", "## [Headline {n}](https://c.ex/{n})", "| cell {n} | other |", "***"),
        *(
            "- [Standing](https://a.ex/standing)\n  this week {n}",
            "* Group {n}\n  * [Inner {n}](https://d.ex/{n})",
        ),
    ]
)


@given(st.lists(st.tuples(_BLOCK, st.sampled_from(["\n", "\n\n"])), min_size=1, max_size=12))
@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_line_is_lost_whatever_stands_beside_it(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("law")
    for day in range(1, 5):
        body = "".join(block.format(n=place % 5 + day) + gap for place, (block, gap) in enumerate(blocks))
        write(folder, f"2031-01-0{day}.md", f"---\ntitle: Day {day}\n---\n\n{body}")
    assert lost_lines(folder) == []


SAMPLES = [ROOT / "episodes", *sorted((ROOT / "tests" / "fixtures" / "archive").iterdir())]


@pytest.mark.parametrize("folder", SAMPLES, ids=lambda folder: str(folder.name))
def test_no_line_of_our_own_samples_is_lost(folder: Path) -> None:
    assert lost_lines(folder) == []


@pytest.mark.archive
@pytest.mark.parametrize("kind", ["archive", "archives", "trouble"])
def test_no_line_of_a_real_archive_is_lost(kind: str) -> None:
    folders = sorted(one for one in (SHARED / kind).iterdir() if one.is_dir())
    assert [line for folder in folders for line in lost_lines(folder)] == []


def test_what_stands_over_the_first_day_of_a_file_of_many_is_kept(tmp_path: Path) -> None:
    write(tmp_path, "2031.md", "# The year\n\nHello reader.\n\n## 2031-01-01\n\n- Beans.\n\n## 2031-01-02\n\n- Pods.\n")
    assert lost_lines(tmp_path) == []

"""Long transcripts: passages are found and read, counted as no stories, and a hit opens where its words are said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import library_over
from zunda_mcp.library import Library
from zunda_mcp.rendering import episode_text, search_text


def stamp(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    folder = tmp_path / "show"
    folder.mkdir()
    page = (
        "---\ntitle: Beans {0}\ndate: 2025-07-0{0}\naudio: https://example.com/beans-{0}.mp3\n---\n"
        "- [The bean market {0}](https://example.com/market/{0})\n\nPrices of beans rise.\n"
    )
    for number in (1, 2):
        (folder / f"beans-{number}.md").write_text(page.format(number), encoding="utf-8")
    talk = page.format(3).partition("- [")[0] + "We only talked.\n"
    (folder / "beans-3.md").write_text(talk, encoding="utf-8")
    said = ["The bean market opens with prices of beans that rise."]
    said += [f"We go on to speak of the garden, bed number {n}, and of what grows there in rows." for n in range(80)]
    said[60] = "And here somebody mentions the zundamonite mineral in passing."
    cues = "\n".join(
        f"{stamp(n * 10)} --> {stamp(n * 10 + 10)}\n{'<v Taro>' if n % 2 else '<v Hana>'}{text}\n"
        for n, text in enumerate(said)
    )
    (folder / "beans-3.vtt").write_text(f"WEBVTT\n\n{cues}", encoding="utf-8")
    with library_over(folder, tmp_path / "index") as opened:
        yield opened


def test_passages_are_no_stories_of_an_archive(library: Library) -> None:
    assert library.freshness().state == "building"
    report = library.refresh()
    assert (report.episodes, report.stories) == (3, 3)
    assert library.search("").total_stories == 3
    assert [one.stories for one in library.episodes()] == [1, 1, 1]
    assert library.freshness().stories == 3


def test_a_hit_opens_where_its_words_are_said(library: Library) -> None:
    hits = library.search("zundamonite").hits
    assert len(hits) == 2  # passages overlap by a turn
    for hit in hits:
        assert hit.start == 600
        assert hit.listen_url == "https://example.com/beans-3.mp3#t=600"
        assert hit.snippet.startswith("(spoken from 10:00) ")


def test_a_passage_is_listed_by_its_time_and_read_as_it_was_said(library: Library) -> None:
    hit = library.search("zundamonite").hits[0]
    shown = episode_text.markdown(library.episode(hit.episode_id))
    assert "## Heard in the recording\n\n- " in shown
    assert f"id {hit.id}" in shown
    assert "(no title)" not in shown
    assert "zundamonite" not in shown
    passage = episode_text.markdown(library.episode(hit.id))
    assert "Heard in the recording, as transcribed:" in passage
    assert "zundamonite mineral" in passage
    assert "(no title)" not in passage
    line = next(line for line in search_text.search(library.search("zundamonite")).split("\n") if line.startswith("- "))
    assert line.startswith(f"- 2025-07-03 {hit.id} passage: Beans 3 · heard at https://example.com/beans-3.mp3#t=600")


def test_an_archive_of_transcripts_alone_lists_its_episodes(tmp_path: Path) -> None:
    folder = tmp_path / "show"
    folder.mkdir()
    for number in (1, 2, 3):
        turns = "\n\n".join(f"**{'Taro' if n % 2 else 'Hana'}:** Sentence number {n} about beans." for n in range(60))
        (folder / f"2025-07-0{number}-talk.md").write_text(turns, encoding="utf-8")
    with library_over(folder, tmp_path / "index") as library:
        listed = library.search("")
        assert (listed.total_stories, listed.total_episodes) == (3, 3)
        assert [hit.id for hit in listed.hits] == ["2025-07-03-talk#1", "2025-07-02-talk#1", "2025-07-01-talk#1"]
        assert library.search("sentence number 7").hits

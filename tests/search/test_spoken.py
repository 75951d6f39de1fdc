"""What was only said is found too: after what is written, marked as spoken, with its time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import library_over
from zunda_mcp.library import Library
from zunda_mcp.rendering.episode_text import markdown

POST = """---
title: 豆の放送 第{n}回
date: 2031-01-0{n} 05:00:00 +0900
audio_file_path: https://show.example/audio/show{n}.mp3
---

- [量子化の話{n}](https://a.example/{n})

モデルを量子化して小さくする。

- [検索の話{n}](https://b.example/{n})

全文検索の仕組みを作る。猫にも使える。
"""


def write_episode(folder: Path, n: int, first: str, second: str, opening: str = "やっほー") -> None:
    """One episode with a timed script: what is said of its two stories, and before them."""
    (folder / f"2031-01-0{n}-{n}.md").write_text(POST.format(n=n), encoding="utf-8")
    slides = [
        {"type": "agenda", "notes": opening, "start_ms": 0, "end_ms": 5000},
        {"type": "section", "notes": first, "url": f"https://a.example/{n}", "start_ms": 5000, "end_ms": 256_000},
        {"type": "section", "notes": second, "url": f"https://b.example/{n}", "start_ms": 256_000, "end_ms": 300_000},
    ]
    (folder / "audio").mkdir(exist_ok=True)
    (folder / "audio" / f"show{n}.json").write_text(json.dumps(slides, ensure_ascii=False), encoding="utf-8")


@pytest.fixture(name="spoken")
def library_with_transcripts(tmp_path: Path) -> Iterator[Library]:
    folder = tmp_path / "show"
    folder.mkdir()
    write_episode(
        folder, 1, "エーアイわ、カレーパンを差し入れするのだ。", "猫わ検索しないのだ。", "マリアさまのお庭なのだ"
    )
    write_episode(folder, 2, "これわ量子化の話なのだ。", "ふくろうの検索なのだ。")
    with library_over(folder, tmp_path / "index") as library:
        yield library


def test_what_was_only_said_is_found_and_shown_as_spoken_with_its_time(spoken: Library) -> None:
    (hit,) = spoken.search("ふくろう").hits
    assert (hit.id, hit.matched, hit.start) == ("2031-01-02-2#2", ["spoken"], 256.0)
    assert hit.listen_url == "https://show.example/audio/show2.mp3#t=256"
    assert hit.snippet == "(spoken from 4:16) **ふくろう**の検索なのだ。"


@pytest.mark.parametrize(
    "question", ["Gab es schon mal eine Folge über ふくろう?", "y a-t-il un épisode sur ふくろう ?"]
)
def test_what_was_only_said_is_asked_for_in_another_language(spoken: Library, question: str) -> None:
    assert [hit.id for hit in spoken.search(question).hits] == ["2031-01-02-2#2"]


def test_a_word_that_is_only_said_is_never_called_absent(spoken: Library) -> None:
    answer = spoken.search("ふくろう カレーパン ラッコ")
    assert "ラッコ" in answer.understood.partition("not in the archive")[2]
    assert not {"ふくろう", "カレーパン"} & set(answer.understood.partition("not in the archive")[2].split(", "))


def test_one_word_may_be_written_and_the_other_spoken(spoken: Library) -> None:
    (hit,) = (one for one in spoken.search("量子化 カレーパン").hits if not one.near)
    assert hit.id == "2031-01-01-1#1"
    assert "spoken" in hit.matched


def test_what_is_written_comes_before_what_is_said(spoken: Library) -> None:
    hits = spoken.search("猫").hits
    assert [hit.matched for hit in hits] == [["summary"], ["summary"]]
    assert all("(spoken" not in hit.snippet for hit in hits)
    hits = spoken.search("カレーパン 差し入れ").hits
    assert [hit.id for hit in hits] == ["2031-01-01-1#1"]


def test_what_is_said_outside_the_stories_finds_the_episode(spoken: Library) -> None:
    (hit,) = spoken.search("お庭").hits
    assert (hit.id, hit.matched) == ("2031-01-01-1", ["spoken"])
    assert hit.snippet.startswith("(spoken) マリアさまの**お庭**")


def test_spelling_for_a_speech_engine_is_never_a_summary_and_no_word_of_the_archive(spoken: Library) -> None:
    episode = spoken.episode("2031-01-01-1").episode
    assert "エーアイ" not in episode.model_dump_json()
    assert [story.start for story in episode.stories] == [5.0, 256.0]
    assert spoken.search("量子化").total_stories == 2


def test_an_episode_that_is_a_recording_and_nothing_else_is_read_as_what_is_spoken(tmp_path: Path) -> None:
    (tmp_path / "show").mkdir()
    (tmp_path / "show" / "2031-01-05-talk.srt").write_text("1\n00:00:01,000 --> 00:00:04,000\nThe boat needs a sail.\n")
    with library_over(tmp_path / "show", tmp_path / "index") as library:
        answer = library.episode("latest")
    assert answer.story is None
    assert answer.spoken == "The boat needs a sail."
    assert "Heard in the recording, as transcribed:\n\nThe boat needs a sail." in markdown(answer)


def test_a_changed_transcript_is_heard_by_the_next_question(spoken: Library, tmp_path: Path) -> None:
    assert not spoken.search("かわうそ").hits
    write_episode(tmp_path / "show", 2, "これわ量子化の話なのだ。", "かわうその検索なのだ。")
    assert [hit.id for hit in spoken.search("かわうそ").hits] == ["2031-01-02-2#2"]
    assert not spoken.search("ふくろう").hits


def test_excluded_words_count_where_they_are_spoken(spoken: Library) -> None:
    assert [hit.id for hit in spoken.search("検索の話").hits] == ["2031-01-02-2#2", "2031-01-01-1#2"]
    assert not spoken.search("ふくろう -検索").hits


def test_a_sentence_that_only_speech_holds_whole_is_not_called_complete(tmp_path: Path) -> None:
    folder = tmp_path / "show"
    folder.mkdir()
    write_episode(folder, 1, "風車わ修理で回るのだ。", "猫わ検索しないのだ。")
    write_episode(folder, 2, "これわ量子化の話なのだ。", "ふくろうの検索なのだ。")
    head = "---\ntitle: 第3回\ndate: 2031-01-03\n---\n\n"
    page = f"{head}- [古い風車を残す](https://example.com/w)\n  風車はまだ回る。町の人が修理を続ける。\n"
    (folder / "2031-01-03-3.md").write_text(page, encoding="utf-8")
    with library_over(folder, tmp_path / "index") as library:
        found = library.search("修理した風車が回る話")
        assert {hit.episode_id for hit in found.hits} >= {"2031-01-01-1", "2031-01-03-3"}
        assert not found.complete

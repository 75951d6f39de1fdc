"""Long talks written as plain text: what machines heard, on one line, and turns whose times are links."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from archive_samples import read_all, read_one, write

from zunda_mcp.models import PASSAGE
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.transcripts.transcript import SIZE
from zunda_mcp.reading.transcripts.transcript_file import read_transcript

WORDS = [f"bean{n} grows and pod{n} is green" for n in range(600)]
HEARD = " ".join(WORDS)

RAIN = " ".join(["Peas like rain, as all of us said, and beans climb up to the sun."] * 40)

TALK = f"""# #12 – Ann Bean: Pods and Peas | The Garden Show
# Episode #12
# Source: https://garden.example/ann-bean

# Transcript for Ann Bean: Pods and Peas

The times are links. Here are some useful links:

  * Go back to [this episode’s page](https://garden.example/ann-bean/)

## Table of Contents

  * 0:00 – Introduction
  * 1:57 – Peas & pods
  * 1:02:10 – Harvest

## Introduction

Ben Stalk [(00:00:00)](https://youtube.com/watch?v=abcdefghijk&t=0) This is the Garden Show.

[(00:00:30)](https://youtube.com/watch?v=abcdefghijk&t=30) Please welcome Ann. {RAIN}

## Peas & pods

Ann Bean [(00:01:57)](https://youtube.com/watch?v=abcdefghijk&t=117) Peas climb.

Ben Stalk [(00:02:10)](https://youtube.com/watch?v=abcdefghijk&t=130) Oh, yeah.

Ann Bean [(00:02:12)](https://youtube.com/watch?v=abcdefghijk&t=132) And they like sun.

[(00:20:12)](https://youtube.com/watch?v=abcdefghijk&t=1212) Up to a metre: I measured.

## Harvest

Ben Stalk [(01:02:10)](https://youtube.com/watch?v=abcdefghijk&t=3730) When is it time?

Ann Bean [(01:02:20)](https://youtube.com/watch?v=abcdefghijk&t=3740) In June.

## About Ben

Host of the Garden Show.
"""


def draft_of(folder: Path, text: str, name: str = "2031-01-04 Ann Bean.txt") -> Draft:
    draft = read_one(folder, text, name).draft
    assert draft is not None
    return draft


@pytest.mark.parametrize("text", [HEARD, "\n".join(WORDS)], ids=["on one line", "broken into lines"])
def test_what_a_machine_heard_in_one_paragraph_is_passages(tmp_path: Path, text: str) -> None:
    draft = draft_of(tmp_path, text)
    assert draft.title == "Ann Bean"
    assert draft.prose == ""
    assert {entry.kind for entry in draft.entries} == {PASSAGE}
    assert max(len(entry.spoken) for entry in draft.entries) <= SIZE + 10
    spoken = [set(entry.spoken.split()) for entry in draft.entries]
    assert set(HEARD.split()) == set().union(*spoken)
    assert not any({"bean1", "bean500"} <= words for words in spoken)
    assert all(any(f"bean{n} grows and pod{n} is green" in entry.spoken for entry in draft.entries) for n in range(600))


def test_a_long_text_that_somebody_wrote_stays_one(tmp_path: Path) -> None:
    written = {
        "paragraphs": "\n\n".join(" ".join(WORDS[at : at + 20]) for at in range(0, 600, 20)),
        "lines": "\n".join(f"Bean {n}: {words}." for n, words in enumerate(WORDS)),
        "items": "\n".join(f"- {words}" for words in WORDS),
        "a link": f"[the beans](https://a.example/) {HEARD}",
    }
    for name, text in written.items():
        assert not any(entry.kind for entry in draft_of(tmp_path / name, text).entries), name


def test_one_talk_among_texts_with_nothing_to_split_is_passages(tmp_path: Path) -> None:
    for number in range(1, 21):
        write(tmp_path, f"2031-02-{number:02}.md", f"---\ntitle: Day {number}\n---\n\n{' '.join(WORDS[:20])}\n")
    write(tmp_path, "2031-01-04.md", f"---\ntitle: Talk\n---\n\n{HEARD}\n")
    found, _ = read_all(tmp_path)
    assert {story.kind for story in found["2031-01-04"].stories} == {PASSAGE}
    assert not any(found[f"2031-02-{number:02}"].stories for number in range(1, 21))


def test_words_without_a_full_stop_are_cut_between_words() -> None:
    from zunda_mcp.reading.transcripts.transcript import passages

    cut = passages(read_transcript(HEARD, "t.txt").cues)
    assert {word for passage in cut for word in passage.text.split()} == set(HEARD.split())


def test_turns_with_times_that_are_links_are_speech_and_no_stories(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, TALK)
    assert {entry.kind for entry in draft.entries} == {PASSAGE}
    spoken = "\n\n".join(entry.spoken for entry in draft.entries)
    peas = "Ann Bean: Peas climb.\n\nBen Stalk: Oh, yeah.\n\nAnn Bean: And they like sun.\n\nUp to a metre: I measured."
    assert peas in spoken
    last = draft.entries[-1]
    moments = {last.spoken[at : at + 5]: second for at, second in last.moments}
    assert moments == {
        "Peas ": 117.0,
        "Oh, y": 130.0,
        "And t": 132.0,
        "Up to": 1212.0,
        "When ": 3730.0,
        "In Ju": 3740.0,
    }
    assert draft.hosts == ("Ben Stalk", "Ann Bean")


def test_the_table_of_contents_of_a_talk_tells_its_chapters_once(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, TALK)
    assert "* 0:00 – Introduction\n  * 1:57 – Peas & pods\n  * 1:02:10 – Harvest" in draft.prose
    assert draft.prose.count("Harvest") == 1


def test_what_stands_below_a_talk_is_no_speech(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, TALK)
    assert draft.prose.endswith("## About Ben\n\nHost of the Garden Show.")
    assert "In June." in draft.entries[-1].spoken
    assert not any("Host of" in entry.spoken for entry in draft.entries)


def test_the_first_headings_tell_the_page_and_its_times_the_recording(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, TALK)
    assert (draft.title, draft.number) == ("#12 – Ann Bean: Pods and Peas | The Garden Show", 12)
    assert draft.page_url == "https://garden.example/ann-bean"
    assert draft.youtube_id == "abcdefghijk"


def test_a_day_within_running_prose_is_none(tmp_path: Path) -> None:
    write(tmp_path, "1 - Ann.txt", f"{HEARD} it was February 4th 2021 and {HEARD}")
    write(tmp_path, "2 - Ben.txt", HEARD)
    write(tmp_path, "3 - Cid.txt", HEARD)
    found, _ = read_all(tmp_path)
    assert [one.date for one in found.values()] == [None] * 3


def test_one_day_in_the_first_lines_of_many_texts_is_not_believed(tmp_path: Path) -> None:
    for number in range(1, 21):
        write(tmp_path, f"{number} - Ann.txt", "We flew kites.\n\nThe tails were long.\n")
    write(tmp_path, "21 - Ben.txt", "We met on 3 June 2024 by the sea.\n\nThe tails were long.\n")
    found, _ = read_all(tmp_path)
    assert {one.date for one in found.values()} == {None}
    assert len(found) == 21


def test_texts_of_which_many_have_a_day_in_their_first_lines_have_it(tmp_path: Path) -> None:
    for day in range(1, 21):
        write(tmp_path, f"{day} - Ann.txt", f"We met on {day} June 2024 by the sea.\n\nThe tails were long.\n")
    found, _ = read_all(tmp_path)
    assert {one.date for one in found.values()} == {dt.date(2024, 6, day) for day in range(1, 21)}

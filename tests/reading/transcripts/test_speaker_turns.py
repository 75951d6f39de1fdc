"""Who speaks: a page and a transcript are read by the same rules, so the same text has the same speakers in both."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_samples import write

from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.transcripts.transcript_file import read_transcript

NAMES = ("Ann", "Ben", "Ann", "Ben", "Ann", "Ben")
FORMS = {
    "bold": "**{name}:** Pod {n} is green, and it grows.\n\n",
    "bold, the colon outside": "**{name}**: Pod {n} is green, and it grows.\n\n",
    "bold with a time": "**{name}** [0:0{n}] Pod {n} is green, and it grows.\n\n",
    "plain": "{name}: Pod {n} is green, and it grows.\n\n",
    "a name over its words": "{name} 0:0{n}\nPod {n} is green, and it grows.\n\n",
    "a time first": "[0:0{n}] {name}: Pod {n} is green, and it grows.\n\n",
    "a time between": "{name} [0:0{n}]: Pod {n} is green, and it grows.\n\n",
    "a wide colon": "{name}：Pod {n} is green, and it grows.\n\n",
    "the log of a chat": "18:0{n} <{name}> Pod {n} is green, and it grows.\n",
    "a log with seconds and ranks": "[18:00:0{n}] <@{name}> Pod {n} is green, and it grows.\n",
}


def spoken_on_pages(folder: Path, text: str, days: range = range(10, 13)) -> list[str]:
    for day in days:
        write(folder, f"2031-01-{day}.md", f"---\ntitle: Day {day}\n---\n\n{text}")
    reader = ArchiveReader([folder])
    draft = reader.read(reader.scan().files[0]).draft
    assert draft is not None
    return [entry.spoken for entry in draft.entries if entry.kind == "passage"]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_page_and_a_transcript_name_the_same_speakers(tmp_path: Path, form: str) -> None:
    text = "".join(form.format(name=name, n=n) for n, name in enumerate(NAMES))
    turns = [(name, f"Pod {n} is green, and it grows.") for n, name in enumerate(NAMES)]
    cues = read_transcript(text, "t.md").cues
    assert [(cue.speaker, cue.text) for cue in cues] == turns
    assert spoken_on_pages(tmp_path, text) == ["\n\n".join(f"{name}: {words}" for name, words in turns)]


def test_a_word_before_a_colon_is_no_speaker_among_names_in_bold(tmp_path: Path) -> None:
    asked = "Question: is pod {n} green?\n\nAnswer: it is.\n\n"
    text = "".join(f"**{name}:** Good.\n\n{asked.format(n=n)}" for n, name in enumerate(NAMES))
    cues = read_transcript(text, "t.md").cues
    assert {cue.speaker for cue in cues} == {"Ann", "Ben"}
    (passage,) = spoken_on_pages(tmp_path, text)
    assert passage.startswith("Ann: Good.\n\nQuestion: is pod 0 green?\n\nAnswer: it is.\n\nBen: Good.")


def test_a_time_within_what_is_spoken_is_a_moment_of_it_and_no_word(tmp_path: Path) -> None:
    text = "".join(f"**{name}:** One. \\[0:1{n}\\] Two.\n\n" for n, name in enumerate(NAMES))
    (passage,) = spoken_on_pages(tmp_path, text)
    assert passage.startswith("Ann: One.\n\nTwo.\n\nBen: One.")
    reader = ArchiveReader([tmp_path])
    draft = reader.read(reader.scan().files[0]).draft
    assert draft is not None
    moments = draft.entries[0].moments
    assert [(passage[at : at + 4], second) for at, second in moments[:2]] == [("Two.", 10.0), ("Two.", 11.0)]


def test_a_sentence_that_a_time_stands_in_is_no_name() -> None:
    cues = read_transcript("We sowed \\[00:05\\] and we reaped.\n", "t.md").cues
    assert [(cue.start, cue.speaker, cue.text) for cue in cues] == [
        (None, None, "We sowed"),
        (5.0, None, "and we reaped."),
    ]


def test_labels_below_links_are_no_speakers(tmp_path: Path) -> None:
    for day in range(10, 16):
        items = "".join(
            f"- [豆 {day}-{n}](https://a.ex/{day}/{n})\n\n  概要：豆 {n} は緑です。\n\n  感想：よく育ちます。\n\n"
            for n in range(1, 6)
        )
        write(tmp_path, f"2031-01-{day}.md", f"---\ntitle: Day {day}\n---\n\n{items}")
    episodes, _ = read_archive(ArchiveReader([tmp_path]))
    assert {story.kind for one in episodes for story in one.stories} == {None}


def test_a_name_may_have_several_words() -> None:
    names = ("Audience member", "Ann Bean & Ben Stalk", "Dr. Ann Bean", "Speaker 1", "ben")
    text = "".join(f"{name}: Pod {n} is green.\n\n" for n, name in enumerate(names * 2))
    assert {cue.speaker for cue in read_transcript(text, "t.md").cues} == set(names)


def test_a_colon_behind_a_time_alone_belongs_to_it() -> None:
    said = ("Ann (00:00:01)", "", "Bo (00:00:12)", "Ann (00:00:15)", "Bo (00:00:18)")
    text = "\n".join(f"{name or '(00:00:09)'}:\nRope {n} holds.\n" for n, name in enumerate(said))
    cues = read_transcript(text, "1.md").cues
    assert [(cue.start, cue.speaker, cue.text) for cue in cues[:3]] == [
        (1.0, "Ann", "Rope 0 holds."),
        (9.0, "Ann", "Rope 1 holds."),
        (12.0, "Bo", "Rope 2 holds."),
    ]


def test_the_log_of_a_chat_below_notes_is_text_of_the_page_and_no_list_of_stories(tmp_path: Path) -> None:
    notes = "".join(f"- [Note {n}](https://n.example/{n}) on pods.\n" for n in range(3))
    log = "".join(f"18:0{n} <{name}> Pod {n} is green.\n" for n, name in enumerate(NAMES))
    for day in range(10, 13):
        write(tmp_path, f"2031-01-{day}.md", f"---\ntitle: Day {day}\n---\n\n## Notes\n\n{notes}\n## Log\n\n{log}")
    reader = ArchiveReader([tmp_path])
    draft = reader.read(reader.scan().files[0]).draft
    assert draft is not None
    assert [entry.title for entry in draft.entries if entry.url] == ["Note 0", "Note 1", "Note 2"]
    assert not any("<" in entry.title or entry.start for entry in draft.entries)
    episodes, _ = read_archive(reader)
    assert all("Pod 5 is green" in str(episode) for episode in episodes)

"""An episode is read with its transcript, and read again when that changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from archive_samples import REAL, write

from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.reading.draft import Draft, Entry
from zunda_mcp.reading.file_reader import FileReading
from zunda_mcp.reading.source_file import SourceFile
from zunda_mcp.reading.transcripts.transcript_file import read_transcript
from zunda_mcp.text.urls import canonical_url

POST = """---
title: 豆の回
date: 2031-01-0{day} 05:00:00 +0900
audio_file_path: /audio/{audio}.mp3
---

- [豆の話](https://mame.example/{day})

豆の要点です。

- [猫の話](https://neko.example/{day})

猫の要点です。
"""


def script(*slides: tuple[str, int, int, str, str | None]) -> str:
    return json.dumps(
        [
            {"type": kind, "title": "", "start_ms": start, "end_ms": end, "notes": notes, "url": url}
            for kind, start, end, notes, url in slides
        ]
    )


SCRIPT = script(
    ("agenda", 0, 5000, "やっほー", None),
    ("section", 5000, 9000, "豆わ、エーアイ", "https://mame.example/1"),
    ("content", 9000, 9000, "書かれただけ", None),
    ("section", 9500, 12000, "猫わ、かわいい", "https://neko.example/1"),
    ("closing", 12000, 13000, "バイバイ", None),
)


def site(folder: Path) -> ArchiveReader:
    write(folder, "_config.yml", "url: https://show.example\n")
    write(folder, "_posts/2031-01-01-1.md", POST.format(day=1, audio="show_20310101"))
    write(folder, "audio/show_20310101.json", SCRIPT)
    write(folder, "audio/show_20310101.txt", "やっほー\n")
    return ArchiveReader([folder / "_posts"])


def only(reader: ArchiveReader) -> tuple[SourceFile, FileReading]:
    (file,) = reader.scan().files
    return file, reader.read(file)


def draft_of(reading: FileReading) -> Draft:
    assert reading.draft is not None
    return reading.draft


def test_a_story_gets_its_time_and_what_is_said_of_it_and_the_episode_the_rest(tmp_path: Path) -> None:
    _, reading = only(site(tmp_path))
    draft = draft_of(reading)
    assert [(entry.start, entry.spoken) for entry in draft.entries] == [
        (5.0, "豆わ、エーアイ"),
        (9.5, "猫わ、かわいい"),
    ]
    assert draft.spoken == "やっほー\nバイバイ"
    assert [entry.summary for entry in draft.entries] == ["豆の要点です。", "猫の要点です。"]
    assert reading.problems == ()


def test_a_changed_new_or_deleted_transcript_changes_its_episode(tmp_path: Path) -> None:
    reader = site(tmp_path)
    file, reading = only(reader)
    assert only(reader)[0] == file
    write(tmp_path, "audio/show_20310101.json", SCRIPT.replace("5000", "6000"))
    changed, again = only(reader)
    assert (changed.size, changed.mtime_ns) != (file.size, file.mtime_ns)
    assert again.digest != reading.digest
    (tmp_path / "audio" / "show_20310101.json").unlink()
    fallback, from_text = only(reader)
    assert fallback.size < changed.size
    assert draft_of(from_text).spoken == "やっほー"
    (tmp_path / "audio" / "show_20310101.txt").unlink()
    bare, silent = only(reader)
    assert bare.transcripts == ()
    assert draft_of(silent).spoken == ""
    write(tmp_path, "audio/show_20310101.json", SCRIPT)
    assert draft_of(only(reader)[1]).entries[0].start == 5.0


def test_a_transcript_that_cannot_be_read_is_a_problem_and_the_next_one_is_taken(tmp_path: Path) -> None:
    reader = site(tmp_path)
    write(tmp_path, "audio/show_20310101.json", "[\n{")
    _, reading = only(reader)
    assert draft_of(reading).spoken == "やっほー"
    assert [(problem.path, problem.line, problem.skipped) for problem in reading.problems] == [
        (f"{tmp_path.name}/audio/show_20310101.json", 2, False)
    ]


def test_a_recording_whose_name_says_nothing_is_found_by_the_front_matter(tmp_path: Path) -> None:
    write(tmp_path, "_config.yml", "url: https://show.example\n")
    for day, audio in ((1, "pea"), (2, "cat")):
        write(tmp_path, f"_posts/2031-01-0{day}-{day}.md", POST.format(day=day, audio=audio))
        write(tmp_path, f"audio/{audio}.srt", f"1\n00:00:0{day},000 --> 00:00:09,000\nこれわ{audio}\n")
    reader = ArchiveReader([tmp_path / "_posts"])
    drafts = [draft_of(reader.read(file)) for file in reader.scan().files]
    assert [draft.spoken for draft in drafts] == ["これわpea", "これわcat"]


def test_transcripts_in_markdown_are_no_episodes_of_their_own(tmp_path: Path) -> None:
    write(tmp_path, "notes/2031-01-01-1.md", POST.format(day=1, audio="x"))
    write(tmp_path, "transcripts/2031-01-01-1.md", "**Ann:** 豆の話です。\n\n**Bob:** 猫の話もね。\n")
    write(tmp_path, "transcripts/2031-01-05-5.md", POST.format(day=5, audio="y"))
    reader = ArchiveReader([tmp_path])
    files = reader.scan().files
    assert [file.path.name for file in files] == ["2031-01-01-1.md", "2031-01-05-5.md"]
    draft = draft_of(reader.read(files[0]))
    assert [entry.spoken for entry in draft.entries] == ["Ann: 豆の話です。", "Bob: 猫の話もね。"]


def test_a_long_transcript_without_stories_becomes_passages(tmp_path: Path) -> None:
    write(tmp_path, "2031-01-01-1.md", "---\ntitle: 豆\ndate: 2031-01-01\n---\n\n話すだけ。\n")
    rows = "".join(f"00:{at:02}:00.000 --> 00:{at:02}:50.000\n<v Ann>{'word ' * 30}{at}\n\n" for at in range(40))
    write(tmp_path, "2031-01-01-1.vtt", f"WEBVTT\n\n{rows}")
    _, reading = only(ArchiveReader([tmp_path]))
    entries = draft_of(reading).entries
    assert len(entries) > 4
    for entry in entries:
        assert entry == Entry("", None, None, None, "", 0, entry.start, entry.spoken, "passage", moments=entry.moments)
        assert entry.moments[0][1] == entry.start
    starts = [entry.start or 0.0 for entry in entries]
    assert starts == sorted(set(starts))


def test_files_about_something_else_are_no_transcripts(tmp_path: Path) -> None:
    write(tmp_path, "2031-01-01-1.md", POST.format(day=1, audio="x"))
    for name in ("package.json", "robots.txt", "media/index.json", "audio/2031-01-02.txt"):
        write(tmp_path, name, "{}")
    reader = ArchiveReader([tmp_path])
    readings = [(file, reader.read(file)) for file in reader.scan().files]
    assert all(file.transcripts == () and reading.problems == () for file, reading in readings)
    assert sum(len(reading.drafts) for _, reading in readings) == 1


VTT = "WEBVTT\n\n00:01.000 --> 00:05.000\nこれわ豆\n"


def test_captions_in_a_folder_of_their_own_are_episodes_beside_an_archive_of_pages(tmp_path: Path) -> None:
    for day in range(1, 5):
        write(tmp_path, f"letters/2031-01-0{day}-{day}.md", POST.format(day=day, audio="x"))
    for day in (6, 7):
        write(tmp_path, f"talks/2031-01-0{day} beans.vtt", VTT)
        write(tmp_path, f"talks/2031-01-0{day} beans.srt", "1\n00:00:01,000 --> 00:00:05,000\nこれわ豆\n")
    scan = ArchiveReader([tmp_path]).scan()
    assert [file.path.name for file in scan.files][4:] == ["2031-01-06 beans.vtt", "2031-01-07 beans.vtt"]
    assert scan.problems == ()


def test_captions_that_belong_to_no_episode_are_named(tmp_path: Path) -> None:
    for day in range(1, 5):
        write(tmp_path, f"letters/2031-01-0{day}-{day}.md", POST.format(day=day, audio="x"))
    write(tmp_path, "transcripts/2031-01-01-1.vtt", VTT)
    write(tmp_path, "transcripts/nobody.vtt", VTT)
    scan = ArchiveReader([tmp_path]).scan()
    assert [bool(file.transcripts) for file in scan.files] == [True, False, False, False]
    (problem,) = scan.problems
    assert (problem.path, problem.cause[:10], problem.skipped) == (f"{tmp_path.name}/transcripts", "1 captions", True)


# --- a real archive with 36 timed scripts


@pytest.fixture(scope="module", name="spoken")
def real_spoken() -> list[tuple[SourceFile, Draft]]:
    reader = ArchiveReader([REAL / "_posts", REAL / "_posts.bak"])
    files = [file for file in reader.scan().files if file.transcripts]
    return [(file, draft_of(reader.read(file))) for file in files]


@pytest.mark.archive
def test_every_section_with_the_address_of_a_story_gives_its_time(spoken: list[tuple[SourceFile, Draft]]) -> None:
    assert len(spoken) == 36
    compared = 0
    for file, draft in spoken:
        (path,) = (one.path for one in file.transcripts if one.path.suffix == ".json")
        slides = json.loads(path.read_text(encoding="utf-8"))
        starts: dict[str, float] = {}
        for slide in slides:
            if slide["type"] == "section" and slide.get("url"):
                starts.setdefault(canonical_url(slide["url"]), slide["start_ms"] / 1000)
        for entry in draft.entries:
            if entry.url and canonical_url(entry.url) in starts:
                assert entry.start == starts[canonical_url(entry.url)], (draft.id, entry.title)
                compared += 1
    assert compared == 127


@pytest.mark.archive
def test_times_rise_and_each_story_has_what_is_said_of_it(spoken: list[tuple[SourceFile, Draft]]) -> None:
    silent = 0
    for _, draft in spoken:
        starts = [entry.start for entry in draft.entries if entry.start is not None]
        assert starts == sorted(set(starts)), draft.id
        for entry in draft.entries:
            assert bool(entry.spoken) == (entry.start is not None), (draft.id, entry.title)
            assert len(entry.spoken) < 1200, "a story was given more than its own part"
        silent += sum(entry.start is None and "forms.gle" not in (entry.link or "") for entry in draft.entries)
        assert 200 < len(draft.spoken) < 1000
    assert silent == 3, "three stories have no section: they were left out of the broadcast"


@pytest.mark.archive
def test_nothing_spoken_is_in_a_summary_and_every_word_spoken_is_somewhere(
    spoken: list[tuple[SourceFile, Draft]],
) -> None:
    bare = ArchiveReader([REAL / "_posts", REAL / "_posts.bak"])
    for file, draft in spoken:
        alone = draft_of(bare.read(SourceFile(file.location, file.label, file.size, file.mtime_ns)))
        assert [entry.summary for entry in draft.entries] == [entry.summary for entry in alone.entries]
        assert (draft.prose, draft.description) == (alone.prose, alone.description)
        (path,) = (one.path for one in file.transcripts if one.path.suffix == ".json")
        cues = read_transcript(path.read_text(encoding="utf-8"), path.name).cues
        whole = "".join("".join([*(entry.spoken for entry in draft.entries), draft.spoken]).split())
        assert sorted(whole) == sorted("".join("".join(cue.text for cue in cues).split())), draft.id

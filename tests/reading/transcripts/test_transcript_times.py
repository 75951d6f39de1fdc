"""Notes that tell times, transcripts in folders of their own, and archives of nothing but captions."""

from __future__ import annotations

from pathlib import Path

from archive_samples import write

from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.draft import Draft

NOTES = "---\ntitle: Beans\n---\n\n* [00:00] Hello\n* [01:00] [Sowing](https://sow.example/)\n* [02:00] Harvest\n"
CAPTIONS = "WEBVTT\n\n" + "".join(
    f"00:0{minute}:01.000 --> 00:0{minute}:09.000\n{text}\n\n"
    for minute, text in enumerate(("welcome everybody", "we put seeds into the ground", "then we picked pods"))
)


def _drafts(folder: Path) -> dict[str, Draft]:
    reader = ArchiveReader([folder])
    return {draft.id: draft for file in reader.scan().files for draft in reader.read(file).drafts}


def test_times_of_the_notes_say_what_was_said_of_a_story(tmp_path: Path) -> None:
    write(tmp_path, "2030-01-01-1.md", NOTES)
    write(tmp_path, "2030-01-01-1.vtt", CAPTIONS)
    draft = _drafts(tmp_path)["2030-01-01-1"]
    assert [(entry.title, entry.start, entry.spoken) for entry in draft.entries] == [
        ("Hello", 0.0, "welcome everybody"),
        ("Sowing", 60.0, "we put seeds into the ground"),
        ("Harvest", 120.0, "then we picked pods"),
    ]


def test_a_transcript_without_times_leaves_those_of_the_notes(tmp_path: Path) -> None:
    write(tmp_path, "2030-01-01-1.md", NOTES)
    turns = "".join(f"**{name}:** {text}\n\n" for name, text in (("Anna", "Hello!"), ("Bob", "Sowing it is.")) * 3)
    write(tmp_path, "_transcripts/2030-01-01-1.md", f"---\nepisode: 2030-01-01-1.md\n---\n\n{turns}")
    write(tmp_path, "2030-01-02-2.md", NOTES)
    drafts = _drafts(tmp_path)
    assert list(drafts) == ["2030-01-01-1", "2030-01-02-2"]
    assert [entry.start for entry in drafts["2030-01-01-1"].entries][:3] == [0.0, 60.0, 120.0]
    assert "Sowing it is." in "".join(entry.spoken for entry in drafts["2030-01-01-1"].entries)


def test_an_archive_of_nothing_but_captions_has_an_episode_for_each(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        write(tmp_path, f"captions/{number:03}_beans_and_peas.vtt", CAPTIONS)
        write(tmp_path, f"captions/{number:03}_beans_and_peas.txt", "welcome everybody\n")
    drafts = _drafts(tmp_path)
    draft = drafts["002_beans_and_peas"]
    assert len(drafts) == 3
    assert (draft.number, draft.title, draft.date) == (2, "beans and peas", None)
    assert "seeds" in draft.spoken + "".join(entry.spoken for entry in draft.entries)


def test_captions_beside_pages_are_no_episodes(tmp_path: Path) -> None:
    for number in (1, 2):
        write(tmp_path, f"2030-01-0{number}-{number}.md", "---\ntitle: B\n---\n\nText.\n")
        write(tmp_path, f"other-{number}.vtt", CAPTIONS)
    assert len(_drafts(tmp_path)) == 2


def test_an_item_without_address_that_every_episode_has_is_no_story(tmp_path: Path) -> None:
    for number in (1, 2, 3, 4):
        links = [f"Bean {number}", f"[Pea](https://pea.example/{number})", f"[Rice](https://rice.example/{number})"]
        items = "".join(f"- {item}\n" for item in (*links, "Mail us at [beans](mailto:beans@example.org)"))
        write(tmp_path, f"2030-01-0{number}-{number}.md", f"---\ntitle: B\n---\n\n{items}")
    episodes, _ = read_archive(ArchiveReader([tmp_path]))
    assert [story.title for story in episodes[1].stories] == ["Bean 2", "Pea", "Rice"]

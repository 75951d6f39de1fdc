"""Faults that archives of all kinds have, each as a tiny archive with what is right about it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from archive_samples import write

from zunda_mcp.models import Episode, Problem
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.transcripts.transcript_file import read_transcript


def read(folder: Path, files: Mapping[str, str | bytes]) -> tuple[dict[str, Episode], list[Problem]]:
    for name, content in files.items():
        if isinstance(content, bytes):
            (folder / name).write_bytes(content)
        else:
            write(folder, name, content)
    episodes, problems = read_archive(ArchiveReader([folder]))
    return {episode.id: episode for episode in episodes}, problems


def page(front: str, body: str = "Text.\n") -> str:
    return f"---\n{front}\n---\n\n{body}"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("title: Episode 12: Beans", "Episode 12: Beans"),
        ("title: @beans", "@beans"),
        ("title: [Draft] beans", "[Draft] beans"),
        ("title: *Beans* for all", "*Beans* for all"),
        ("title: 'Bob's beans'", "Bob's beans"),
        (" title: Beans", "Beans"),
        ("title:\tBeans: all", "Beans: all"),
        ("title: Beans\n  and pods: all", "Beans and pods: all"),
    ],
)
def test_a_bad_line_of_front_matter_costs_that_line_alone(tmp_path: Path, line: str, title: str) -> None:
    episodes, problems = read(tmp_path, {"beans.md": page(f"date: 2031-01-01\n{line}\nhosts: [Ann, Bob]")})
    assert (episodes["beans"].title, episodes["beans"].hosts) == (title, ("Ann", "Bob"))
    assert str(episodes["beans"].date) == "2031-01-01"
    assert len(problems) <= 1


@pytest.mark.parametrize("line", ["draft: true", "published: false", "status: draft"])
def test_a_draft_is_left_out_and_named(tmp_path: Path, line: str) -> None:
    files = {"2031-01-01-1.md": page("title: Beans"), "2031-01-02-2.md": page(f"title: Pods\n{line}")}
    episodes, (problem,) = read(tmp_path, files)
    assert list(episodes) == ["2031-01-01-1"]
    assert (problem.skipped, line in problem.cause) == (True, True)


def test_a_folder_of_drafts_is_left_out_and_named(tmp_path: Path) -> None:
    files = {"_posts/2031-01-01-1.md": page("title: Beans"), "_drafts/2031-01-02-2.md": page("title: Pods")}
    episodes, (problem,) = read(tmp_path, files)
    assert list(episodes) == ["2031-01-01-1"]
    assert problem.path.endswith("/_drafts")


COPIES = [
    "2031-01-01-1 (Ann's conflicted copy 2031-01-02).md",
    "2031-01-01-1.sync-conflict-20310102-101010-ABCDEFG.md",
    "2031-01-01-1 (1).md",
    "2031-01-01-1 - Copy.md",
    "2031-01-01-1 - コピー.md",
]


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_of_a_sync_program_is_left_out_and_named(tmp_path: Path, name: str) -> None:
    files = {"2031-01-01-1.md": page("title: Beans"), name: page("title: Pods")}
    episodes, (problem,) = read(tmp_path, files)
    assert [episode.title for episode in episodes.values()] == ["Beans"]
    assert "copy of 2031-01-01-1.md" in problem.cause


def test_what_only_looks_like_a_copy_is_an_episode(tmp_path: Path) -> None:
    files = {"2031-01-01 (1).md": page("title: Beans"), "2031-01-02 (2).md": page("title: Pods")}
    assert len(read(tmp_path, files)[0]) == 2


def test_people_are_those_named_and_never_a_recording(tmp_path: Path) -> None:
    front = "title: Beans\ncast: B1.mp3\nparticipants:\n  - name: Ann\n  - name: Bob\nguests: [Cid]"
    episodes, _ = read(tmp_path, {"2031-01-01-1.md": page(front)})
    assert episodes["2031-01-01-1"].hosts == ("Ann", "Bob", "Cid")


def test_what_front_matter_says_of_an_episode_stands_in_its_notes(tmp_path: Path) -> None:
    front = "title: Beans\nsubtitle: Green ones\ndescription: All about beans\ntags: [pods, 園芸]\nseries: Spring"
    episodes, _ = read(tmp_path, {"2031-01-01-1.md": page(front)})
    assert episodes["2031-01-01-1"].description == "All about beans"
    for word in ("Green ones", "pods", "園芸", "Spring", "Text."):
        assert word in episodes["2031-01-01-1"].prose


def test_entities_are_the_characters_they_stand_for(tmp_path: Path) -> None:
    body = (
        "The P&amp;L, it&rsquo;s na&iuml;ve.\n\n- [R&amp;D of caf&eacute;s](https://a.ex/?x=1&amp;y=2)\n\n  &#x30AC;\n"
    )
    episodes, _ = read(tmp_path, {"2031-01-01-1.md": page('title: "Q&amp;A"', body)})
    episode = episodes["2031-01-01-1"]
    assert (episode.title, episode.prose) == ("Q&A", "The P&L, it’s naïve.")
    assert [(story.title, story.url, story.summary) for story in episode.stories] == [
        ("R&D of cafés", "https://a.ex/?x=1&y=2", "ガ")
    ]


def test_a_time_behind_an_item_is_its_start(tmp_path: Path) -> None:
    body = "".join(f"- [Bean {n}](https://a.ex/{n}) - *00:0{n}:10*.\n" for n in range(1, 4)) + "- Pods\n"
    episodes, _ = read(tmp_path, {"2031-01-01-1.md": page("title: Beans", body)})
    starts = [(story.title, story.start) for story in episodes["2031-01-01-1"].stories]
    assert starts[:3] == [("Bean 1", 70.0), ("Bean 2", 130.0), ("Bean 3", 190.0)]


@pytest.mark.parametrize(
    "title", ["Town hall adds Sponsors", "How to find sponsors", "Why we have no sponsor", "The sponsor of the year"]
)
def test_a_story_about_sponsors_is_a_story(tmp_path: Path, title: str) -> None:
    body = f"- [{title}](https://a.ex/1)\n- [Pods](https://a.ex/2)\n- [Peas](https://a.ex/3)\n"
    episodes, _ = read(tmp_path, {"2031-01-01-1.md": page("title: Beans", body)})
    assert [story.title for story in episodes["2031-01-01-1"].stories] == [title, "Pods", "Peas"]


HEAD = b"From: Ann <ann@a.ex>\nSubject: Beans\nDate: 01 Jan 2031 08:00:00 +0900\nMIME-Version: 1.0\n"


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("ISO-2022-JP", "iso2022_jp", "豆の記事。"),
        ("Shift_JIS", "cp932", "豆の記事①。"),
        ("EUC-JP", "euc_jp", "豆の記事。"),
        ("windows-1252", "cp1252", "“Beans” – naïve"),
        ("x-unknown", "cp932", "豆の記事です。"),
        ("us-ascii", "utf-8", "豆の記事。"),
        ("", "utf-8", "豆の記事。"),
    ],
)
@pytest.mark.parametrize("coding", ["8bit", "base64"])
def test_each_part_of_a_message_is_read_in_its_own_charset(
    tmp_path: Path, charset: str, codec: str, text: str, coding: str
) -> None:
    kind = f"Content-Type: text/plain{f'; charset={charset}' if charset else ''}\n".encode()
    body = text.encode(codec) if coding == "8bit" else base64.encodebytes(text.encode(codec))
    message = HEAD + kind + f"Content-Transfer-Encoding: {coding}\n\n".encode() + body
    episodes, problems = read(tmp_path, {"beans.eml": message})
    assert (str(episodes["beans"].date), episodes["beans"].title) == ("2031-01-01", "Beans")
    assert text in (episodes["beans"].prose, episodes["beans"].description)
    assert any("guessed" in problem.cause for problem in problems) is (charset == "x-unknown")


def test_a_kanji_that_only_mail_programs_have_is_read(tmp_path: Path) -> None:
    body = b"Content-Type: text/plain; charset=ISO-2022-JP\n\n\x1b$B\x2d\x21\x1b(B beans"
    episodes, _ = read(tmp_path, {"beans.eml": HEAD + body})
    assert episodes["beans"].prose == "① beans"


def test_an_mbox_holds_an_episode_a_message(tmp_path: Path) -> None:
    first = b"From ann@a.ex Wed Jan  1 08:00:00 2031\n" + HEAD + b"\nGreen ones.\n>From the garden.\n\n"
    second = b"From bob@a.ex Thu Jan  2 08:00:00 2031\n" + HEAD.replace(b"01 Jan", b"02 Jan").replace(
        b"Beans", b"Re: Beans"
    )
    episodes, problems = read(tmp_path, {"list.mbox": first + second + b"\nMine are long.\n"})
    assert [(str(one.date), one.title, one.prose) for one in episodes.values()] == [
        ("2031-01-01", "Beans", "Green ones.\nFrom the garden."),
        ("2031-01-02", "Re: Beans", "Mine are long."),
    ]
    assert problems == []


RSS = "<?xml version='1.0'?><rss version='2.0'><channel><title>B</title>{}</channel></rss>"
ITEM = (
    "<item><title>{0}</title><guid isPermaLink='false'>same</guid><pubDate>{1} Jan 2031 08:00:00 GMT</pubDate>"
    "<description>About {0}.</description></item>"
)


def test_two_items_of_a_feed_with_one_guid_are_two_episodes(tmp_path: Path) -> None:
    items = ITEM.format("Beans", "01") + ITEM.format("Pods", "02") + ITEM.format("Pods", "02")
    others = "".join(ITEM.format(f"Peas {n}", f"0{n}").replace("same", f"x{n}") for n in range(3, 7))
    episodes, (problem,) = read(tmp_path, {"feed.xml": RSS.format(items + others)})
    assert [episode.title for episode in episodes.values()][:3] == ["Beans", "Pods", "Peas 3"]
    assert "`Pods` is that of another item" in problem.cause


SECTION = (
    "## Tools\n\n**A map that folds ({0})**\n<https://maps.ex/{0}>\nAlong its lines.\n\n"
    "**A lamp ({0})**\n<https://lamps.ex/{0}>\nWarm.\n\n## Reading\n\n**Rivers ({0})**\n<https://rivers.ex/{0}>\nBend.\n"
)


def test_the_bold_first_line_of_a_paragraph_is_its_title_and_not_the_sections_name(tmp_path: Path) -> None:
    episodes, _ = read(tmp_path, {f"2031-01-0{n}-{n}.md": page("title: T", SECTION.format(n)) for n in range(1, 6)})
    assert [(story.title, story.url, story.summary) for story in episodes["2031-01-01-1"].stories] == [
        ("A map that folds (1)", "https://maps.ex/1", "Along its lines."),
        ("A lamp (1)", "https://lamps.ex/1", "Warm."),
        ("Rivers (1)", "https://rivers.ex/1", "Bend."),
    ]


def test_a_title_in_several_links_to_one_place_is_one_title(tmp_path: Path) -> None:
    title = "[『](https://a.ex/1)[Beans](https://a.ex/1)[』](https://a.ex/1)"
    body = f"- {title} read\n- [[New] Pods](https://a.ex/2)\n- [Peas](https://a.ex/3)\n"
    episodes, _ = read(tmp_path, {"2031-01-01-1.md": page("title: T", body)})
    assert [story.title for story in episodes["2031-01-01-1"].stories] == ["『Beans』", "[New] Pods", "Peas"]


MINUTES = "## [Ropes {0}](https://a.ex/{0})\n\nANN: Long ones.\n\nBOB: Longer.\n\n#### Conclusion\n\n- Agreed {0}.\n\n"


def test_minutes_have_a_story_for_each_item_of_the_agenda_with_what_was_said_of_it(tmp_path: Path) -> None:
    files = {f"2031-01-0{n}.md": page("title: T", MINUTES.format(n) + MINUTES.format(n + 10)) for n in range(1, 5)}
    episodes, _ = read(tmp_path, files)
    first, second = episodes["2031-01-01"].stories
    assert (first.title, first.url, second.title) == ("Ropes 1", "https://a.ex/1", "Ropes 11")
    assert "BOB: Longer." in first.summary
    assert "Agreed 11." in second.summary


def cues(*rows: str, vtt: bool) -> str:
    """Captions of two seconds each."""
    sign = "." if vtt else ","
    blocks = [f"00:00:{n * 2:02}{sign}000 --> 00:00:{n * 2 + 2:02}{sign}000\n{row}\n" for n, row in enumerate(rows)]
    return (
        "WEBVTT\n\n" + "\n".join(blocks) if vtt else "\n".join(f"{n}\n{one}" for n, one in enumerate(blocks, start=1))
    )


ROLLED = {
    "two lines": ("one bean", "one bean\ntwo beans", "two beans\nthree beans", "three beans\nfour beans"),
    "three lines": (
        "one bean",
        "one bean\ntwo beans",
        "one bean\ntwo beans\nthree beans",
        "two beans\nthree beans\nfour beans",
    ),
    "yt-dlp": ("one bean", "one bean\ntwo beans", "two beans", "two beans\nthree beans", "three beans\nfour beans"),
    "word by word": (
        "one",
        "one bean",
        "one bean\ntwo",
        "one bean\ntwo beans",
        "three",
        "three beans",
        "three beans\nfour beans",
    ),
}


@pytest.mark.parametrize("rows", ROLLED.values(), ids=ROLLED)
@pytest.mark.parametrize("ending", ["vtt", "srt"])
def test_captions_that_roll_are_said_once(rows: tuple[str, ...], ending: str) -> None:
    transcript = read_transcript(cues(*rows, vtt=ending == "vtt"), f"1.{ending}")
    assert " ".join(cue.text for cue in transcript.cues) == "one bean two beans three beans four beans"


def test_what_is_said_three_times_is_said_three_times() -> None:
    transcript = read_transcript(cues("Yes.", "Yes.", "No.", "Yes.", vtt=False), "1.srt")
    assert [cue.text for cue in transcript.cues] == ["Yes.", "Yes.", "No.", "Yes."]


@pytest.mark.parametrize("ending", ["vtt", "srt"])
def test_an_arrow_may_be_spoken_of(ending: str) -> None:
    transcript = read_transcript(cues("Then x --> y follows.", "Beans.", vtt=ending == "vtt"), f"1.{ending}")
    assert [cue.text for cue in transcript.cues] == ["Then x --> y follows.", "Beans."]


JSON = {
    "youtube-transcript-api": [{"text": "Green beans.", "start": 1.5, "duration": 2.0}],
    "json3": {"events": [{"tStartMs": 1500, "dDurationMs": 2000, "segs": [{"utf8": "Green"}, {"utf8": " beans."}]}]},
    "whisper": {"text": "Green beans.", "segments": [{"id": 0, "start": 1.5, "end": 3.5, "text": " Green beans."}]},
}


@pytest.mark.parametrize("data", JSON.values(), ids=JSON)
def test_transcripts_in_json_are_read_whatever_program_wrote_them(data: object) -> None:
    result = read_transcript(json.dumps(data), "1.json")
    assert [(cue.start, cue.end, cue.text) for cue in result.cues] == [(1.5, 3.5, "Green beans.")]
    assert result.faults == []


@pytest.mark.parametrize(
    ("name", "metadata"),
    [
        ("1/index.yml", "title: Beans\ndate: 2031-01-01\nhosts:\n  - Ann\n"),
        ("1/index.toml", 'title = "Beans"\ndate = 2031-01-01\nhosts = ["Ann"]\n'),
        ("1/index.json", '{"title": "Beans", "date": "2031-01-01", "hosts": ["Ann"]}'),
    ],
)
def test_a_file_beside_a_page_is_its_front_matter(tmp_path: Path, name: str, metadata: str) -> None:
    body = "## News\n\n- [Bees dance](https://a.ex/1)\n\n  In the field.\n"
    episodes, problems = read(tmp_path, {"1/index.md": body, name: metadata, "2/index.md": page("date: 2031-01-02")})
    assert (episodes["1"].title, str(episodes["1"].date), episodes["1"].hosts) == ("Beans", "2031-01-01", ("Ann",))
    assert [story.title for story in episodes["1"].stories] == ["Bees dance"]
    assert not any("1/index" in problem.path for problem in problems)


def test_a_change_of_the_front_matter_beside_a_page_is_seen(tmp_path: Path) -> None:
    write(tmp_path, "1/index.md", "Text.\n")
    write(tmp_path, "1/index.yml", "title: Beans\ndate: 2031-01-01\n")
    reader = ArchiveReader([tmp_path])
    (before,) = [reader.read(file) for file in reader.scan().files]
    write(tmp_path, "1/index.yml", "title: Pods\ndate: 2031-01-01\n")
    (after,) = [reader.read(file) for file in reader.scan().files]
    assert before.digest != after.digest
    assert after.draft is not None
    assert after.draft.title == "Pods"

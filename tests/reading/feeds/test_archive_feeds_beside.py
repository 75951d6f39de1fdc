"""A feed's file in a folder, with transcripts beside it: whose they are, and what happens to the rest."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from feed_samples import feed_of, rss

from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.endings import ENDINGS
from zunda_mcp.reading.feeds.item import TranscriptLink, candidates, file_of, form_of, language_of, zone_of


def vtt(words: str) -> str:
    return f"WEBVTT\n\n00:01.000 --> 00:05.000\n{words}\n"


def item(n: int, *transcripts: str) -> str:
    named = "".join(f'<podcast:transcript url="https://cdn.example/t/{one}" type="text/vtt"/>' for one in transcripts)
    return (
        f"<item><title>Talk {n}</title><link>https://show.example/talks/talk-{n}</link><guid>g{n}</guid>"
        f"<pubDate>0{n} Jan 2031 07:00:00 +0900</pubDate><description>About {n}.</description>{named}"
        f'<enclosure url="https://cdn.example/audio/recording-{n}.mp3?x=1" type="audio/mpeg" length="1"/></item>'
    )


def drafts(folder: Path) -> dict[str, Draft]:
    reader = ArchiveReader([folder])
    by_title: dict[str, Draft] = {}
    for file in reader.scan().files:
        reading = reader.read(file)
        assert reading.problems == ()
        by_title |= {draft.title: draft for draft in reading.drafts}
    return by_title


def spoken_text(draft: Draft) -> str:
    return "\n".join([draft.spoken, *(entry.spoken for entry in draft.entries)])


def test_a_transcript_beside_a_feed_is_paired_by_its_address_its_recording_or_its_page(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(rss(item(1, "Odd%20name.vtt") + item(2) + item(3) + item(4)), encoding="utf-8")
    (tmp_path / "Odd name.vtt").write_text(vtt("one"), encoding="utf-8")
    (tmp_path / "transcripts").mkdir()
    (tmp_path / "transcripts" / "recording-2.srt").write_text(
        "1\n00:00:01,000 --> 00:00:02,000\ntwo\n", encoding="utf-8"
    )
    segments = {"version": "1.0.0", "segments": [{"startTime": 1, "endTime": 2, "speaker": "Ann", "body": "three"}]}
    (tmp_path / "transcripts" / "talk-3.json").write_text(json.dumps(segments), encoding="utf-8")
    (tmp_path / "transcripts" / "nobody.vtt").write_text(vtt("nobody"), encoding="utf-8")
    by_title = drafts(tmp_path)
    assert {title: spoken_text(draft).strip() for title, draft in by_title.items()} == {
        "Talk 1": "one", "Talk 2": "two", "Talk 3": "Ann: three", "Talk 4": "",
    }  # fmt: skip


def test_many_captions_beside_a_feed_are_no_episodes_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(rss("".join(map(item, range(1, 8)))), encoding="utf-8")
    for n in range(1, 8):
        (tmp_path / f"recording-{n}.vtt").write_text(vtt(f"words {n}"), encoding="utf-8")
    by_title = drafts(tmp_path)
    assert {title: spoken_text(draft).strip() for title, draft in by_title.items()} == {
        f"Talk {n}": f"words {n}" for n in range(1, 8)
    }


def test_a_page_has_its_transcript_before_a_feed_of_the_same_show(tmp_path: Path) -> None:
    page = "---\ntitle: Page 2\ndate: 2031-01-02\naudio: https://cdn.example/audio/recording-2.mp3\n---\n\nWords.\n"
    (tmp_path / "2031-01-02-page.md").write_text(page, encoding="utf-8")
    (tmp_path / "feed.xml").write_text(rss(item(1) + item(2)), encoding="utf-8")
    for n in (1, 2):
        (tmp_path / f"recording-{n}.vtt").write_text(vtt(f"words {n}"), encoding="utf-8")
    by_title = drafts(tmp_path)
    assert {title: spoken_text(draft).strip() for title, draft in by_title.items()} == {
        "Page 2": "words 2", "Talk 1": "words 1", "Talk 2": "",
    }  # fmt: skip


@pytest.mark.parametrize("page", ["talk-1.md", "2031-01-01-talk-1.md", "talk-1/index.md"])
@pytest.mark.parametrize("folder", ["a", "talks"])
def test_a_page_and_its_item_in_the_feed_of_the_show_are_one_episode(tmp_path: Path, folder: str, page: str) -> None:
    (tmp_path / folder / page).parent.mkdir(parents=True)
    (tmp_path / folder / page).write_text("---\ntitle: Page 1\ndate: 2031-01-01\n---\n\nWords.\n", encoding="utf-8")
    (tmp_path / "feed.xml").write_text(rss(item(1) + item(2)), encoding="utf-8")
    episodes, (problem,) = read_archive(ArchiveReader([tmp_path]))
    assert [episode.title for episode in episodes] == ["Page 1", "Talk 2"]
    assert problem.path == f"{tmp_path.name}/feed.xml"


def test_a_transcript_that_changes_changes_the_feeds_file_for_the_index(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(rss(item(1)), encoding="utf-8")
    (tmp_path / "recording-1.vtt").write_text(vtt("first"), encoding="utf-8")
    reader = ArchiveReader([tmp_path])
    (before,) = reader.scan().files
    digest = reader.read(before).digest
    (tmp_path / "recording-1.vtt").write_text(vtt("second time"), encoding="utf-8")
    (after,) = reader.scan().files
    assert (before.size, before.mtime_ns) != (after.size, after.mtime_ns)
    assert reader.read(after).digest != digest


def test_what_was_looked_up_in_a_feed_is_kept_for_the_next_process(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(rss(item(1)), encoding="utf-8")
    (tmp_path / "recording-1.vtt").write_text(vtt("first"), encoding="utf-8")
    reader = ArchiveReader([tmp_path])
    scan = reader.scan()
    (file,) = scan.files
    state = json.loads(json.dumps(reader.keep(reader.profiles(scan))))
    text = (tmp_path / "feed.xml").read_text(encoding="utf-8")
    times = file.path.stat()
    (tmp_path / "feed.xml").write_text(text.replace("recording-1", "recordinf-1"), encoding="utf-8")
    import os

    os.utime(tmp_path / "feed.xml", ns=(times.st_atime_ns, times.st_mtime_ns))  # the same size and time: not opened
    again = ArchiveReader([tmp_path])
    again.recall(state)
    (file,) = again.scan().files
    assert [one.label.rpartition("/")[2] for one in file.transcripts] == ["recording-1.vtt"]


# --- which transcript, which language, which zone ---


def test_types_and_endings_tell_the_form_of_a_transcript() -> None:
    forms = {
        ("https://a.example/t", "text/vtt"): "vtt",
        ("https://a.example/t", "application/srt"): "srt",
        ("https://a.example/t", "application/x-subrip"): "srt",
        ("https://a.example/t", "application/json; charset=utf-8"): "json",
        ("https://a.example/t.srt?x=1", "text/plain"): "srt",
        ("https://a.example/t.vtt", ""): "vtt",
        ("https://a.example/t", "text/html"): "html",
        ("https://a.example/t", "text/plain"): "txt",
        ("https://a.example/t.pdf", "application/pdf"): "",
    }
    assert {key: form_of(TranscriptLink(*key)) for key in forms} == forms
    assert file_of(TranscriptLink("https://a.example/../../x", "text/vtt")).endswith(".vtt")
    assert "/" not in file_of(TranscriptLink("https://a.example/../../x", "text/vtt"))


def test_the_feeds_own_language_comes_first_and_then_what_tells_most() -> None:
    tags = "".join(
        f'<podcast:transcript url="{url}" type="{kind}" language="{language}"/>'
        for url, kind, language in (
            ("/en.vtt", "text/vtt", "en"), ("/ja.txt", "text/plain", "ja-JP"), ("/ja.srt", "application/srt", "ja"),
            ("javascript:x", "text/vtt", ""), ("/ja.pdf", "application/pdf", "ja"),
        )
    )  # fmt: skip
    (one,) = feed_of(rss(f"<item><title>t</title>{tags}</item>")).items
    links = candidates(one, "ja", "https://a.example/feed")
    assert [each.url.rpartition("/")[2] for each in links] == ["ja.srt", "ja.txt", "en.vtt"]


def test_captions_with_a_new_ending_come_before_text_by_one_entry_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENDINGS, ".lrc", "captions")
    tags = "".join(f'<podcast:transcript url="/{name}"/>' for name in ("notes.txt", "t.json", "song.lrc", "t.vtt"))
    (one,) = feed_of(rss(f"<item><title>t</title>{tags}</item>")).items
    links = candidates(one, "ja", "https://a.example/feed")
    assert [each.url.rpartition("/")[2] for each in links] == ["t.vtt", "song.lrc", "t.json", "notes.txt"]


@pytest.mark.parametrize(
    ("offset", "language", "zone"),
    [("+0900", "ja", "Asia/Tokyo"), ("+0900", "", "Etc/GMT-9"), ("-0500", "en", "Etc/GMT+5"), ("GMT", "ja", None),
     ("+0530", "en", None), ("", "ja", None)],
)  # fmt: skip
def test_items_that_all_have_one_offset_tell_the_zone(offset: str, language: str, zone: str | None) -> None:
    items = "".join(
        f"<item><title>{n}</title><pubDate>0{n} Jan 2031 23:30:00 {offset}</pubDate></item>" for n in (1, 2, 3)
    )
    feed = feed_of(rss(items, f"<title>t</title><language>{language}</language>"))
    assert zone_of([feed]) == zone
    assert zone is None or ZoneInfo(zone)


def test_a_language_that_is_no_tag_is_none() -> None:
    said_by = {"ja-JP": "ja-JP", "EN_us": "en-us", "English": None, "": None, "zh-Hant-TW": "zh-Hant-TW"}
    for written, tag in said_by.items():
        assert language_of(feed_of(rss("", f"<title>t</title><language>{written}</language>"))) == tag

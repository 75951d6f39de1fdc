"""Whose a transcript is, what part of it belongs to which story, and where a time leads."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from zunda_mcp.reading.transcripts.alignment import StoryOutline, align
from zunda_mcp.reading.transcripts.pairing import EpisodeFacts, TranscriptNames, mentioned
from zunda_mcp.reading.transcripts.transcript import Cue, Section, Transcript
from zunda_mcp.text.timestamps import seconds_of, timestamp, url_at

small = settings(derandomize=True, max_examples=examples(20), database=None)

# --- times


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("https://www.youtube.com/watch?v=abcdefghijk", "https://www.youtube.com/watch?v=abcdefghijk&t=256s"),
        ("https://youtube.com/watch?v=abcdefghijk&t=3s#x", "https://youtube.com/watch?v=abcdefghijk&t=256s"),
        ("https://youtu.be/abcdefghijk", "https://youtu.be/abcdefghijk?t=256"),
        ("https://www.youtube.com/embed/abcdefghijk", "https://www.youtube.com/embed/abcdefghijk?start=256"),
        ("https://www.youtube.com/live/abcdefghijk?si=q", "https://www.youtube.com/live/abcdefghijk?si=q&t=256s"),
        ("https://vimeo.com/123", "https://vimeo.com/123#t=256s"),
        ("https://mame.example/a.MP3?dl=1", "https://mame.example/a.MP3?dl=1#t=256"),
        ("https://mame.example/%E8%B1%86.m4a#t=1", "https://mame.example/%E8%B1%86.m4a#t=256"),
        ("https://mame.example/episode/1", None),
        ("https://www.youtube.com/@mame", None),
        ("/audio/a.mp3", None),
        ("http://[", None),
    ],
)
def test_an_address_opens_at_a_time_where_that_is_known_to_work(url: str, there: str | None) -> None:
    assert url_at(url, 256.9) == there


def test_a_clock_shows_what_a_player_shows() -> None:
    assert [timestamp(seconds) for seconds in (0, 9.99, 256, 3600, 3856.2, 36000, -3)] == [
        "0:00", "0:09", "4:16", "1:00:00", "1:04:16", "10:00:00", "0:00",
    ]  # fmt: skip


@small
@given(st.integers(0, 359_999))
def test_a_clock_is_read_back(seconds: int) -> None:
    assert seconds_of(timestamp(seconds)) == seconds


# --- whose it is


def test_a_transcript_is_found_by_each_kind_of_name_the_surest_first() -> None:
    files = ["site/audio/show_20260706.txt", "site/audio/show_20260706.json", "site/_posts/2026-07-07-2.vtt",
             "site/transcripts/003-on-beans.srt", "site/texts/own.vtt", "site/audio/notes_20260709.txt"]  # fmt: skip
    episodes = [
        EpisodeFacts("2026-07-06-1", 1, audio="https://a.example/audio/show_20260706.mp3?x=1"),
        EpisodeFacts("2026-07-07-2", 2),
        EpisodeFacts("2026-07-08-3", 3),
        EpisodeFacts("2026-07-10-4", 4, transcript="/texts/own.vtt"),
        EpisodeFacts("2026-07-09-5", 5, day=dt.date(2026, 7, 9)),
        EpisodeFacts("2026-07-06-6", 6, audio="/audio/other.mp3", day=dt.date(2026, 7, 6)),
    ]
    names = TranscriptNames(files)
    assert {episode.stem: names.of(episode) for episode in episodes} == {
        "2026-07-06-1": ("site/audio/show_20260706.json", "site/audio/show_20260706.txt"),
        "2026-07-07-2": ("site/_posts/2026-07-07-2.vtt",),
        "2026-07-08-3": ("site/transcripts/003-on-beans.srt",),
        "2026-07-10-4": ("site/texts/own.vtt",),
        "2026-07-09-5": ("site/audio/notes_20260709.txt",),
        "2026-07-06-6": (),
    }


def test_the_language_of_the_archive_comes_first_and_other_series_are_not_meant() -> None:
    names = TranscriptNames(["t/transcripts/news-12.en.vtt", "t/transcripts/news-12.ja.vtt"])
    assert names.of(EpisodeFacts("news-12", 12), "ja")[0] == "t/transcripts/news-12.ja.vtt"
    assert names.of(EpisodeFacts("talk-12", 12)) == ()
    assert names.of(EpisodeFacts("12", 12)) != ()
    heard = TranscriptNames(["data/podcast/episode-12.vtt"])
    assert heard.of(EpisodeFacts("12-beans", 12)) != ()
    assert heard.of(EpisodeFacts("issue-12", 12)) == ()


def test_of_two_transcripts_with_one_name_the_nearest_is_meant() -> None:
    names = TranscriptNames(["x/one/transcripts/1.vtt", "x/two/transcripts/1.vtt"])
    assert names.of(EpisodeFacts("1", 1, folder="x/two/posts")) == ("x/two/transcripts/1.vtt",)


def test_front_matter_of_any_kind_names_recording_and_transcript() -> None:
    assert mentioned("---\naudio_file_path: /audio/豆_1.mp3\naudio_file_size: 0\n---\n") == ("/audio/豆_1.mp3", None)
    assert mentioned('+++\npodcast_file = "a.mp3"\ntranscript = "t/a.vtt"\n+++\n') == ("a.mp3", "t/a.vtt")
    assert mentioned('{"title": "x",\n "audio": "https://a.example/b.m4a",\n}') == ("https://a.example/b.m4a", None)
    assert mentioned("---\ntitle: audio: no\n---\nA line.\n") == (None, None)


# --- what belongs to which story


def cues(*texts: str) -> tuple[Cue, ...]:
    return tuple(Cue(float(place * 10), place * 10 + 9.0, None, text) for place, text in enumerate(texts))


def test_sections_belong_to_stories_by_their_address_whatever_their_order() -> None:
    spoken = cues("hello", "about b", "more b", "about a", "again", "bye")
    sections = (
        Section(10.0, "x", "http://www.b.example/1/?utm_source=z"),
        Section(30.0, "y", "https://a.example/2#top"),
        Section(40.0, "本日のまとめ", "https://b.example/1"),
        Section(50.0, "", None),
    )
    topics = [
        StoryOutline("A", ("https://a.example/2",)),
        StoryOutline("B", ("https://b.example/1",)),
        StoryOutline("C", ()),
    ]
    aligned = align(Transcript(spoken, sections), topics)
    assert [part and (part.start, [cue.text for cue in part.cues]) for part in aligned.parts] == [
        (30.0, ["about a"]),
        (10.0, ["about b", "more b"]),
        None,
    ]
    assert [[cue.text for cue in run] for run in aligned.rest] == [["hello"], ["again"], ["bye"]]


def test_sections_without_the_address_go_by_title_and_then_by_order() -> None:
    spoken = cues("0", "1", "2", "3")
    sections = (
        Section(0.0, "One", "https://one.example"),
        Section(10.0, "豆の育て方を学ぶ", "https://t.example/short"),
        Section(20.0, "Wholly different", "https://u.example/short"),
        Section(30.0, "Four", "https://four.example"),
    )
    topics = [
        StoryOutline("One", ("https://one.example",)),
        StoryOutline("豆の育て方を学ぼう", ("https://long.example/beans",)),
        StoryOutline("Three", ("https://long.example/three",)),
        StoryOutline("Four", ("https://four.example",)),
    ]
    aligned = align(Transcript(spoken, sections), topics)
    assert [part and part.start for part in aligned.parts] == [0.0, 10.0, 20.0, 30.0]


def test_without_sections_a_story_begins_where_the_words_of_its_title_are_said_in_order() -> None:
    spoken = cues(
        "Welcome to the bean show.",
        "First, a configuration management system called Pets.",
        "It is for computers that are loved.",
        "Infinite canvas next: have you heard of it?",
        "Goodbye.",
    )
    topics = [
        StoryOutline("pets configuration management system", ()),
        StoryOutline("Nobody speaks of this at all", ()),
        StoryOutline("Infinite Canvas", ()),
    ]
    aligned = align(Transcript(spoken), topics)
    assert [part and part.start for part in aligned.parts] == [10.0, None, 30.0]
    assert [[cue.text for cue in run] for run in aligned.rest] == [["Welcome to the bean show."]]


PIECES = st.lists(st.sampled_from(["a b", "beans", "豆の話", "c d e", "猫"]), max_size=8)


@small
@given(
    PIECES,
    st.lists(st.tuples(st.sampled_from([None, 0.0, 10.0, 35.0, 999.0]), st.sampled_from("abc")), max_size=5),
    PIECES,
)
def test_every_cue_is_given_away_exactly_once(
    texts: list[str], marks: list[tuple[float | None, str]], titles: list[str]
) -> None:
    transcript = Transcript(
        cues(*texts), tuple(Section(start, name, f"https://{name}.example") for start, name in marks)
    )
    topics = [StoryOutline(title, (f"https://{'abc'[place % 3]}.example",)) for place, title in enumerate(titles)]
    aligned = align(transcript, topics)
    given_away = [cue for part in aligned.parts if part for cue in part.cues] + [
        cue for run in aligned.rest for cue in run
    ]
    assert sorted(given_away, key=lambda cue: cue.start or 0.0) == list(transcript.cues)

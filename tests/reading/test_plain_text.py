"""Plain text that is an episode by itself: whose name or first lines have a day."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from archive_samples import read_all, read_one, write, write_plain

LETTER = """Meeting on the dunes

We flew six kites. Tails: https://kites.example/tails
"""


def test_a_text_with_a_day_in_its_name_is_an_episode_with_its_first_line_as_title(tmp_path: Path) -> None:
    write(tmp_path, "2024-06-03.txt", LETTER)
    write(tmp_path, "notes/2024年6月4日.txt", "雨だった。\n凧は飛ばない。\n")
    found, problems = read_all(tmp_path)
    assert [(one.date, one.title) for one in found.values()] == [
        (dt.date(2024, 6, 3), "Meeting on the dunes"),
        (dt.date(2024, 6, 4), "2024年6月4日"),
    ]
    assert "six kites" in found["2024-06-03"].prose
    assert problems == []


def test_a_text_beside_a_page_of_its_day_is_that_page_s_transcript(tmp_path: Path) -> None:
    write_plain(tmp_path, "2024-06-03-1")
    write(tmp_path, "transcripts/2024-06-03-1.txt", "Ann: We flew six kites today, and the tails were long.\n" * 3)
    write(tmp_path, "transcripts/2024-06-09-9.txt", "Ann: Nothing tells of this one.\n" * 3)
    found, _ = read_all(tmp_path)
    assert list(found) == ["2024-06-03-1"]


def test_texts_without_days_are_no_episodes_beside_others(tmp_path: Path) -> None:
    write_plain(tmp_path, "2024-06-03-1")
    for name in ("robots.txt", "requirements.txt", "humans.txt"):
        write(tmp_path, name, "User-agent: *\n")
    found, problems = read_all(tmp_path)
    assert list(found) == ["2024-06-03-1"]
    assert problems == []


def test_where_there_is_nothing_but_text_the_first_line_may_have_the_day(tmp_path: Path) -> None:
    write(tmp_path, "dunes.txt", "3 June 2024\n\nWe flew six kites.\n")
    write(tmp_path, "sea.txt", "Date: 2024-06-04\nSubject: Sea\n\nWe swam.\n")
    write(tmp_path, "robots.txt", "User-agent: *\n")
    found, _ = read_all(tmp_path)
    assert [one.date for one in found.values()] == [dt.date(2024, 6, 3), dt.date(2024, 6, 4)]


def test_what_a_recogniser_heard_is_an_episode_where_nothing_else_is(tmp_path: Path) -> None:
    whisper = {"text": " Bees.", "segments": [{"id": 0, "start": 0.0, "end": 4.0, "text": " Bees dance."}]}
    youtube = [{"text": "Ants walk.", "start": 0.0, "duration": 2.0}]
    json3 = {"wireMagic": "pb3", "events": [{"tStartMs": 0, "dDurationMs": 900, "segs": [{"utf8": "Wasps sting."}]}]}
    for day, content in enumerate((whisper, youtube, json3), start=1):
        write(tmp_path, f"2024-01-0{day}.json", json.dumps(content))
    found, problems = read_all(tmp_path)
    assert list(found) == ["2024-01-01", "2024-01-02", "2024-01-03"]
    assert problems == []


def test_what_a_recogniser_heard_is_no_episode_beside_pages(tmp_path: Path) -> None:
    write_plain(tmp_path, "2024-06-03-1")
    spoken = {"segments": [{"start": 0.0, "end": 4.0, "text": "Bees dance."}]}
    write(tmp_path, "2024-06-04-2.json", json.dumps(spoken))
    found, problems = read_all(tmp_path)
    assert list(found) == ["2024-06-03-1"]
    assert problems == []


def test_a_month_of_a_mailing_list_as_mailman_keeps_it_is_its_messages(tmp_path: Path) -> None:
    message = (
        "From mina at tea.example  Mon Jan  {day} 09:10:11 2024\nFrom: mina at tea.example (Mina Ota)\n"
        "Date: Mon, {day:02} Jan 2024 09:10:11 +0000\nSubject: [tea] Tasting {day}\nMessage-ID: <{day}@tea.example>\n\n"
        "We tasted tea.\n\n"
    )
    write(tmp_path, "2024-January.txt", "".join(message.format(day=day) for day in (8, 15)))
    found, problems = read_all(tmp_path)
    assert [(one.date, one.title, one.hosts) for one in found.values()] == [
        (dt.date(2024, 1, 8), "[tea] Tasting 8", ("Mina Ota",)),
        (dt.date(2024, 1, 15), "[tea] Tasting 15", ("Mina Ota",)),
    ]
    assert problems == []


def test_each_message_of_an_mbox_has_its_own_charset(tmp_path: Path) -> None:
    words = "凧と糸の話です。今日は風が強い。"
    parts = []
    for day, (charset, codec) in enumerate(
        [("ISO-2022-JP", "iso2022_jp"), ("Shift_JIS", "cp932"), ("EUC-JP", "euc_jp"), ("utf-8", "utf-8")], start=1
    ):
        head = (
            f"From mina@kites.example Mon Jan  {day} 09:10:11 2024\nFrom: mina@kites.example\n"
            f"Date: Mon, {day:02} Jan 2024 09:10:11 +0900\nSubject: No. {day}\n"
            f"Content-Type: text/plain; charset={charset}\n\n"
        )
        parts.append(head.encode() + f"{words}\n\n".encode(codec))
    write(tmp_path, "list.mbox", b"".join(parts))
    found, problems = read_all(tmp_path)
    assert [one.prose for one in found.values()] == [words] * 4
    assert problems == []


def test_lines_of_whisper_are_speech_whose_times_are_known(tmp_path: Path) -> None:
    lines = (
        "[00:00.000 --> 00:05.040]  We sow peas",
        "[00:05.040 --> 00:08.000]  in March",
        "[00:08.000 --> 01:00:00.000] and",
    )
    text = "\n".join((*lines, "[01:00:00.000 --> 01:00:09.000]  beans in May.\n"))
    draft = read_one(tmp_path, text, "2030-01-02-peas.txt").draft
    assert draft is not None
    (passage,) = draft.entries
    assert (passage.kind, passage.title, passage.start) == ("passage", "We sow peas", 0.0)
    assert [second for _, second in passage.moments] == [0.0, 5.04, 8.0, 3600.0]
    assert passage.spoken.endswith("beans in May.")

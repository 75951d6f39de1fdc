"""Readers of transcripts: what people write is understood, and nothing makes them fail."""

from __future__ import annotations

import json
import string

import pytest
from archive_samples import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from zunda_mcp.reading.transcripts.transcript import SIZE, Cue, Section, Transcript, as_text, passages
from zunda_mcp.reading.transcripts.transcript_file import read_transcript

FEEDS = ROOT.parent / "shared" / "feeds" / "podcasting20"
small = settings(derandomize=True, max_examples=examples(15), database=None)


def cues_in(result: Transcript) -> list[tuple[float | None, str | None, str]]:
    return [(cue.start, cue.speaker, cue.text) for cue in result.cues]


# --- WebVTT


def test_webvtt_has_voices_notes_settings_and_optional_hours() -> None:
    result = read_transcript(
        "WEBVTT - the first one\nKind: captions\nLanguage: ja\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n\n"
        "STYLE\n::cue { color: red }\n\nREGION\nid:left\n\nNOTE nothing\nto see here\n\n"
        "intro\n00:01.000 --> 00:02.500 align:start position:10%\n<v.loud Mary Ann>Peas &amp; <i><c.x>beans</c></i>\n\n"
        "01:00:03.000 --> 01:00:04.000\n<v Bob>Yes.</v>\n<v Mary Ann>No.</v>\n",
        "a.vtt",
    )
    assert cues_in(result) == [
        (1.0, "Mary Ann", "Peas & beans"),
        (3603.0, "Bob", "Yes."),
        (3603.0, "Mary Ann", "No."),
    ]
    assert result.cues[0].end == 2.5
    assert result.faults == []


def test_webvtt_without_blank_lines_between_cues_loses_no_cue() -> None:
    result = read_transcript(
        "WEBVTT\n00:01.000 --> 00:02.000\none\n2\n00:02.000 --> 00:03.000\ntwo\n00:03,000 --> 00:04,000\nthree", "a.vtt"
    )
    assert cues_in(result) == [(1.0, None, "one"), (2.0, None, "two"), (3.0, None, "three")]


def test_a_reading_over_japanese_characters_is_no_part_of_the_text() -> None:
    result = read_transcript("WEBVTT\n\n00:00.000 --> 00:01.000\n<ruby>豆<rt>まめ</rt></ruby>の話\nです", "a.vtt")
    assert cues_in(result) == [(0.0, None, "豆の話です")]


def test_captions_that_roll_up_say_each_line_once() -> None:
    result = read_transcript(
        "WEBVTT\nKind: captions\nLanguage: en\n\n"
        "00:00:00.000 --> 00:00:02.000 align:start\n \nhello<00:00:01.000><c> there</c>\n\n"
        "00:00:02.000 --> 00:00:02.010\nhello there\n \n\n"
        "00:00:02.010 --> 00:00:04.000\nhello there\nmy<00:00:03.000><c> friend</c>\n",
        "a.en.vtt",
    )
    assert [text for _, _, text in cues_in(result)] == ["hello there", "my friend"]


def test_a_bad_cue_is_a_fault_with_its_line_and_its_text_is_kept() -> None:
    result = read_transcript(
        "WEBVTT\n\n00:01.000 --> later\nsomething\n\n00:05.000 --> 00:04.000\nbackwards\n\nno time at all\n", "a.vtt"
    )
    assert [(cue.start, cue.end, cue.text) for cue in result.cues] == [
        (None, None, "something"),
        (5.0, None, "backwards"),
    ]
    assert [fault.line for fault in result.faults] == [3, 6, 9]


def test_cues_that_step_back_are_put_in_order_and_said_to_be() -> None:
    result = read_transcript("WEBVTT\n\n00:05.000 --> 00:06.000\nb\n\n00:01.000 --> 00:02.000\na\n", "a.vtt")
    assert [text for _, _, text in cues_in(result)] == ["a", "b"]
    assert [fault.line for fault in result.faults] == [6]


# --- SubRip


def test_subrip_with_names_tags_crlf_and_a_mark_at_its_beginning() -> None:
    result = read_transcript(
        "\ufeff1\r\n00:00:01,000 --> 00:00:02,000\r\nTravis: When you <b>start</b>\r\npodcasting\r\n\r\n"
        "2\r\n00:00:02.500 --> 00:00:03.000\r\n{\\an8}it's easy\r\n3\r\n00:00:04,000 --> 00:00:05,000\r\n"
        "Note: not a name\r\n\r\n4\r\n00:00:06,000 --> 00:00:07,000\r\nTravis: Bye",
        "a.srt",
    )
    assert cues_in(result) == [
        (1.0, "Travis", "When you start podcasting"),
        (2.5, "Travis", "it's easy"),
        (4.0, "Travis", "Note: not a name"),
        (6.0, "Travis", "Bye"),
    ]
    assert result.faults == []


def test_subrip_in_a_file_called_txt_is_read_as_subrip() -> None:
    result = read_transcript("1\n00:00:01,000 --> 00:00:02,000\n\nafter a blank line\n", "a.txt")
    assert cues_in(result) == [(1.0, None, "after a blank line")]


# --- JSON


def test_segments_as_small_as_words_become_sentences_of_one_speaker() -> None:
    rows = [
        ("Ann", 0, "I"),
        ("Ann", 0.5, "am"),
        ("Ann", 1, "here"),
        ("Ann", 1.4, "."),
        ("Bob", 2, "ねえ"),
        ("Bob", 2.5, "豆"),
    ]
    segments = [{"speaker": who, "startTime": at, "endTime": at + 0.4, "body": body} for who, at, body in rows]
    result = read_transcript(json.dumps({"version": "1.0.0", "segments": segments}), "a.json")
    assert cues_in(result) == [(0.0, "Ann", "I am here."), (2.0, "Bob", "ねえ豆")]
    assert result.cues[0].end == pytest.approx(1.8)


def test_segments_of_a_recogniser_and_odd_ones_are_understood_as_far_as_they_go() -> None:
    segments = [{"start": "0.5", "end": 1, "text": " a"}, {"text": 3}, "x", {"start": 9, "end": 8, "text": " b"}]
    result = read_transcript(json.dumps({"language": "en", "segments": segments}), "a.json")
    assert [(cue.start, cue.end, cue.text) for cue in result.cues] == [(0.5, 1.0, "a"), (9.0, None, "b")]
    assert len(result.faults) == 3


def test_json_that_is_broken_says_at_which_line() -> None:
    result = read_transcript('{"segments":\n [', "a.json")
    assert result.cues == ()
    assert result.faults[0].line == 2


# --- turns


def test_turns_in_bold_names_with_times_and_clips() -> None:
    result = read_transcript(
        "**Jerod Santo:**\n\nHello [friends](https://f.example/a_(b)).\nGo on.\n\n**Break:**\n\n"
        "**Ann \\[00:04:01.06\\]:** Yes *indeed*. \\[00:05:00.00\\] Later.\n\n> quoted\n",
        "t.md",
    )
    assert cues_in(result) == [
        (None, "Jerod Santo", "Hello friends. Go on."),
        (241.06, "Ann", "Yes indeed."),
        (300.0, "Ann", "Later."),
        (None, "Ann", "quoted"),
    ]


def test_turns_in_plain_text_need_their_name_twice() -> None:
    result = read_transcript("Ann: Hi.\n\nBut: no name.\n\nBob: Yes.\n\nAnn: Ok.\n\nBob: Bye.\n", "t.txt")
    assert [cue.speaker for cue in result.cues] == ["Ann", "Ann", "Bob", "Ann", "Bob"]
    assert result.cues[1].text == "But: no name."


def test_japanese_names_and_times_before_them() -> None:
    result = read_transcript(
        "[00:10] 春日部：やっほー\n[00:20] 豆子：はい\n[1:00:30] 春日部：では\n豆子：また", "t.txt"
    )
    assert cues_in(result) == [
        (10.0, "春日部", "やっほー"),
        (20.0, "豆子", "はい"),
        (3630.0, "春日部", "では"),
        (None, "豆子", "また"),
    ]


def test_timed_headings_are_sections_and_front_matter_is_not_spoken() -> None:
    result = read_transcript("---\ntitle: x\n---\n\n## Fees 00:01:11\n\nAbout fees.\n", "t.md")
    assert result.sections == (Section(71.0, "Fees", None),)
    assert cues_in(result) == [(71.0, None, "About fees.")]


# --- the examples of Podcasting 2.0


@pytest.mark.archive
def test_the_examples_of_podcasting_2_are_read_whole() -> None:
    vtt, srt, words = (
        read_transcript((FEEDS / f"example.{ending}").read_text(encoding="utf-8"), f"example.{ending}")
        for ending in ("vtt", "srt", "json")
    )
    assert {cue.speaker for cue in vtt.cues} == {"Sarah", "Gillian"}
    assert "Podcasting Q&A" in as_text(vtt.cues)
    assert "Travis" in {cue.speaker for cue in srt.cues}
    assert as_text(words.cues) == "Darth Vader: I am your father.\nLuke: Nooooo"
    assert [result.faults for result in (vtt, srt, words)] == [[], [], []]


# --- whatever stands in a file

LINES = st.sampled_from(
    [
        "WEBVTT",
        "1",
        "",
        " ",
        "00:01.000 --> 00:02.000",
        "00:00:05,5 --> 00:00:01,0 align:left",
        "--> x",
        "<v Ann>hi &lt;",
        "NOTE",
        "**Ann:** x",
        "Ann: \\[00:01\\] y",
        "[99:99] z",
        "## h 1:02",
        "- 豆：",
        "{",
        "[",
        "---",
        "</v><rt>",
    ]
)
NAMES = st.sampled_from(["a.vtt", "a.srt", "a.json", "a.txt", "a.md", "a.ja.vtt", "odd"])


@small
@given(st.lists(LINES | st.text(max_size=12), max_size=14).map("\n".join), NAMES)
def test_no_text_makes_a_reader_fail(text: str, name: str) -> None:
    result = read_transcript(text, name)
    starts = [cue.start for cue in result.cues]
    if None not in starts:
        assert starts == sorted(starts, key=lambda start: start or 0.0)
    assert all(cue.text.strip() for cue in result.cues)
    assert all(fault.line is None or 1 <= fault.line <= text.count("\n") + 1 for fault in result.faults)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["segments", "body", "text", "startTime", "end", "speaker", "type", "start_ms", "end_ms", "notes"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@small
@given(JSON)
def test_no_json_makes_a_reader_fail(data: object) -> None:
    read_transcript(json.dumps(data), "a.json")
    read_transcript(json.dumps({"segments": data}), "a.json")
    read_transcript(json.dumps([{"start_ms": 0}, data]), "a.json")


HOSTILE = ["<v ", "<rt", "\\[", "[a](", "# \t", "**a", "A.", "1:", "{\\", "a ", "_a ", "あ ", "&", "(", "> "]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_line_of_anything_is_read_in_no_time(piece: str) -> None:
    line = f"{piece * 40_000}b"  # patterns that try every end for every beginning would take hours here
    for head, name in (("WEBVTT\n\n00:00.000 --> 00:01.000\n", "a.vtt"), ("", "a.md"), ("# ", "a.txt")):
        read_transcript(head + line, name)


WORDS = st.lists(st.text(string.ascii_letters, min_size=1, max_size=9), min_size=1, max_size=12).map(" ".join)


@small
@given(st.lists(st.tuples(st.integers(0, 3599), WORDS), max_size=12))
def test_what_is_written_as_subtitles_is_read_back(rows: list[tuple[int, str]]) -> None:
    rows = sorted(rows, key=lambda row: row[0])
    for sign, head, name in ((",", "", "a.srt"), (".", "WEBVTT\n\n", "a.vtt")):
        text = head + "\n".join(
            f"{i}\n00:{at // 60:02}:{at % 60:02}{sign}000 --> 00:{at // 60:02}:{at % 60:02}{sign}500\n{words}\n"
            for i, (at, words) in enumerate(rows, 1)
        )
        result = read_transcript(text, name)
        assert [(cue.start, cue.text) for cue in result.cues] == [(float(at), words) for at, words in rows]
        assert result.faults == []


# --- passages

CUES = st.lists(
    st.tuples(st.sampled_from(["Ann", "Bob", None]), st.text("ab 。.", min_size=1, max_size=300)), max_size=20
)


@small
@given(CUES, st.sampled_from([40, 200, SIZE]))
def test_passages_leave_nothing_out_and_their_times_rise(rows: list[tuple[str | None, str]], size: int) -> None:
    cues = tuple(Cue(float(at), at + 1.0, who, text.strip() or "x") for at, (who, text) in enumerate(rows))
    cut = passages(cues, size)
    starts = [passage.start or 0.0 for passage in cut]
    assert starts == sorted(starts)
    whole = "".join(cut[0].text.split()) if cut else ""
    for passage in cut[1:]:
        more = "".join(passage.text.split())
        assert more
        whole += more
    needed = [letter for cue in cues for letter in cue.text if not letter.isspace()]
    remaining = iter(whole)
    assert all(letter in remaining for letter in needed)
    assert all(len(passage.text) <= 2.6 * size + 60 for passage in cut)


def test_a_passage_begins_with_the_last_turn_of_the_one_before() -> None:
    cues = tuple(Cue(float(at * 10), None, "AB"[at % 2], f"turn {at} " + "x" * 140) for at in range(20))
    cut = passages(cues)
    assert len(cut) > 2
    for before, after in zip(cut, cut[1:], strict=False):
        assert before.text.splitlines()[-1] == after.text.splitlines()[0]
        assert (before.start or 0) < (after.start or 0)


# --- Whisper


def test_lines_of_whisper_have_the_time_that_stands_before_them() -> None:
    text = "[00:01.000 --> 00:05.040]  Sow the peas.\n[00:05.040 --> 01:00:08.000]  Water the beans.\n"
    assert cues_in(read_transcript(text, "a.txt")) == [(1.0, None, "Sow the peas."), (5.04, None, "Water the beans.")]


def test_json_of_whisper_cpp_has_its_times() -> None:
    spans = [("00:00:01,000", "00:00:05,040", " Sow the peas."), ("00:00:09,040", "00:00:12,000", " Rest.")]
    rows = [{"timestamps": {"from": start, "to": end}, "text": text} for start, end, text in spans]
    result = read_transcript(json.dumps({"transcription": rows}), "a.json")
    assert cues_in(result) == [(1.0, None, "Sow the peas."), (9.04, None, "Rest.")]
    assert result.cues[0].end == 5.04


def test_angles_that_are_no_tags_are_spoken() -> None:
    result = read_transcript(
        "WEBVTT\n\n00:00.000 --> 00:01.000\nif a <b and c> d, <i>say</i> <rt> so < or >\n", "a.vtt"
    )
    assert cues_in(result) == [(0.0, None, "if a <b and c> d, say so < or >")]

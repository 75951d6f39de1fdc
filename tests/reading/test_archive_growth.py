"""What once took the square or the cube of its length is read in passing; a minute was not enough for it before."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from archive_samples import read_one

from zunda_mcp.reading.feeds.feed_formats import number_in
from zunda_mcp.reading.markdown.inline import links_in
from zunda_mcp.reading.metadata.file_names import dated_name
from zunda_mcp.reading.posts.post import Post
from zunda_mcp.reading.posts.x_export import Note, with_notes
from zunda_mcp.reading.transcripts.transcript_file import read_transcript
from zunda_mcp.topics.glossary import glosses
from zunda_mcp.topics.tokens import plain

HEAD = "---\ntitle: 題\ndate: 2031-01-01\n---\n\n"


@pytest.mark.parametrize(
    "body",
    [
        "<h1>" + "\t" * 20_000 + "!\n",
        "- ![a](" + " " * 30_000 + "x\n",
        "".join("- https://a.example/" + "`" * 199 + "a\n" for _ in range(1_500)),
    ],
    ids=["a heading of tabs", "a link of spaces", "lines of backticks"],
)
def test_a_body_made_to_be_slow_is_read(tmp_path: Path, body: str) -> None:
    assert read_one(tmp_path, HEAD + body).draft is not None


def test_front_matter_with_a_key_of_many_parts_is_a_problem(tmp_path: Path) -> None:
    (problem,) = read_one(
        tmp_path, "+++\ntitle = 'x'\n" + "a." * 30_000 + "b = 1\n+++\n- [a](https://a.example)\n"
    ).problems
    assert (problem.line, "too many parts" in problem.cause) == (3, True)


def test_a_name_of_many_signs_is_no_date_and_others_still_are() -> None:
    assert dated_name("a" + "-" * 20_000 + "x") == (None, "a" + "-" * 20_000 + "x")
    assert dated_name("show - 2025-07-08") == (dt.date(2025, 7, 8), "show")
    assert dated_name("show_20250708") == (dt.date(2025, 7, 8), "show")
    assert dated_name("20250708") == (dt.date(2025, 7, 8), "")
    assert dated_name("show20250708") == (dt.date(2025, 7, 8), "show")
    assert dated_name("v20250708") == (None, "v20250708")
    assert dated_name("120250708") == (None, "120250708")


def test_a_title_of_many_spaces_has_no_number_and_others_still_do() -> None:
    assert number_in("Episode" + " " * 60_000) is None
    assert [number_in(title) for title in ("Episode 12", "Ep. # 7", "show #3")] == [12, 7, 3]


def test_links_in_code_are_none_however_the_code_is_written() -> None:
    line = "`[a](x)` [b](c) ``[d](`e`)`` [f](g) ` [h](i) ```"
    assert [link.url for link in links_in(line)] == ["c", "g", "i"]


def test_a_transcript_of_one_endless_paragraph_is_one_cue() -> None:
    (cue,) = read_transcript("はい\nA b\nc\n" * 20_000, "a.txt").cues
    assert cue.text == " ".join(["はい A b c"] * 20_000)


@pytest.mark.parametrize(
    ("note", "shortened", "texts"),
    [
        ("別の話", "豆" + " " * 25_000 + "!", ["豆" + " " * 25_000 + "!\n\n別の話"]),
        ("豆の話をする。続き", "豆の話をする。… https://t.co/abc", ["豆の話をする。続き"]),
        ("豆の話をする。続き", "豆の話をする。https://t.co/abc…  https://t.co/def ", ["豆の話をする。続き"]),
    ],
    ids=["a post of spaces", "an ellipsis and a link", "two links"],
)
def test_a_post_is_compared_with_its_note(note: str, shortened: str, texts: list[str]) -> None:
    at = dt.datetime(2025, 7, 8, tzinfo=dt.UTC)
    posts = with_notes([Post(1, "mame", at, shortened, "post")], [Note(2, at, note)], "mame")
    assert [post.text for post in posts] == texts


def test_a_page_that_is_one_word_holds_no_gloss_and_no_address() -> None:
    assert glosses("b" * 100_000 + "[a](") == []
    assert plain("b" * 100_000) == "b" * 100_000
    assert plain("an a.b+c@example.com d").split() == ["an", "d"]
    assert [(one.name, one.other) for one in glosses("検索拡張生成(RAG)を使う")] != []


def test_a_voice_without_end_is_read() -> None:
    result = read_transcript("WEBVTT\n\n00:01.000 --> 00:02.000\n<v" + " " * 30_000 + "\n<v  Mary Ann >Peas\n", "a.vtt")
    assert result.cues[-1].speaker == "Mary Ann"

"""Questions that begin or end with a time: taken for days where that is what they mean, and left alone elsewhere."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Post, examples, library_over
from zunda_mcp.library import Library
from zunda_mcp.query.named_filters import split_kind, without_post_request
from zunda_mcp.query.time_words import asks_how_many, split_order, split_time
from zunda_mcp.text.dates import PERIOD_NAMES, parse_span

TODAY = dt.date(2026, 8, 21)


@pytest.mark.parametrize(
    ("text", "rest", "since", "until"),
    [
        ("去年のラーメンの投稿", "ラーメンの投稿", "2025-01-01", "2025-12-31"),
        ("去年の夏のラーメン", "ラーメン", "2025-06-01", "2025-08-31"),
        ("2024年5月のラーメン", "ラーメン", "2024-05-01", "2024-05-31"),
        ("２０２４年のラーメン", "ラーメン", "2024-01-01", "2024-12-31"),
        ("二〇二四年のラーメン", "ラーメン", "2024-01-01", "2024-12-31"),
        ("先週見た映画", "見た映画", "2026-08-10", "2026-08-16"),
        ("昨日のラーメン", "ラーメン", "2026-08-20", "2026-08-20"),
        ("3日前の投稿", "投稿", "2026-08-18", "2026-08-18"),
        ("ラーメン 去年", "ラーメン", "2025-01-01", "2025-12-31"),
        ("ラーメン、2024年5月3日", "ラーメン", "2024-05-03", "2024-05-03"),
        ("2024-05 ラーメン", "ラーメン", "2024-05-01", "2024-05-31"),
        ("last year's ramen", "ramen", "2025-01-01", "2025-12-31"),
        ("ramen last year", "ramen", "2025-01-01", "2025-12-31"),
        ("What did I write about ramen in July 2025?", "What did I write about ramen", "2025-07-01", "2025-07-31"),
        ("Summarize my ramen posts from last year", "Summarize my ramen posts", "2025-01-01", "2025-12-31"),
        ("ramen since last month", "ramen", "2026-07-01", "2026-08-21"),
        ("ramen since 2024", "ramen", "2024-01-01", "2026-08-21"),
        ("去年", "", "2025-01-01", "2025-12-31"),
        ("any ramen the week of June 1st this year?", "any ramen", "2026-06-01", "2026-06-07"),
        ("ramen in the week of October 22, 2025", "ramen", "2025-10-20", "2025-10-26"),
        ("What ramen have I eaten so far this month?", "What ramen have I eaten", "2026-08-01", "2026-08-21"),
        ("ramen on July 8 last year", "ramen", "2025-07-08", "2025-07-08"),
        ("2024年3月有哪些关于拉面的文章", "哪些关于拉面的文章", "2024-03-01", "2024-03-31"),
        ("上个月的拉面", "拉面", "2026-07-01", "2026-07-31"),
        ("Ramen letztes Jahr", "Ramen", "2025-01-01", "2025-12-31"),
        ("ramen la semana pasada", "ramen", "2026-08-10", "2026-08-16"),
        ("What did I write last month about ramen?", "What did I write about ramen?", "2026-07-01", "2026-07-31"),
        ("ラーメンは去年何回出た？", "ラーメンは何回出た？", "2025-01-01", "2025-12-31"),
        ("¿Qué se dijo el año pasado de ramen?", "¿Qué se dijo de ramen?", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_time_at_the_edge_of_a_question_is_days(text: str, rest: str, since: str, until: str) -> None:
    found = split_time(text, TODAY)
    assert found is not None
    assert (found.rest, str(found.span.since), str(found.span.until)) == (rest, since, until)


@pytest.mark.parametrize("name", sorted({*PERIOD_NAMES} - {"today", "きょう"}))
def test_every_name_of_a_period_is_one_at_the_edge_of_a_question(name: str) -> None:
    text = f"ramen {name}" if name.isascii() else f"{name}のラーメン"
    found = split_time(text, TODAY)
    assert found is not None
    period = parse_span(name, TODAY)
    assert period is not None
    assert (found.rest, found.span.since) == ("ramen" if name.isascii() else "ラーメン", period.since)


@pytest.mark.parametrize(
    "text",
    [
        "3月のライオン",
        "火の鳥",
        "金曜の朝",
        "今年度の予算",
        "2048 game",
        "Apple Vision Pro 2024",
        "may the force",
        "AI today",
        "sun microsystems",
        "目の前の猫",
        "名前の由来",
        "以前のラーメン",
        "去年から今年のラーメン",
        "一年前の今日",
        "ラーメンは去年おいしかった",
        "「去年のラーメン」",
        "2001年宇宙の旅",
        "五十を目前に、サービスの安定運用を担う職種",
        "",
    ],
)
def test_what_may_be_something_else_is_left_alone(text: str) -> None:
    assert split_time(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("When did they first mention vibe coding?", "oldest"),
        ("最初にMCPが出たのはいつ？", "oldest"),
        ("ちいかわの話、最後はいつだっけ", "newest"),
        ("when was the latest talk about Sora", "newest"),
        ("the most recent story about Sora", "newest"),
        ("MCPが最後に取り上げられた回", "newest"),
        ("MCPが初めて紹介された回", "oldest"),
        ("最早什么时候提到 FastAPI", "oldest"),
        ("最后一次提到 Django 是什么时候", "newest"),
        ("¿Cuándo habló por primera vez de Telegram?", "oldest"),
        ("Quand ont-ils parlé de Docker pour la dernière fois ?", "newest"),
        ("Wann ging es zum ersten Mal um Docker?", "oldest"),
        ("Когда в последний раз говорили о Docker?", "newest"),
        ("最新モデルの比較", None),
        ("primera plana", None),
        ("when was the first and the last one", None),
        ("first person shooter", None),
        ("latest news on Sora", None),
    ],
)
def test_a_question_for_the_first_or_the_last_is_answered_in_that_order(text: str, order: str | None) -> None:
    assert split_order(text) == order


@pytest.mark.parametrize(
    "text",
    [
        "How many stories mention ramen?",
        "ラーメンの話は何回？",
        "有多少期提到了拉面",
        "¿Cuántos episodios hablan de ramen?",
        "Wie viele Folgen gibt es zu Ramen?",
        "Combien d'épisodes parlent de ramen ?",
        "Сколько выпусков про рамен?",
    ],
)
def test_a_question_for_a_number_is_known_in_many_languages(text: str) -> None:
    assert asks_how_many(text)
    assert not asks_how_many("ramen quantity")


@settings(max_examples=examples(30))
@given(st.text(max_size=60))
def test_no_text_is_an_error(text: str) -> None:
    split_time(text, TODAY)
    without_post_request(text)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("ラーメンの投稿をまとめて", "ラーメン"),
        ("ラーメンについての投稿を全部見せてください。", "ラーメン"),
        ("ラーメンをまとめて", "ラーメン"),
        ("投稿をまとめて", "投稿をまとめて"),
        ("投稿の予約機能", "投稿の予約機能"),
        ("ラーメンの話", "ラーメンの話"),
    ],
)
def test_a_request_for_posts_is_not_what_is_asked_about(text: str, rest: str) -> None:
    assert without_post_request(text) == rest


@pytest.fixture
def diary(archive: Path, tmp_path: Path) -> Library:
    """Posts of three years, two of them about ramen each year."""
    rows = [
        f'"{n}","https://x.com/me/status/{n}","{year}-0{month}-01 12:00:00","{text}","1"\n'
        for n, (year, month, text) in enumerate(
            (year, month, text)
            for year in (2024, 2025, 2026)
            for month, text in ((3, "駅前のラーメンが良い"), (5, "去年のラーメンを思い出す"), (7, "散歩した"))
        )
    ]
    archive.mkdir(exist_ok=True)
    (archive / "me-260801.csv").write_text("".join(rows), encoding="utf-8")
    library = library_over(archive, tmp_path / "index")
    library.refresh()
    return library


def test_last_years_posts_about_ramen_are_one_call(diary: Library) -> None:
    found = diary.search("去年のラーメンの投稿をまとめて")
    assert {hit.date for hit in found.hits} == {"2025-03-01", "2025-05-01"}
    assert '"去年" taken as these days' in found.understood
    assert "since 2025-01-01 until 2025-12-31" in found.understood
    assert {hit.date for hit in diary.search("去年のラーメン").hits} == {"2025-03-01", "2025-05-01"}


def test_an_english_question_is_one_call_too(diary: Library) -> None:
    found = diary.search("Summarize my ラーメン posts from last year")
    assert {hit.date for hit in found.hits} == {"2025-03-01", "2025-05-01"}


def test_a_time_alone_lists_its_days(diary: Library) -> None:
    assert [hit.date for hit in diary.search("去年の投稿をまとめて").hits] == ["2025-07-01", "2025-05-01", "2025-03-01"]
    assert diary.search("2024-05-01").total_stories == 1
    assert diary.search("2025年の投稿").total_stories == 3


def test_named_days_are_not_overruled(diary: Library) -> None:
    found = diary.search("去年のラーメン", since="2024-01-01", until="2024-12-31")
    assert {hit.date for hit in found.hits} <= {"2024-03-01", "2024-05-01"}
    assert found.total_stories


def test_where_those_days_have_nothing_all_are_searched_and_it_is_said(diary: Library) -> None:
    found = diary.search("2019年のラーメン")
    assert "nothing in" in found.understood
    assert "2019-01-01 to 2019-12-31" in found.understood


def test_a_title_that_begins_with_a_year_is_still_found(show: Library, post: Post) -> None:
    post("2025-01-05-1", ("2024年の振り返り", "https://example.com/a", "一年をまとめた。"))
    post("2024-06-01-2", ("振り返りのやり方", "https://example.com/b", "週に一度の振り返り。"))
    post("2025-01-06-3", ("別の話", "https://example.com/c", "去年の反省という題の本。"))
    show.refresh()
    assert show.search("2024年の振り返り").hits[0].title == "2024年の振り返り"
    assert "振り返りのやり方" in {hit.title for hit in show.search("2024年の振り返りのやり方").hits}


@pytest.mark.parametrize(
    ("text", "rest", "kind"),
    [
        ("likes about Rust", "Rust", "like"),
        ("Rust articles I've bookmarked", "Rust", "bookmark"),
        ("my LLM bookmarks", "LLM", "bookmark"),
        ("いいねしたラーメン", "ラーメン", "like"),
        ("リポストしたLLMの記事", "LLMの記事", "repost"),
        ("ラーメンのブックマーク", "ラーメン", "bookmark"),
        ("いいね", "", "like"),
    ],
)
def test_a_question_names_the_kind_of_posts_it_wants(text: str, rest: str, kind: str) -> None:
    assert split_kind(text) == (rest, kind)


@pytest.mark.parametrize(
    "text", ["what it looks like", "I like Rust", "bookmark managers", "いいねの数え方", "like", ""]
)
def test_other_uses_of_these_words_name_no_kind(text: str) -> None:
    assert split_kind(text) is None

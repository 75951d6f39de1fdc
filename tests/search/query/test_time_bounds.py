"""Questions with a time that is open at one end, or between two."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Post, examples
from zunda_mcp.library import Library
from zunda_mcp.query.time_bounds import split_bounds

TODAY = dt.date(2026, 8, 21)


@pytest.mark.parametrize(
    ("text", "rest", "since", "until"),
    [
        ("ramen before June 2025", "ramen", "0001-01-01", "2025-05-31"),
        ("ramen prior to 2025", "ramen", "0001-01-01", "2024-12-31"),
        ("ramen until March 2025?", "ramen", "0001-01-01", "2025-03-31"),
        ("ramen after 2026-06", "ramen", "2026-07-01", "2026-08-21"),
        (
            "Before June 2025, what did they say about ramen?",
            "what did they say about ramen?",
            "0001-01-01",
            "2025-05-31",
        ),
        ("ramen between January and March 2025", "ramen", "2025-01-01", "2025-03-31"),
        ("ramen from January 2025 to March 2025", "ramen", "2025-01-01", "2025-03-31"),
        ("ramen between 2025-01-01 and 2025-03-31", "ramen", "2025-01-01", "2025-03-31"),
        ("2025年1月から3月までのラーメン", "ラーメン", "2025-01-01", "2025-03-31"),
        ("2025年1月〜3月のラーメン", "ラーメン", "2025-01-01", "2025-03-31"),
        ("2026年6月以降のラーメン", "ラーメン", "2026-06-01", "2026-08-21"),
        ("ラーメン 2024年以降", "ラーメン", "2024-01-01", "2026-08-21"),
        ("2024年以前のラーメン", "ラーメン", "0001-01-01", "2024-12-31"),
        ("2024年末までのラーメン", "ラーメン", "0001-01-01", "2024-12-31"),
        ("去年より前のラーメン", "ラーメン", "0001-01-01", "2024-12-31"),
        ("先月からのラーメン", "ラーメン", "2026-07-01", "2026-08-21"),
        ("2025年3月以前介绍过的拉面", "介绍过的拉面", "0001-01-01", "2025-03-31"),
        ("Ramen bis März 2025", "Ramen", "0001-01-01", "2025-03-31"),
        ("ramen antes de 2025", "ramen", "0001-01-01", "2024-12-31"),
        ("ramen entre enero y marzo de 2025", "ramen", "2025-01-01", "2025-03-31"),
        ("Ramen im März 2025", "Ramen", "2025-03-01", "2025-03-31"),
        ("ramen in the summer of 2025", "ramen", "2025-06-01", "2025-08-31"),
        ("2025年以降", "", "2025-01-01", "2026-08-21"),
        ("Docker en 2018", "Docker", "2018-01-01", "2018-12-31"),
        ("Docker im Jahr 2018", "Docker", "2018-01-01", "2018-12-31"),
        ("что было про Docker в 2022 году", "что было про Docker", "2022-01-01", "2022-12-31"),
    ],
)
def test_a_bound_at_the_edge_of_a_question_is_days(text: str, rest: str, since: str, until: str) -> None:
    bounded = split_bounds(text, TODAY)
    assert bounded is not None
    assert (bounded.rest, str(bounded.span.since), str(bounded.span.until)) == (rest, since, until)


@pytest.mark.parametrize(
    "text",
    [
        "life after death",
        "Python from 3.9 to 3.14",
        "models from 7B to 70B",
        "what changed after the keynote",
        "Who said that AGI will arrive before 2050?",
        "ramen from 2024",
        "去年から今年のラーメン",
        "3日前の投稿",
        "以前のラーメン",
        "GPT-5が出る前の噂",
        "名前の由来",
        "to do before 30",
        "",
    ],
)
def test_what_may_be_something_else_is_left_alone(text: str) -> None:
    assert split_bounds(text, TODAY) is None


@settings(max_examples=examples(30))
@given(st.text(max_size=60))
def test_no_text_is_an_error(text: str) -> None:
    split_bounds(text, TODAY)


def test_the_days_of_a_bound_are_searched_and_said(show: Library, post: Post) -> None:
    for month in range(1, 7):
        post(f"2025-0{month}-10-{month}", ("枝豆の話", f"https://example.com/{month}", "枝豆を茹でる。"))
    show.refresh()
    for query, months in {
        "枝豆 before April 2025": [1, 2, 3],
        "2025年4月以降の枝豆": [4, 5, 6],
        "what about 枝豆 between February and March 2025?": [2, 3],
        "枝豆 before 2020": [1, 2, 3, 4, 5, 6],
    }.items():
        answer = show.search(query, limit=20)
        assert sorted({int(hit.date[5:7]) for hit in answer.hits if hit.date and "#" in hit.id}) == months, query
    assert "all days were searched" in answer.understood


def test_a_timeline_reads_the_question_as_a_search_does(show: Library, post: Post) -> None:
    for month in range(1, 7):
        post(f"2025-0{month}-10-{month}", ("枝豆の話", f"https://example.com/{month}", "枝豆を茹でる。"))
    post("2025-07-10-7", ("枝豆とGoogle", "https://example.com/7", "枝豆を探す。"))
    show.refresh()
    counted = show.timeline("枝豆 before April 2025")
    assert (counted.total_stories, [one.period for one in counted.periods]) == (3, ["2025-01", "2025-02", "2025-03"])
    assert '"before April 2025" taken as these days' in counted.understood
    assert show.timeline("枝豆 but not Google").total_stories == 6
    assert "without Google" in show.timeline("枝豆 but not Google").understood
    assert show.timeline("枝豆").total_stories == 7

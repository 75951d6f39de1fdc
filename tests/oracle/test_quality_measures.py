"""What ``make quality`` measures, with engines that are a few lines."""

from __future__ import annotations

import datetime as dt

from benchmarks.quality import judged, nothing, sentences, typed_titles
from benchmarks.quality.judged import Key, Query
from benchmarks.quality.judged_stories import Story
from conftest import ROOT
from zunda_mcp.query import tuning

FIRST, SECOND = ("e1", "https://example.com/1"), ("e2", "https://example.com/2")
QUERIES = [
    Query("1", "name", "RAG", {}, {FIRST: 2}),
    Query("2", "variant", "らぐ", {}, {FIRST: 2}),
    Query("3", "none", "Kubernetes", {}, {}),
]


def story(key: Key, title: str, episode_title: str) -> Story:
    return Story(f"{key[0]}#1", key[0], key[1], "example.com", dt.date(2026, 7, 1), (), episode_title, title, "")


ARCHIVE = [story(FIRST, "Ｒａｇ  explained", "Episode one"), story(SECOND, "Cats", "Episode two")]


def test_an_engine_that_minds_sentences_loses_by_them() -> None:
    def bare_or_japanese(query: Query) -> list[Key]:
        return [FIRST] if query.text in {"RAG", "らぐ"} or "何回目" in query.text else []

    wrapped = sentences.measure(QUERIES, bare_or_japanese)
    assert wrapped is not None
    assert (wrapped.queries, wrapped.bare, wrapped.most_lost) == (2, 1, 1)
    assert wrapped.by_language["ja"] == 0.5
    assert wrapped.by_language["de"] == 0
    assert wrapped.silent == 11 / 12
    assert wrapped.mean == 1 / sum(map(len, sentences.SENTENCES.values()))


def test_sentences_are_left_out_where_no_query_is_a_name() -> None:
    assert sentences.measure(QUERIES[2:], lambda _: []) is None


def test_ten_languages_ask() -> None:
    assert len(sentences.SENTENCES) == 10
    assert all(sentence.count("{}") == 1 for group in sentences.SENTENCES.values() for sentence in group)


def test_what_has_no_hit_is_right_for_nothing_and_wrong_for_all_else() -> None:
    scores = judged.score(QUERIES, {"1": [FIRST], "2": [], "3": []})
    assert (scores["none"].silent, scores[judged.ALL].silent) == (1, 0.5)


def test_a_title_is_found_by_its_story_and_by_anything_of_its_episode() -> None:
    answers: dict[str, list[Key]]
    answers = {"Ｒａｇ  explained": [SECOND, FIRST], "Cats": [SECOND], "Episode one": [("e1", None)], "Episode two": []}
    found = typed_titles.measure(ARCHIVE, lambda query: answers[query.text])
    assert (found["stories"].first, found["stories"].among) == (0.5, 1)
    assert (found["episodes"].first, found["episodes"].among) == (0.5, 0.5)


def test_the_curve_moves_the_factor_and_puts_it_back() -> None:
    before = tuning.SURELY_NEAR

    def ask(query: Query) -> list[Key]:
        nearness = 1.1 if query.kind == judged.NONE else 1.9
        return [FIRST] if nearness >= tuning.SURELY_NEAR else []

    points = {point.factor: (point.lacking, point.answerable) for point in nothing.curve(QUERIES, ask)}
    assert [points[factor] for factor in (1.0, before, 3.0)] == [(0, 0), (1, 0), (1, 1)]
    assert before == tuning.SURELY_NEAR


def test_the_sample_has_judged_queries_of_every_sort() -> None:
    queries = judged.read(ROOT / "benchmarks" / "quality" / "sample.jsonl")
    assert {judged.NONE, *sentences.KINDS, "filtered"} <= {query.kind for query in queries}

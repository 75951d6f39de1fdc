"""A plan says how a query will be answered: it can be printed and compared, and nothing changes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from zunda_mcp.config.load import load_settings
from zunda_mcp.engine.expander import Expander
from zunda_mcp.engine.local_matching import LocalFinder
from zunda_mcp.index import schema
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.library import Library
from zunda_mcp.query.parse import parse
from zunda_mcp.query.plan import QueryPlan, make_plan

STORIES = (
    ("Claude Codeで書く", "Claude Code に試験を任せる。"),
    ("Claude Codeの設定", "Claude Code を速くする。"),
    ("画像生成の入門", "画像を作る。生成の仕組み。"),
    ("デヴィンに任せる", "デヴィンが画面を設計した。"),
    ("畑の記録", "種をまいて水をやる。"),
    ("コートの整備", "コートを直す。"),
    ("ゲートボックスの声", "ゲートボックスと話す。"),
)


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> LocalFinder:
    """A finder over ``STORIES``, one a day."""
    folder: Path = tmp_path_factory.mktemp("plan")
    for day, (title, summary) in enumerate(STORIES, 1):
        text = f"---\ntitle: Day {day}\ndate: 2025-07-0{day}\n---\n\n## [{title}](https://example.com/{day})\n\n{summary}\n"
        (folder / f"2025-07-0{day}.md").write_text(text, encoding="utf-8")
    index = folder.parent / f"{folder.name}-index"
    with Library.open(load_settings(episodes=[folder], index=index, embedder="none")) as library:
        library.refresh()
    name = Generations(index, schema.VERSION).current()
    assert name is not None
    reader = IndexReader(Generations(index, schema.VERSION).path(name))
    return LocalFinder(reader, schema.TEXT, Expander(reader, {}))


def plan_of(query: str, finder: LocalFinder) -> QueryPlan:
    return make_plan(parse(query), finder)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("デヴィンの設計", "デヴィン 設計"),
        ("ゲートボックスと画像生成の入門", "ゲートボックス 画像生成 入門"),
        ("画像の設計を記録した", "画像 設計 記録"),
    ],
)
def test_a_sentence_of_nouns_that_nobody_wrote_is_planned_as_its_words_are(
    sentence: str, words: str, finder: LocalFinder
) -> None:
    assert plan_of(sentence, finder) == plan_of(words, finder)


@pytest.mark.parametrize(
    "sentence", ["デヴィンが画面を設計した", "「デヴィンの設計」", "デヴィンのギター", "コートを直すゲートボックス"]
)
def test_one_that_somebody_wrote_a_phrase_and_one_with_a_verb_or_an_absent_noun_stay_whole(
    sentence: str, finder: LocalFinder
) -> None:
    plan = plan_of(sentence, finder)
    assert plan.open or [clause.text for clause in plan.required] == [sentence.strip("「」")]


@pytest.mark.parametrize(
    ("query", "plan"),
    [
        ("設定", "required: 設定"),
        ("Claude Code", "required: claude + code | phrases: claude-code | full matches hold: claude-code"),
        ("devin", "required: devin → デヴィン (sound)"),
        ("画像生成AI", "required: 画像生成ai | pieces: 画像生成 + 画像 + 生成 | missing: ai"),
        ("what about Rust", "required: rust | missing: Rust | dropped: what, about"),
    ],
)
def test_a_plan_reads_as_one_line(query: str, plan: str, finder: LocalFinder) -> None:
    assert str(plan_of(query, finder)) == plan


def test_the_same_query_has_the_same_plan_and_another_has_another(finder: LocalFinder) -> None:
    assert plan_of("Claude Code", finder) == plan_of("Claude  Code", finder)
    assert plan_of("Claude Code", finder) != plan_of("Claude", finder)


def test_nothing_changes_a_plan(finder: LocalFinder) -> None:
    plan = plan_of("設定", finder)
    with pytest.raises(AttributeError):
        plan.open = True  # type: ignore[misc]
    with pytest.raises(AttributeError):
        plan.required[0].weight = 2.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("query", "plan"),
    [
        ("nurse", "required: nurse | missing: nurse"),
        ("coat", "required: coat → コート (loan)"),
        ("gatebox", "required: gatebox → ゲートボックス (sound)"),
    ],
)
def test_katakana_that_the_dictionary_has_is_what_it_says(query: str, plan: str, finder: LocalFinder) -> None:
    assert str(plan_of(query, finder)) == plan

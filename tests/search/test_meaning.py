"""Searching by meaning, end to end on the sample archive: what is found in other words, and what stays as it was."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import SAMPLE, library_over
from zunda_mcp.answers import SearchResult
from zunda_mcp.library import Library
from zunda_mcp.text.normalize import normalize

EXAM = "artificial intelligence passes university entrance exam"
OLD_POSTS = "searching through ten years of my old social media posts by asking questions"
ROOM = 60_000
LATIN = re.compile(r"[a-z0-9]+")

ENGLISH = {
    EXAM: "2025-01-21-165#3",
    "an old man with poor hearing was delighted by new earphones from his son": "2024-12-18-147#4",
    "voice actress celebrates the fifth anniversary of her weekly radio show": "2024-05-29-4#1",
    "the coding assistant ignored orders and wiped out the live customer data": "2025-08-01-296#2",
    "shop worker scolded for proving to a customer that the arcade machine was fine": "2025-04-28-231#4",
    OLD_POSTS: "2025-07-08-279#4",
    "a robot shaped like a person was secretly steered by human workers at a party": "2024-10-16-102#3",
    "which articles are about criminals stealing secret instructions from chat services?": "2025-03-14-201#3",
}
JAPANESE = {
    "耳が遠い親にイヤホンを試してもらった": "2024-12-18-147#4",
    "喉を痛めた配信者が機械の声で話した": "2025-05-14-240#4",
    "絵を真似て描く遊び": "2026-05-25-489#4",
    "店員がお客さんに腕前を見せつけて叱られた": "2025-04-28-231#4",
    "小型のパソコンを家に置いて遠くから話しかける": "2025-07-15-284#3",
    "ロボットは実は人間が動かしていた": "2024-10-16-102#3",
}


@pytest.fixture(scope="module")
def library(sample_with_vectors: Path) -> Iterator[Library]:
    """The sample archive with the bundled model."""
    with library_over(SAMPLE, sample_with_vectors, embedder="use") as library:
        yield library


def first_three(answer: SearchResult) -> list[str]:
    """The ids of the first three hits."""
    return [hit.id for hit in answer.hits[:3]]


@pytest.mark.parametrize(("question", "story"), ENGLISH.items())
def test_an_english_question_finds_the_japanese_note_that_shares_no_word_with_it(
    library: Library, question: str, story: str
) -> None:
    episode = library.episode(story).episode
    note = next(one for one in episode.stories if one.id == story)
    written = set(LATIN.findall(normalize(f"{note.title}\n{note.summary}")))
    assert written.isdisjoint(LATIN.findall(normalize(question)))
    assert story in first_three(library.search(question))


@pytest.mark.parametrize(("question", "story"), JAPANESE.items())
def test_a_story_is_found_as_it_is_remembered_in_other_words(library: Library, question: str, story: str) -> None:
    assert story in first_three(library.search(question))


def test_the_answer_says_that_meaning_was_asked_and_what_was_found_by_it_alone(
    library: Library, sample: Library
) -> None:
    answer = library.search(EXAM)
    assert "by words and meaning" in answer.understood
    assert answer.hits[0].id == "2025-01-21-165#3"
    without = sample.search(EXAM)
    assert "meaning" not in without.understood
    assert all("meaning" not in hit.matched for hit in without.hits)


@pytest.mark.parametrize(
    "name",
    [
        "TensorRT-LLM",
        "MCP",
        "DuckDB",
        "GraphRAG",
        "量子化",
        "ずんだもん",
        '"音声合成"',
        "「人型ロボット」",
        "zenn.dev",
        "https://github.com/deepseek-ai/DeepSeek-R1",
        "",
    ],
)
def test_a_plain_name_gives_the_same_answer_with_and_without_vectors(
    library: Library, sample: Library, name: str
) -> None:
    with_vectors, without = (
        library.search(name, limit=50, max_chars=ROOM),
        sample.search(name, limit=50, max_chars=ROOM),
    )
    assert without.hits
    assert with_vectors.hits == without.hits
    assert with_vectors.understood == without.understood


@pytest.mark.parametrize(
    ("name", "story"),
    [("Raspberry Pi", "2025-07-15-284#3"), ("初音ミク", "2025-07-15-284#4"), ("tensorrt llm", "2025-07-08-279#2")],
)
def test_a_story_that_holds_a_name_of_several_words_stays_first(
    library: Library, sample: Library, name: str, story: str
) -> None:
    assert library.search(name).hits[0].id == story
    assert sample.search(name).hits[0].id == story


def test_stories_with_the_name_of_a_question_come_before_those_that_are_merely_near(library: Library) -> None:
    hits = library.search("GrafRAGの評価と比較のレポート", limit=20, max_chars=ROOM).hits
    stories = {story.id: story for hit in hits for story in library.episode(hit.episode_id).episode.stories}
    named = ["graphrag" in normalize(f"{stories[hit.id].title}\n{stories[hit.id].summary}") for hit in hits]
    assert named[:3] == [True] * 3


def test_filters_hold_for_what_meaning_brings(library: Library) -> None:
    everything = library.search(OLD_POSTS, limit=50, max_chars=ROOM).hits
    dated = library.search(OLD_POSTS, since="2025-07", until="2025-08", limit=50, max_chars=ROOM).hits
    hosted = library.search(OLD_POSTS, host="春日部つむぎ", limit=50, max_chars=ROOM).hits
    sited = library.search(OLD_POSTS, site="note.com", limit=50, max_chars=ROOM).hits
    assert len({str(hit.date)[:7] for hit in everything}) > 2
    assert {str(hit.date)[:7] for hit in dated} == {"2025-07", "2025-08"}
    assert hosted
    assert {host for hit in hosted for host in hit.hosts} == {"春日部つむぎ"}
    assert "2025-07-08-279#4" in [hit.id for hit in sited]
    assert {hit.site for hit in sited} == {"note.com"}


def test_what_was_excluded_does_not_come_back_by_meaning(library: Library) -> None:
    question = "ロボットは実は人間が動かしていた"
    assert library.search(question).hits[0].id == "2024-10-16-102#3"
    answer = library.search(f"{question} -遠隔操作", limit=50, max_chars=ROOM)
    assert answer.hits
    assert "2024-10-16-102#3" not in {hit.id for hit in answer.hits}
    assert "without 遠隔操作" in answer.understood


def test_what_meaning_brings_can_be_had_by_date(library: Library) -> None:
    by_relevance = library.search(EXAM, limit=50, max_chars=ROOM).hits
    newest = library.search(EXAM, sort="newest", limit=50, max_chars=ROOM).hits
    assert newest
    assert {hit.id for hit in newest} <= {hit.id for hit in by_relevance}
    assert [str(hit.date) for hit in newest] == sorted((str(hit.date) for hit in newest), reverse=True)


@pytest.mark.parametrize("question", [EXAM, "絵を真似て描く遊び"])
def test_pages_go_on_without_repeats_to_the_end(library: Library, question: str) -> None:
    whole = library.search(question, limit=50, max_chars=ROOM)
    ids: list[str] = []
    cursor = None
    while cursor or not ids:
        page = library.search(question, limit=7, cursor=cursor)
        ids += [hit.id for hit in page.hits]
        cursor = page.next_cursor
    assert len(ids) == len(set(ids)) > len(whole.hits) - 1
    assert ids[: len(whole.hits)] == [hit.id for hit in whole.hits]


@pytest.mark.parametrize(
    "question",
    ["Apache Kafka", "How do I use Apache Kafka?", "Apache Kafkaでストリーム処理", "Haskell", "Haskellの型システム"],
)
def test_a_subject_that_the_archive_does_not_have_gets_no_hits_with_vectors_either(
    library: Library, question: str
) -> None:
    answer = library.search(question)
    assert (answer.hits, answer.total_stories, answer.next_cursor) == ([], 0, None)
    assert "not in the archive as written: " in answer.understood


def test_eight_at_once_get_the_answers_of_one(library: Library, sample_with_vectors: Path) -> None:
    questions = [*ENGLISH, *JAPANESE, "MCP", "Apache Kafka"]
    expected = [library.search(question) for question in questions]
    together = threading.Barrier(8)
    with library_over(SAMPLE, sample_with_vectors, embedder="use") as fresh:

        def ask(first: int) -> list[SearchResult]:
            together.wait(30)
            order = [*range(first, len(questions)), *range(first)]
            answers = {at: fresh.search(questions[at]) for at in order}
            return [answers[at] for at in range(len(questions))]

        with ThreadPoolExecutor(8) as pool:
            given = list(pool.map(ask, range(8)))
    assert given == [expected] * 8

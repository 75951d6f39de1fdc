"""Japanese recall, proved: what stands in a title finds its story, and two characters find exactly what holds them.

The checks read the stories themselves, not the index: a plain scan of the text is the truth.
"""

from __future__ import annotations

import random
import re
from functools import cache

import pytest

from conftest import reader_of
from zunda_mcp.engine.local_matching import LocalMatcher
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.library import Library
from zunda_mcp.models import Story
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import parse
from zunda_mcp.text.japanese_english import is_part_by_chance
from zunda_mcp.text.normalize import HAN, KATAKANA, normalize

ONE_SCRIPT = re.compile(rf"[{HAN}]+|[{KATAKANA}]+(?:・[{KATAKANA}]+)*")
KANJI = re.compile(rf"[{HAN}]{{2,}}")
KATAKANA_WORD = re.compile(rf"[{KATAKANA}]{{2,}}")
LATIN_NAME = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]*(?:[-.][A-Za-z0-9]+)*")
JAPANESE_PAIR = re.compile(rf"(?=([{HAN}]{{2}}|[{KATAKANA}]{{2}}|[{HAN}][ぁ-ん]|[ぁ-ん]{{2}}))")


def stories_of(library: Library) -> list[Story]:
    """Every story of the archive."""
    reader = reader_of(library)
    return [reader.story(document) for document in sorted(reader.stories)]


def found(library: Library, query: str) -> set[str]:
    """Ids of every story found, over all pages."""
    reader = open_reader(library)
    answer = LocalMatcher(reader).search(parse(query), Filters(), "relevance")
    return {reader.item(document) for document, _ in answer.items if reader.is_story(document)}


@cache
def open_reader(library: Library) -> IndexReader:
    """The reader of an index that does not change, opened once."""
    return reader_of(library)


@pytest.fixture(params=["sample", pytest.param("real", marks=pytest.mark.archive)])
def library(request: pytest.FixtureRequest) -> Library:
    """The sample archive, and the real one where it lies beside the project."""
    archive: Library = request.getfixturevalue(request.param)
    return archive


def test_every_word_of_a_title_finds_its_story(library: Library) -> None:
    stories = stories_of(library)
    chosen = random.Random(20250708).sample(stories, min(150, len(stories)))
    lost = []
    for story in chosen:
        words = {w for pattern in (KANJI, KATAKANA_WORD, LATIN_NAME) for w in pattern.findall(normalize(story.title))}
        lost += [(word, story.id) for word in sorted(words) if story.id not in found(library, word)]
    assert lost == []


def stands_as_a_word(word: str, text: str) -> bool:
    """Whether Japanese stands in a text otherwise than within or across other words of a run."""
    runs = [run for run in ONE_SCRIPT.findall(text) if word in run]
    return word in text and not (runs and all(is_part_by_chance(word, run) for run in runs))


def test_two_japanese_characters_find_exactly_the_stories_that_contain_them(library: Library) -> None:
    stories = stories_of(library)
    texts = {story.id: normalize(f"{story.title}\n{story.summary}\n{story.section}") for story in stories}
    pairs = sorted({pair for text in texts.values() for pair in JAPANESE_PAIR.findall(text)})
    wrong = []
    for pair in random.Random(279).sample(pairs, min(250, len(pairs))):
        truth = {story_id for story_id, text in texts.items() if stands_as_a_word(pair, text)}
        if found(library, pair) != truth:
            wrong.append((pair, sorted(found(library, pair) ^ truth)[:3]))
    assert wrong == []


def test_a_long_japanese_word_is_found_wherever_it_stands_inside_a_longer_one(library: Library) -> None:
    stories = stories_of(library)
    texts = {story.id: normalize(f"{story.title}\n{story.summary}\n{story.section}") for story in stories}
    words = sorted({word for text in texts.values() for word in KANJI.findall(text) if len(word) >= 4})
    for word in random.Random(4).sample(words, min(60, len(words))):
        inner = word[1:4]
        assert {i for i, text in texts.items() if stands_as_a_word(inner, text)} <= found(library, inner), inner


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("ＴｅｎｓｏｒＲＴ", "TensorRT-LLM"),
        ("tensorrt-llm", "TensorRT-LLM"),
        ("tensorrt llm", "TensorRT-LLM"),
        ("TensorRTLLM", "TensorRT-LLM"),
        ("trtllm-bench", "trtllm-bench"),
        ("promptops", "PromptOps"),
        ("ｽﾛｯﾄ", "スロット"),
    ],
)
def test_spellings_of_a_name_find_it(sample: Library, typed: str, written: str) -> None:
    texts = {s.id: normalize(f"{s.title}\n{s.summary}\n{s.section}") for s in stories_of(sample)}
    holds = {id_ for id_, text in texts.items() if normalize(written) in text}
    assert holds <= found(sample, typed)

"""The topics of a real archive of 549 episodes: what must be there, and what must not.

The archive is not part of this repository (its texts belong to their author); without it these tests are skipped.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from zunda_mcp.models import Episode
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.topics.candidates import mentions
from zunda_mcp.topics.discovery import find_topics
from zunda_mcp.topics.tokens import ArchiveTopic, StoryNames

REAL = Path(__file__).resolve().parents[3] / "shared" / "archive" / "zund-arm-on"

pytestmark = pytest.mark.archive


@pytest.fixture(scope="module", name="episodes")
def real_episodes() -> list[Episode]:
    episodes, _ = read_archive(ArchiveReader([REAL / "_posts", REAL / "_posts.bak"]))
    return sorted(episodes, key=lambda episode: (episode.date, episode.id))


@pytest.fixture(scope="module", name="stories")
def real_stories(episodes: list[Episode]) -> list[StoryNames]:
    return [
        StoryNames(story.id, episode.id, str(episode.date), mentions(story.title, story.summary), story.title)
        for episode in episodes
        for story in episode.stories
    ]


@pytest.fixture(scope="module", name="topics")
def real_topics(stories: list[StoryNames]) -> list[ArchiveTopic]:
    return find_topics(stories)


EXPECTED = """
DeepSeek, Claude Code, MCP, RAG, Gemini, OpenAI, NVIDIA, VOICEVOX, LangGraph, Cursor, GitHub Copilot, AIエージェント,
マルチエージェント, プロンプトインジェクション, Devin, ハルシネーション, ファインチューニング, 音声合成, 強化学習,
拡散モデル, 生成AI, ずんだもん, KVキャッシュ, Hugging Face, TensorRT-LLM, GPT-4o,
Model Context Protocol
"""

UNWANTED = """
モデル データ 技術 記事 エンジニア 開発 新人 新人エンジニア system model API ツール コード タスク ユーザー システム
コスト メリット サービス チーム その結果 エンジ ング 可能性 効率的 具体的 本記事 AI技術 AI開発 The Model Agent Code
Context Protocol Face Hugging
"""


def _names(topics: list[ArchiveTopic]) -> set[str]:
    return {name for topic in topics for name in (topic.name, *topic.aliases)}


@pytest.mark.parametrize("name", [name.strip() for name in EXPECTED.split(",")])
def test_the_names_of_two_years_of_news_are_topics(topics: list[ArchiveTopic], name: str) -> None:
    assert name in _names(topics)


@pytest.mark.parametrize("word", UNWANTED.split())
def test_words_of_general_use_and_fragments_are_no_topics(topics: list[ArchiveTopic], word: str) -> None:
    assert word not in _names(topics)


def test_a_model_of_one_season_has_the_dates_of_its_season(topics: list[ArchiveTopic]) -> None:
    sonnet = next(topic for topic in topics if topic.name == "Claude 3.7 Sonnet")
    assert sonnet.first >= "2025-02"


def test_the_first_sixteen_episodes_alone_already_give_names_and_no_general_words(stories: list[StoryNames]) -> None:
    first = sorted({story.episode_id for story in stories})[:16]
    names = _names(find_topics(story for story in stories if story.episode_id in first))
    assert {"ChatGPT", "生成AI", "OpenAI"} <= names
    assert not {"ユーザー", "リスク", "モデル", "データ", "エンジニア"} & names


def test_reading_names_takes_a_millisecond_a_story_and_finding_topics_a_moment(episodes: list[Episode]) -> None:
    told = [(episode, story) for episode in episodes for story in episode.stories]
    start = time.process_time()
    counted = [mentions(story.title, story.summary) for _, story in told]
    read = time.process_time() - start
    stories = [
        StoryNames(story.id, episode.id, str(episode.date), names, story.title)
        for (episode, story), names in zip(told, counted, strict=True)
    ]
    start = time.process_time()
    find_topics(stories)
    found = time.process_time() - start
    assert read < 4, "twice what it should take, for slow machines"
    assert found < 2, "four times what it should take, for slow machines"

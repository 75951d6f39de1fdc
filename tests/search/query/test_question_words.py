"""What stands before a question word is what is asked about, and a question for a number is answered with the count."""

from __future__ import annotations

import pytest

from conftest import Post
from zunda_mcp.library import Library


@pytest.fixture
def news(show: Library, post: Post) -> Library:
    """Episodes 1 to 3, of which the second has nothing on GPT-5."""
    post("2025-01-27-1", ("GPT-5の噂", "https://example.com/1", "GPT-5が夏に出るという噂。"))
    post("2025-01-29-2", ("ロボットの話", "https://example.com/2", "ぺこまる、発表されたロボットに乗る。"))
    post("2025-08-08-3", ("GPT-5登場", "https://example.com/3", "OpenAIがGPT-5を公開。Gemma 3より高い。"))
    post("2025-08-09-4", ("ぺこまるの歌", "https://example.com/4", "ぺこまるが歌う。Gemma 2を3回試した。"))
    show.refresh()
    return show


def _full(library: Library, query: str) -> set[str]:
    return {hit.episode_id for hit in library.search(query, limit=20).hits if not hit.near}


@pytest.mark.parametrize("query", ["GPT-5はいつ発表された？", "GPT-5って誰が作った？", "GPT-5 とは何？"])
def test_a_question_word_in_the_middle_ends_what_is_asked_about(news: Library, query: str) -> None:
    assert _full(news, query) == {"2025-01-27-1", "2025-08-08-3"}


def test_a_name_in_hiragana_before_a_particle_is_not_grammar(news: Library) -> None:
    assert _full(news, "ぺこまるは誰が作ったの？") == {"2025-01-29-2", "2025-08-09-4"}


@pytest.mark.parametrize("query", ["全部で何回放送した？", "How many episodes are there?"])
def test_a_question_for_the_number_of_episodes_counts_them(news: Library, query: str) -> None:
    answer = news.search(query)
    assert (answer.total_stories, answer.understood.split(";")[0]) == (4, "everything")


def test_a_name_in_hiragana_is_counted_and_not_everything(news: Library) -> None:
    assert _full(news, "ぺこまるの話って今まで何回やった？") == {"2025-01-29-2", "2025-08-09-4"}


def test_what_happened_in_a_week_is_everything_in_it(news: Library) -> None:
    assert _full(news, "What happened the week of 2025-01-27?") == {"2025-01-27-1", "2025-01-29-2"}


def test_an_episode_is_named_by_its_ordinal(news: Library) -> None:
    assert _full(news, "Which episode was the 2nd?") == {"2025-01-29-2"}


def test_the_number_of_a_version_counts_only_beside_the_name(news: Library) -> None:
    assert _full(news, "Gemma 3") == {"2025-08-08-3"}

"""Completion: what a few typed letters could become, from what the archive holds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import mcp_types as types
import pytest
from hypothesis import given
from hypothesis import strategies as st
from server_fakes import FakeLibrary

from zunda_mcp.answers import EpisodeBrief, Topic
from zunda_mcp.errors import ArgumentError, BuildingError, NotFoundError
from zunda_mcp.library import Library
from zunda_mcp.server.completion import MOST, complete
from zunda_mcp.server.prompts import get_prompt, list_prompts
from zunda_mcp.server.resources import list_templates, read_resource, story_uri
from zunda_mcp.text.dates import parse_span

EPISODE = {"type": "ref/resource", "uri": "episode://{id}"}
STORY = {"type": "ref/resource", "uri": "story://{id}"}


def _prompt(name: str) -> dict[str, str]:
    return {"type": "ref/prompt", "name": name}


def _completion(archive: Library, ref: dict[str, str], name: str, value: str = "", **before: str) -> types.Completion:
    context = {"arguments": before} if before else None
    result = types.CompleteResult.model_validate(complete(archive, ref, {"name": name, "value": value}, context))
    found = result.completion
    assert len(found.values) <= MOST
    assert len(set(found.values)) == len(found.values)
    assert found.total is not None
    assert found.has_more == (found.total > len(found.values))
    return found


def _values(archive: Library, ref: dict[str, str], name: str, value: str = "", **before: str) -> list[str]:
    return _completion(archive, ref, name, value, **before).values


class Many(FakeLibrary):
    """An archive of three hundred episodes with ids that are plain numbers."""

    def episodes(self) -> tuple[EpisodeBrief, ...]:
        first = dt.date(2024, 1, 1)
        return tuple(
            EpisodeBrief(
                id=f"ep {number}",
                number=number,
                date=str(first + dt.timedelta(days=number)),
                title="",
                hosts=[],
                url=None,
                stories=2,
            )
            for number in range(300, 0, -1)
        )


# --- ids


def test_without_letters_the_newest_episodes_are_offered_after_latest(sample: Library) -> None:
    values = _values(sample, EPISODE, "id")
    assert values[:2] == ["latest", "2026-06-30-514"]
    assert values[1:] == sorted(values[1:], reverse=True)
    assert len(values) == 21


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("2025-07", ["2025-07-15-284", "2025-07-08-279"]),
        ("2025/7", ["2025-07-15-284", "2025-07-08-279"]),
        ("２０２５年７月", ["2025-07-15-284", "2025-07-08-279"]),
        ("2025-07-08-2", ["2025-07-08-279"]),
        ("279", ["2025-07-08-279"]),
        ("#279", ["2025-07-08-279"]),
        ("第279回", ["2025-07-08-279"]),
        ("ep279", ["2025-07-08-279"]),
        ("08-279", ["2025-07-08-279"]),
        ("June 30 2026", ["2026-06-30-514"]),
        ("2026年6月", ["2026-06-30-514"]),
        ("la", ["latest"]),
        ("最", ["最新", "最新回"]),
        ("4", ["2024-05-29-4"]),
    ],
)
def test_ids_dates_and_numbers_find_their_episodes(typed: str, first: list[str], sample: Library) -> None:
    assert _values(sample, EPISODE, "id", typed)[: len(first)] == first


def test_dates_in_words_find_the_episodes_of_that_time(sample: Library) -> None:
    assert _values(sample, EPISODE, "id", "2か月前") == ["2026-06-30-514"]  # the day is fixed in August 2026


def test_what_begins_as_typed_comes_before_what_holds_it() -> None:
    values = _values(Many(), EPISODE, "id", "30")
    assert values[0] == "ep 30"  # the very number
    assert values[1:] == ["ep 300", "ep 230", "ep 130"]


def test_the_episode_of_a_number_comes_before_ids_that_only_begin_with_it() -> None:
    class Plain(Many):
        def episodes(self) -> tuple[EpisodeBrief, ...]:
            return tuple(one.model_copy(update={"id": str(one.number)}) for one in super().episodes())

    assert _values(Plain(), EPISODE, "id", "30")[:2] == ["30", "300"]
    assert _values(Plain(), STORY, "id", "30#") == ["30#1", "30#2"]


def test_at_most_a_hundred_are_offered_and_the_rest_is_counted() -> None:
    found = _completion(Many(), EPISODE, "id")
    assert (len(found.values), found.total, found.has_more) == (100, 301, True)
    few = _completion(Many(), EPISODE, "id", "ep 29")
    assert (few.total, few.has_more) == (11, False)


def test_every_offered_id_can_be_read(sample: Library) -> None:
    for value in _values(sample, EPISODE, "id"):
        assert read_resource(sample, f"episode://{value}")
    for value in _values(sample, STORY, "id", "2025-07")[:6]:
        assert read_resource(sample, story_uri(value))


# --- stories


def test_after_the_hash_the_stories_of_that_episode_are_offered(sample: Library) -> None:
    count = len(sample.episode("279").episode.stories)
    expected = [f"2025-07-08-279#{place}" for place in range(1, count + 1)]
    for typed in ("2025-07-08-279#", "279#", "2025-07-08＃", "2025-07-08-279%23"):
        assert _values(sample, STORY, "id", typed) == expected
    assert _values(sample, STORY, "id", "2025-07-08-279#2") == ["2025-07-08-279#2"]
    assert _values(sample, STORY, "id", "latest#1") == ["2026-06-30-514#1"]
    assert _values(sample, STORY, "id", "nothing#") == []


def test_an_episode_in_the_context_narrows_the_stories(sample: Library) -> None:
    count = len(sample.episode("279").episode.stories)
    expected = [f"2025-07-08-279#{place}" for place in range(1, count + 1)]
    assert _values(sample, STORY, "id", "", id="2025-07-08-279") == expected
    assert _values(sample, STORY, "id", "", episode="279") == expected
    assert _values(sample, STORY, "id", "279#3", episode="latest") == ["2025-07-08-279#3"]
    assert _values(sample, STORY, "id", "", id="no such thing") == _values(sample, STORY, "id")


def test_without_an_episode_the_newest_stories_come_first(sample: Library) -> None:
    found = _completion(sample, STORY, "id")
    assert found.values[0] == "2026-06-30-514#1"
    assert found.total == 72


# --- dates


@pytest.mark.parametrize("ref", [("topic_brief", "since"), ("weekly_digest", "week")])
def test_everything_offered_for_a_date_is_understood(sample: Library, ref: tuple[str, str]) -> None:
    values = _values(sample, _prompt(ref[0]), ref[1])
    assert {"先週", "last week"} <= set(values)
    assert [value for value in values if not parse_span(value, dt.date(2026, 8, 21))] == []


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("先", ["先週", "先月"]),
        ("last", ["last week", "last month", "last year"]),
        ("LAST W", ["last week"]),
        ("2025", ["2025", "2025-12", "2025-11"]),
        ("2025-07", ["2025-07", "2025-07-15", "2025-07-08"]),
        ("2025/7", ["2025-07", "2025-07-15", "2025-07-08"]),
        ("2025-1", ["2025-12", "2025-11", "2025-01", "2025-12-18"]),
        ("２０２５年７月８日", ["2025-07-08"]),
        ("1999", []),
    ],
)
def test_dates_are_words_and_those_the_archive_has(typed: str, first: list[str], sample: Library) -> None:
    for argument in ("since", "until"):
        values = _values(sample, _prompt("topic_brief"), argument, typed)
        assert values[: len(first)] == first
        assert bool(values) == bool(first)


def test_weeks_are_offered_for_a_week(sample: Library) -> None:
    weeks = _values(sample, _prompt("weekly_digest"), "week")
    assert weeks[:3] == ["今週", "先週", "先々週"]
    assert "2026-W27" in weeks
    assert _values(sample, _prompt("weekly_digest"), "week", "2025-w28") == ["2025-W28"]
    for week in weeks:
        assert get_prompt("weekly_digest", {"week": week}, dt.date(2026, 8, 21))


# --- names


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("", ["Zenn", "LLM", "RAG"]),
        ("ra", ["RAG"]),
        ("ＲＡ", ["RAG"]),
        ("rag", ["RAG", "GraphRAG"]),
        ("model con", ["model context protocol"]),
        ("modelcon", ["model context protocol"]),
        ("aiエー", ["AI エージェント", "AIエージェント"]),
        ("エージェント", ["AI エージェント"]),
        ("クラウド コード", []),
    ],
)
def test_topics_are_found_by_name_or_alias_in_any_width_and_case(typed: str, first: list[str], sample: Library) -> None:
    for prompt in ("topic_brief", "coverage_change", "talk_from_archive"):
        values = _values(sample, _prompt(prompt), "topic", typed)
        assert values[: len(first)] == first
        assert bool(values) == bool(first)


def test_loan_words_are_found_in_their_other_spelling() -> None:
    class Loan(FakeLibrary):
        def topic_names(self) -> tuple[Topic, ...]:
            day = "2025-01-01"
            return (
                Topic(
                    name="サーバー", aliases=["ヴァイオリン"], stories=2, episodes=1, first=day, last=day, examples=[]
                ),
            )

    assert _values(Loan(), _prompt("topic_brief"), "topic", "ｻｰﾊﾞ") == ["サーバー"]
    assert _values(Loan(), _prompt("topic_brief"), "topic", "バイオ") == ["ヴァイオリン"]


def test_hosts_are_offered_busiest_first(sample: Library) -> None:
    assert _values(sample, _prompt("weekly_digest"), "host") == sample.hosts()
    assert _values(sample, _prompt("weekly_digest"), "host", "ずんだ") == [
        "ずんだもん",
        "ずんだどん",
        "お嬢様ずんだもん",
    ]


def test_sites_are_offered_for_an_address(sample: Library) -> None:
    about = _prompt("about_url")
    assert _values(sample, about, "url")[0] == "zenn.dev"
    assert _values(sample, about, "url", "ze") == ["zenn.dev"]
    assert _values(sample, about, "url", "https://ze") == ["https://zenn.dev"]
    assert _values(sample, about, "url", "https://www.zenn.dev/articles") == ["https://zenn.dev"]
    assert "developer.nvidia.com" in _values(sample, about, "url", "nvidia")
    for value in _values(sample, about, "url"):
        assert get_prompt("about_url", {"url": value})


def test_a_parent_domain_nobody_links_to_is_no_site(sample: Library) -> None:
    sites = {one.site: one.stories for one in sample.sites()}
    assert "co.jp" not in sites
    assert sum(sites.values()) == 72
    assert sites["developer.nvidia.com"] == 3
    assert list(sites.values()) == sorted(sites.values(), reverse=True)


def test_languages_are_offered_by_every_prompt(sample: Library) -> None:
    for prompt in list_prompts()["prompts"]:
        assert _values(sample, _prompt(prompt["name"]), "language") == ["ja", "en"]
    assert _values(sample, _prompt("topic_brief"), "language", "E") == ["en"]


# --- what has nothing to offer, and what is wrong


def test_every_template_and_every_argument_answers(sample: Library) -> None:
    for template in list_templates()["resourceTemplates"]:
        assert _values(sample, {"type": "ref/resource", "uri": template["uriTemplate"]}, "id")
    silent = {
        argument["name"]
        for prompt in list_prompts()["prompts"]
        for argument in prompt["arguments"]
        if not _values(sample, _prompt(prompt["name"]), argument["name"])
    }
    assert silent == {"minutes", "audience", "wrong"}


@pytest.mark.parametrize(
    ("ref", "name"),
    [
        (EPISODE, "date"),
        (STORY, ""),
        (_prompt("topic_brief"), "id"),
        (_prompt("topic_brief"), "host"),
        ({"type": "ref/resource", "uri": "archive://overview"}, "id"),
    ],
)
def test_an_argument_nobody_declared_has_no_values(ref: dict[str, str], name: str, sample: Library) -> None:
    found = _completion(sample, ref, name, "x")
    assert (found.values, found.total, found.has_more) == ([], 0, False)


@pytest.mark.parametrize(
    "ref",
    [
        {},
        {"type": "ref/tool", "name": "search_episodes"},
        {"type": "ref/resource"},
        {"type": "ref/resource", "uri": 3},
        {"type": "ref/resource", "uri": "file:///{path}"},
        {"type": "ref/resource", "uri": "episode"},
        {"type": "ref/resource", "uri": "archive://{name}"},
        {"type": "ref/prompt"},
    ],
)
def test_a_reference_to_nothing_is_refused(ref: dict[str, Any], sample: Library) -> None:
    with pytest.raises(ArgumentError):
        complete(sample, ref, {"name": "id", "value": ""})


def test_a_prompt_that_does_not_exist_is_answered_with_near_ones(sample: Library) -> None:
    with pytest.raises(NotFoundError, match="did you mean topic_brief"):
        complete(sample, _prompt("topic_breif"), {"name": "topic", "value": ""})


@pytest.mark.parametrize("argument", [{}, {"name": "id"}, {"value": "x"}, {"name": 1, "value": "x"}])
def test_an_argument_without_name_or_value_is_refused(argument: dict[str, Any], sample: Library) -> None:
    with pytest.raises(ArgumentError, match="must be a text"):
        complete(sample, EPISODE, argument)


def test_while_the_first_index_is_built_nothing_is_offered() -> None:
    class Building(FakeLibrary):
        def episodes(self) -> tuple[EpisodeBrief, ...]:
            msg = "The index is being built."
            raise BuildingError(msg)

    assert _values(Building(), EPISODE, "id", "2025") == []


@given(st.text(max_size=300))
def test_whatever_is_typed_there_is_an_answer(typed: str) -> None:
    archive = FakeLibrary()
    for ref, name in (
        (EPISODE, "id"),
        (STORY, "id"),
        (_prompt("weekly_digest"), "week"),
        (_prompt("topic_brief"), "topic"),
        (_prompt("topic_brief"), "since"),
        (_prompt("about_url"), "url"),
    ):
        _values(archive, ref, name, typed)
        _values(archive, ref, name, "", id=typed)


def test_a_changed_archive_changes_what_is_offered(show: Library, post: Any) -> None:
    post("2025-07-08-1", ("一つ目", "https://example.com/1", "話"))
    assert _values(show, EPISODE, "id") == ["latest", "2025-07-08-1"]
    post("2025-07-09-2", ("二つ目", "https://example.org/2", "話"), host="新人")
    assert _values(show, EPISODE, "id") == ["latest", "2025-07-09-2", "2025-07-08-1"]
    assert _values(show, _prompt("weekly_digest"), "host", "新") == ["新人"]


def test_the_real_archive_is_completed(real: Library) -> None:
    assert _values(real, EPISODE, "id", "279")[0] == "2025-07-08-279"
    assert _completion(real, EPISODE, "id").has_more
    assert _values(real, _prompt("topic_brief"), "topic", "claude c")[:2] == ["Claude Code", "ClaudeCode"]
    assert _values(real, _prompt("about_url"), "url", "https://open")[0] == "https://openai.com"
    assert _completion(real, STORY, "id").total == sum(one.stories for one in real.episodes())

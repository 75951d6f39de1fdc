"""Searching as a person does: words, phrases, exclusions, links, filters, order, pages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Post, examples
from zunda_mcp.errors import ArgumentError, NotFoundError
from zunda_mcp.library import Library


@pytest.fixture
def shop(show: Library, post: Post) -> Library:
    """Five episodes with what the tests below ask for."""
    post(
        "2025-06-30-1",
        ("TensorRT-LLMの推論を測る", "https://developer.nvidia.com/blog/bench/", "TensorRT-LLM の推論性能を測った。"),
        ("サーバーサイドの設計", "https://zenn.dev/a/articles/1", "サーバーの設計。データベースも使う。"),
    )
    post(
        "2025-07-08-2",
        ("Claude Codeで書く", "https://zenn.dev/b/articles/2", "Claude Code と MCP サーバ を使った開発の記録。"),
        ("ClaudeCodeの裏側", "https://note.com/c/n/3", "ClaudeCodeの内部。"),
        host="春日部つむぎ",
    )
    post("2025-07-09-3", ("GPT-4o miniを試す", "https://example.com/x", "GPT-4o miniは安い。エージェントに向く。"))
    post("2026-01-05-4", ("強化学習の入門", "https://example.com/y", "強化学習で化学を学ぶ。"))
    post("2026-01-06-5", ("化学の話", "https://example.com/z", "化学とMCPの話。C++とC#も。"))
    show.refresh()
    return show


def ids(library: Library, query: str = "", **filters: str) -> list[str]:
    """Ids in the order found."""
    return [hit.id for hit in library.search(query, **filters).hits]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("TensorRT-LLM", {"2025-06-30-1#1"}),
        ("which episodes covered TensorRT-LLM?", {"2025-06-30-1#1"}),
        ("TensorRT-LLMを紹介した回は？", {"2025-06-30-1#1"}),
        ("gpt4o mini", {"2025-07-09-3#1"}),
        ("GPT4omini", {"2025-07-09-3#1"}),
        ("claude code", {"2025-07-08-2#1", "2025-07-08-2#2"}),
        ("claudecode", {"2025-07-08-2#1", "2025-07-08-2#2"}),
        ("サーバ", {"2025-06-30-1#2", "2025-07-08-2#1"}),
        ("サーバー", {"2025-06-30-1#2", "2025-07-08-2#1"}),
        ("サーバサイド", {"2025-06-30-1#2"}),
        ("ｴｰｼﾞｪﾝﾄ", {"2025-07-09-3#1"}),
        ("推論", {"2025-06-30-1#1"}),
        ("c++", {"2026-01-06-5#1"}),
        ("安", {"2025-07-09-3#1"}),
    ],
)
def test_a_word_finds_every_story_that_holds_it_and_no_other(shop: Library, query: str, expected: set[str]) -> None:
    assert set(ids(shop, query)) == expected


def test_a_word_on_its_own_stands_before_the_same_letters_inside_another(shop: Library) -> None:
    assert ids(shop, "化学") == ["2026-01-06-5#1", "2026-01-05-4#1"]


def test_all_words_come_before_some_of_them_and_the_answer_says_so(shop: Library) -> None:
    answer = shop.search("Claude MCP")
    assert answer.hits[0].id == "2025-07-08-2#1"
    assert answer.understood == "claude + mcp"


def test_a_quoted_phrase_must_stand_as_it_is(shop: Library) -> None:
    assert ids(shop, '"サーバーの設計"') == ["2025-06-30-1#2"]
    assert ids(shop, "「サーバーサイド」") == ["2025-06-30-1#2"]
    assert ids(shop, '"設計のサーバー"') == []


def test_an_exclusion_leaves_stories_out_but_a_hyphen_inside_a_name_does_not(shop: Library) -> None:
    assert ids(shop, "MCP -Claude") == ["2026-01-06-5#1"]
    assert ids(shop, "TensorRT-LLM") == ["2025-06-30-1#1"]
    assert "2025-07-08-2#1" not in ids(shop, "-Claude")


def test_a_url_or_a_domain_finds_the_stories_that_link_there(shop: Library) -> None:
    assert ids(shop, "https://www.zenn.dev/a/articles/1/?utm_source=x") == ["2025-06-30-1#2"]
    assert set(ids(shop, "zenn.dev")) == {"2025-06-30-1#2", "2025-07-08-2#1"}
    assert ids(shop, "site:nvidia.com") == ["2025-06-30-1#1"]
    assert ids(shop, "https://example.com/nothing-here") == []


def test_filters_hold_before_ranking(shop: Library) -> None:
    assert set(ids(shop, since="2025-07", until="2025-07")) == {"2025-07-08-2#1", "2025-07-08-2#2", "2025-07-09-3#1"}
    assert set(ids(shop, since="今年")) == {"2026-01-05-4#1", "2026-01-06-5#1"}
    assert set(ids(shop, host="つむぎ")) == {"2025-07-08-2#1", "2025-07-08-2#2"}
    assert ids(shop, "MCP", site="zenn.dev") == ["2025-07-08-2#1"]
    assert "since 2025-07-01 until 2025-07-31" in shop.search(since="2025-07", until="2025年7月").understood


def test_an_empty_query_lists_everything_newest_first_or_oldest_first(shop: Library) -> None:
    newest = [hit.date for hit in shop.search("").hits]
    assert newest == sorted(newest, key=str, reverse=True)
    oldest = [hit.date for hit in shop.search("", sort="oldest").hits]
    assert oldest == sorted(oldest, key=str)
    assert shop.search("").total_stories == 7


def test_pages_follow_one_another_without_loss_or_repetition(shop: Library) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        page = shop.search("", limit=2, cursor=cursor)
        seen += [hit.id for hit in page.hits]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7


def test_a_cursor_of_another_question_is_refused(shop: Library) -> None:
    cursor = shop.search("", limit=2).next_cursor
    with pytest.raises(ArgumentError, match="another question"):
        shop.search("MCP", cursor=cursor)
    with pytest.raises(ArgumentError, match="leave it out"):
        shop.search("", cursor="!!!")


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ({"since": "soon"}, "not a date"),
        ({"since": "2026", "until": "2025"}, "swap them"),
        ({"host": "だれか"}, "春日部つむぎ"),
        ({"site": "///"}, "zenn.dev"),
        ({"sort": "best"}, "relevance"),
    ],
)
def test_a_wrong_filter_is_refused_with_one_that_works(shop: Library, filters: dict[str, str], says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        shop.search("MCP", **filters)  # type: ignore[arg-type]


def test_nothing_found_offers_terms_that_do_exist(shop: Library) -> None:
    answer = shop.search("TensorQX9")
    assert answer.hits == []
    assert "tensorrt" in answer.suggestions
    assert answer.freshness.newest == "2026-01-06"
    assert "エージェント" in shop.search("エージャント").suggestions


def test_words_nobody_wrote_are_named_and_never_taken_for_an_empty_query(shop: Library) -> None:
    answer = shop.search("ない言葉")
    assert (answer.total_stories, answer.understood) == (0, "not in the archive as written: 言葉")


def test_the_words_are_marked_in_the_snippet_as_they_are_written(shop: Library) -> None:
    snippet = shop.search("mini").hits[0].snippet
    assert "**mini**" in snippet
    assert "**推論**" in shop.search("推論").hits[0].snippet


def test_an_episode_is_found_by_its_own_notes_where_no_story_holds_the_words(show: Library, post: Post) -> None:
    post("2025-07-08-2", ("話", "https://example.com/1", "要約。"), description="今日は枝豆の収穫祭です")
    show.refresh()
    answer = show.search("収穫祭")
    assert [(hit.id, hit.url, hit.matched) for hit in answer.hits] == [("2025-07-08-2", None, ["description"])]
    assert (answer.total_stories, answer.total_episodes) == (0, 1)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("latest", "2026-01-06-5"),
        ("最新", "2026-01-06-5"),
        ("2025-07-09-3", "2025-07-09-3"),
        ("2025-07-09", "2025-07-09-3"),
        ("2025年7月9日", "2025-07-09-3"),
        ("3", "2025-07-09-3"),
        ("第3回", "2025-07-09-3"),
        ("２０２５-07-09", "2025-07-09-3"),
        ("https://example.com/x", "2025-07-09-3"),
    ],
)
def test_an_episode_answers_to_every_way_of_naming_it(shop: Library, said: str, named: str) -> None:
    assert shop.episode(said).episode.id == named


def test_a_story_id_names_its_story_and_its_neighbours(shop: Library) -> None:
    answer = shop.episode("2025-07-08-2#2")
    assert (answer.story, answer.previous_id, answer.next_id) == ("2025-07-08-2#2", "2025-06-30-1", "2025-07-09-3")


@pytest.mark.parametrize("said", ["2025-07-10", "99", "2025-07-08-2#9", "nobody", "https://example.org/", "../../etc"])
def test_an_id_that_names_nothing_is_refused_with_what_exists(shop: Library, said: str) -> None:
    with pytest.raises(NotFoundError) as error:
        shop.episode(said)
    assert str(error.value)


def test_a_month_of_several_episodes_is_not_one_episode(shop: Library) -> None:
    with pytest.raises(NotFoundError, match="names 2 episodes"):
        shop.episode("2025-07")


def test_a_timeline_counts_only_stories_with_every_word_and_keeps_empty_months(shop: Library) -> None:
    answer = shop.timeline("MCP")
    assert [(p.period, p.stories) for p in answer.periods][:2] == [("2025-07", 1), ("2025-08", 0)]
    assert (answer.total_stories, answer.first and answer.first.id, answer.last and answer.last.id) == (
        2,
        "2025-07-08-2#1",
        "2026-01-06-5#1",
    )
    assert shop.timeline("MCP", by="year").periods[0].period == "2025"
    assert shop.timeline("枝豆").first is None


def test_a_name_of_two_words_is_counted_only_where_they_stand_side_by_side(show: Library, post: Post) -> None:
    post("2024-01-01-1", ("Claudeの話", "https://example.com/1", "Claude に code を書かせた。"))
    post("2025-02-24-2", ("Claude Code登場", "https://example.com/2", "ClaudeCode が出た。"))
    show.refresh()
    answer = show.timeline("claude code")
    assert (answer.total_stories, answer.first and answer.first.id) == (1, "2025-02-24-2#1")
    found = show.search("claude code", limit=10)
    assert [(hit.id, hit.near) for hit in found.hits] == [("2025-02-24-2#1", False), ("2024-01-01-1#1", True)]
    assert (found.total_stories, found.first, found.last) == (1, "2025-02-24", "2025-02-24")


def test_related_stories_share_the_subject_and_leave_the_episode_out(shop: Library) -> None:
    hits = shop.related("2025-07-08-2#1").hits
    assert all(hit.episode_id != "2025-07-08-2" for hit in hits)


@given(st.text(max_size=80))
@settings(max_examples=examples(20))
def test_no_query_is_an_error(sample: Library, query: str) -> None:
    answer = sample.search(query, limit=3)
    assert answer.total_stories >= len([hit for hit in answer.hits if hit.url and not hit.near])


@pytest.mark.parametrize("budget", [700, 1500, 6000, 20000])
def test_an_answer_keeps_to_its_budget(sample: Library, budget: int) -> None:
    answer = sample.search("AI", limit=50, max_chars=budget)
    assert answer.hits
    assert len(answer.model_dump_json()) <= max(budget, 1800)


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("蜜柑 OR 枝豆", {"01", "02", "04"}),
        ("蜜柑 | 枝豆", {"01", "02", "04"}),
        ("(蜜柑 OR 枝豆) 料理", {"01", "04"}),
        ("料理 (枝豆|胡瓜)", {"03", "04"}),
        ("蜜柑 料理 OR 胡瓜", {"01", "03"}),
        ('"蜜柑" OR "胡瓜"', {"01", "02", "03"}),
        ("蜜柑または胡瓜", set()),
        ('"蜜柑 OR 枝豆"', set()),
    ],
)
def test_alternatives_are_understood_as_they_are_typed(show: Library, post: Post, query: str, days: set[str]) -> None:
    for day, text in (("01", "蜜柑の料理。"), ("02", "蜜柑だけ。"), ("03", "胡瓜の料理。"), ("04", "枝豆の料理。")):
        post(f"2025-07-{day}-{int(day)}", ("題", f"https://example.com/{day}", text))
    answer = show.search(query)
    assert {hit.id[8:10] for hit in answer.hits[: answer.total_stories]} == days


@pytest.mark.parametrize("text", ["\ud800", "TensorRT-LLM \ud800", "サーバ\udfff"])
def test_half_a_surrogate_pair_in_a_question_never_reaches_its_answer(shop: Library, text: str) -> None:
    for question in (shop.search, shop.topics, shop.timeline, shop.check_quote, shop.find_text, shop.episode):
        try:
            answer = question(text).model_dump_json()
        except (ArgumentError, NotFoundError) as refusal:
            answer = str(refusal)
        answer.encode()

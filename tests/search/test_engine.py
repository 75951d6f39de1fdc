"""What an engine gives are values that stand for themselves, and they agree with one another."""

from __future__ import annotations

import datetime as dt
import pickle
from collections.abc import Iterator

import pytest

from conftest import engine_of, library_over
from zunda_mcp.engine.base import Engine, Matches
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import parse
from zunda_mcp.text.urls import canonical_url

EPISODES = {
    "2024-12-30-1": ["音声合成の新しい手法", "ロボットの展示会"],
    "2025-01-06-2": ["音声合成と推論", "量子計算", "音声合成の評価"],
    "2025-03-03-3": ["推論の速さ"],
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine over ``EPISODES``; the protocol's type holds it to the protocol."""
    folder, index = tmp_path_factory.mktemp("episodes"), tmp_path_factory.mktemp("index")
    for stem, titles in EPISODES.items():
        stories = "".join(
            f"- [{title}](https://example.com/{stem}/{n})  \n\n{title}のこと。\n\n引用元: https://example.com/{stem}/{n}\n\n"
            for n, title in enumerate(titles, 1)
        )
        head = f"---\ndate: {stem[:10]} 05:00:00 +0900\ntitle: 放送{stem[-1]}\n---\n\n## 関連リンク\n\n"
        (folder / f"{stem}.md").write_text(head + stories, encoding="utf-8")
    with library_over(folder, index) as library:
        library.refresh()
        with engine_of(library) as opened:
            yield opened


def search(engine: Engine, text: str, *, offset: int = 0, limit: int = 10, filters: Filters | None = None) -> Matches:
    return engine.search(parse(text), filters or Filters(), "relevance", offset=offset, limit=limit)


def ids(matches: Matches) -> list[str]:
    return [match.document.id for match in matches.page]


def test_matches_cross_to_another_process_and_are_equal_there(engine: Engine) -> None:
    for text in ("音声合成", "推論 速さ", "", "onsei 合成", "https://example.com/2025-01-06-2/2"):
        matches = search(engine, text)
        assert matches.page or matches.closest, text
        assert pickle.loads(pickle.dumps(matches)) == matches
        counts = engine.count(parse(text), Filters())
        assert pickle.loads(pickle.dumps(counts)) == counts


def test_pages_put_together_are_the_whole(engine: Engine) -> None:
    whole = search(engine, "音声合成")
    assert ids(whole) == [
        name for at in range(whole.total) for name in ids(search(engine, "音声合成", offset=at, limit=1))
    ]
    assert ids(search(engine, "音声合成", offset=whole.total)) == []


def test_full_matches_are_counted_by_year_and_day_alike(engine: Engine) -> None:
    matches = search(engine, "音声合成")
    assert (matches.totals.full, matches.totals.years) == (3, {"2024": 1, "2025": 2})
    counts = engine.count(parse("音声合成"), Filters())
    assert [tuple(one) for one in counts.days] == [(dt.date(2024, 12, 30), 1, 1), (dt.date(2025, 1, 6), 2, 1)]
    assert (counts.stories, counts.episodes, counts.undated) == (3, 2, 0)
    assert counts.first is not None
    assert counts.last is not None
    assert (counts.first.id, counts.last.id) == ("2024-12-30-1#1", "2025-01-06-2#3")
    assert [(entry.id, stories) for entry, stories in counts.busiest] == [("2025-01-06-2", 2), ("2024-12-30-1", 1)]


def test_near_matches_are_listed_and_not_counted_as_full(engine: Engine) -> None:
    matches = search(engine, "推論 速さ")
    assert matches.totals.full == matches.totals.stories == engine.count(parse("推論 速さ"), Filters()).stories == 1
    assert (matches.totals.first, matches.totals.last, matches.sure) == ("2025-03-03", "2025-03-03", True)
    first, *others = matches.page
    assert (first.document.id, first.near) == ("2025-03-03-3#1", False)
    assert all(match.near for match in others)


def test_a_limit_asks_for_the_best_whatever_they_hold(engine: Engine) -> None:
    matches = search(engine, "推論 速さ", limit=10)
    assert [match.near for match in matches.page] == [False, True]


def test_an_explanation_has_facts_and_words_for_them(engine: Engine) -> None:
    explanation = search(engine, "推論 速さ").explanation
    assert (explanation.required, explanation.full) == (("推論", "速さ"), 1)
    assert explanation.words()[0] == "推論 + 速さ"
    assert search(engine, "").explanation.words() == ["everything"]


def test_all_texts_come_in_the_order_of_publication(engine: Engine) -> None:
    texts = list(engine.texts())
    assert [text.id for text in texts] == [
        name for stem, titles in EPISODES.items() for name in (stem, *(f"{stem}#{n + 1}" for n in range(len(titles))))
    ]
    assert texts[1].plain.startswith("音声合成の新しい手法\n音声合成の新しい手法のこと。")
    within = engine.texts(filters=Filters(since=dt.date(2025, 2, 1)))
    assert [text.id for text in within] == ["2025-03-03-3", "2025-03-03-3#1"]


def test_documents_come_in_the_order_of_their_ids_and_unknown_ones_are_left_out(engine: Engine) -> None:
    wanted = ["2025-03-03-3", "2030-01-01-9#1", "2024-12-30-1#2"]
    documents = engine.documents(wanted)
    assert [document.id for document in documents] == ["2025-03-03-3", "2024-12-30-1#2"]
    assert documents[0].story is None
    assert documents[0].notes is not None
    assert documents[1].story is not None
    assert documents[1].story.title == "ロボットの展示会"
    assert [text.id for text in engine.texts(wanted)] == ["2025-03-03-3", "2024-12-30-1#2"]


def test_a_page_names_the_newest_story_that_links_to_it(engine: Engine) -> None:
    story = engine.with_url(canonical_url("https://example.com/2025-01-06-2/2"))
    assert story is not None
    assert story.id == "2025-01-06-2#2"
    assert engine.with_url(canonical_url("https://example.com/nothing")) is None

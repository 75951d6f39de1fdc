"""Search, timeline, topics and related stories agree with one another on archives of every kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from archive_kinds import KINDS, NUMBERS, TRUST, Kind, prose_notes, subtitles

from conftest import library_over, reader_of
from zunda_mcp.answers import Hit, Sort
from zunda_mcp.engine.expander import Expander
from zunda_mcp.engine.local_matching import LocalMatcher
from zunda_mcp.library import Library
from zunda_mcp.query import filters
from zunda_mcp.query.parse import parse
from zunda_mcp.rendering import episode_text, search_text, topics_text
from zunda_mcp.server import resources
from zunda_mcp.server.completion import complete
from zunda_mcp.server.prompts import list_prompts

QUERIES = (
    *("kestrel", "ラーメン", "Bramley Trust", "Kestrel Watch", "mill hedge", '"old mill"', "kestrel -hedge", "owl"),
    *("kestral", "Kestrels", "mill.example", "https://mill.example/2", "ラーメンを食べた", "walked", "Walk", "zebra"),
)


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.__name__)
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library over an archive of one kind."""
    kind: Kind = request.param
    folder = tmp_path_factory.mktemp(kind.__name__)
    kind(folder / "show")
    with library_over(folder / "show", folder / "index") as library:
        library.refresh()
        yield library


def listed(library: Library, query: str, sort: Sort) -> tuple[list[Hit], int, int]:
    """All hits, page by page, and the totals that each page gives."""
    hits: list[Hit] = []
    cursor, totals = None, set()
    while True:
        result = library.search(query, sort=sort, limit=7, cursor=cursor)
        totals.add((result.total_stories, result.total_episodes))
        hits += result.hits
        cursor = result.next_cursor
        if cursor is None:
            (total,) = totals
            return hits, *total


@pytest.mark.parametrize("query", QUERIES)
def test_what_search_lists_by_date_is_what_a_timeline_counts(kept: Library, query: str) -> None:
    counted = kept.timeline(query, by="year")
    newest, stories, episodes = listed(kept, query, "newest")
    oldest, *same = listed(kept, query, "oldest")
    assert same == [stories, episodes]
    assert Counter(hit.id for hit in oldest) == Counter(hit.id for hit in newest)
    assert len({hit.id for hit in newest}) == len(newest)
    full = [hit for hit in newest if not hit.near]
    assert stories == sum(hit.id != hit.episode_id for hit in full)
    assert episodes == len({hit.episode_id for hit in full})
    assert (counted.total_stories, counted.total_episodes) in ((stories, episodes), (0, 0))
    if not counted.total_episodes:  # what is listed only holds much of it
        assert topics_text.timeline(counted).startswith("Nothing found.")
        return
    dates = Counter(hit.date[:4] for hit in newest if hit.date and hit.id != hit.episode_id)
    assert {period.period: period.stories for period in counted.periods if period.stories} == dates
    assert counted.undated == sum(hit.date is None for hit in newest)
    dated = [hit.date for hit in newest if hit.date]
    if dated:
        assert counted.first is not None
        assert counted.last is not None
        assert (counted.first.date, counted.last.date) == (dated[-1], dated[0])


@pytest.mark.parametrize("query", ["kestrel", "ラーメン", "Bramley Trust"])
def test_every_archive_finds_its_word_in_stories(kept: Library, query: str) -> None:
    found = kept.search(query)
    assert 0 < found.total_stories >= found.total_episodes
    assert kept.timeline(query).total_stories == kept.search(query, sort="newest").total_stories <= found.total_stories


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_what_has_no_date_comes_last_by_date(kept: Library, sort: Sort) -> None:
    hits, *_ = listed(kept, "", sort)
    dates = [hit.date for hit in hits]
    dated = [date for date in dates if date]
    assert dates == [*dated, *[None] * (len(dates) - len(dated))]
    assert dated == sorted(dated, reverse=sort == "newest")


def test_every_episode_has_a_story_and_every_listing_counts_them(kept: Library) -> None:
    _, stories, episodes = listed(kept, "", "newest")
    assert episodes == kept.freshness().episodes == len(kept.episodes())
    assert stories == kept.freshness().stories == sum(one.stories for one in kept.episodes())
    assert all(one.stories for one in kept.episodes())


def test_a_name_that_stories_share_is_a_topic_with_the_count_of_the_search(kept: Library) -> None:
    (topic,) = kept.topics("Bramley Trust").topics
    found = kept.search("Bramley Trust", sort="newest")
    assert (topic.stories, topic.episodes) == (found.total_stories, found.total_episodes)
    assert topic.passages == found.passages == kept.timeline("Bramley Trust").passages
    assert (topic.first is None) == (found.freshness.undated == found.freshness.episodes)


def test_passages_are_said_to_be_passages(kept: Library) -> None:
    found, counted = kept.search("kestrel"), kept.timeline("kestrel")
    heard = [hit for hit in listed(kept, "kestrel", "newest")[0] if hit.kind == "passage"]
    assert found.passages == counted.passages == len(heard)
    if heard:
        assert "passages in " in search_text.search(found) or "passages of transcripts" in search_text.search(found)
        assert " passage" in search_text.search(kept.search("kestrel", sort="newest"))
        assert "passages of transcripts" in topics_text.timeline(counted)
    else:
        assert "passage" not in search_text.search(found) + topics_text.timeline(counted)


def test_stories_that_share_a_name_are_related(kept: Library) -> None:
    hits = kept.search("Bramley Trust", sort="newest").hits
    if len(hits) == 2:  # what more than an eighth of an archive shares tells nothing of what is near
        assert hits[1].id in {hit.id for hit in kept.related(hits[0].id).hits}


def test_no_tool_and_no_page_fails(kept: Library) -> None:
    for by, sort in zip(("month", "week", "year"), ("count", "recent", "rising"), strict=True):
        kept.timeline("kestrel", by=by)  # type: ignore[arg-type]
        for window in ({}, {"since": "2031-02", "until": "2031-05"}, {"until": "2031"}):
            topics_text.topics(kept.topics(sort=sort, **window))  # type: ignore[arg-type]
    for query in QUERIES[::2]:
        for window in ({}, {"since": "2031-02", "until": "2031-05"}):
            search_text.search(kept.search(query, **window))  # type: ignore[arg-type]
            topics_text.timeline(kept.timeline(query, **window))  # type: ignore[arg-type]
    for one in kept.episodes()[::2]:
        answer = kept.episode(one.id)
        for id_ in (one.id, *(story.id for story in answer.episode.stories)):
            assert episode_text.episode(kept.episode(id_))
            assert search_text.related(kept.related(id_))
    kept.check_quote("A kestrel nests in the old mill.")
    assert "None" not in resources.overview(kept) + resources.topics(kept, 4000)
    for prompt in list_prompts()["prompts"]:
        for argument in prompt["arguments"]:
            complete(kept, {"type": "ref/prompt", "name": prompt["name"]}, {"name": argument["name"], "value": ""})
    for uri in ("episode://{id}", "story://{id}"):
        assert complete(kept, {"type": "ref/resource", "uri": uri}, {"name": "id", "value": ""})


def test_an_episode_shows_its_text_once(archive: Path, tmp_path: Path) -> None:
    prose_notes(archive)
    with library_over(archive, tmp_path / "index") as library:
        library.refresh()
        answer = library.episode("latest")
        text = episode_text.episode(answer)
        (story,) = answer.episode.stories
        quoted = library.check_quote("An owl nests in the old mill.")
        found = library.search("owl")
        (hit,) = found.hits
    assert text.count("An owl nests") == answer.model_dump_json().count("An owl nests") == 1
    assert text.count("# Walk 6") == 1
    assert (story.id, story.title, story.kind) == ("2031-06-16-6#1", "Walk 6", "episode")
    assert (quoted.verdict, quoted.total, quoted.places[0].id) == ("exact", 1, story.id)
    assert f"- {hit.id} episode: {hit.episode_title}" in search_text.search(found)


def test_an_undated_topic_is_in_no_window(archive: Path, tmp_path: Path) -> None:
    for number in NUMBERS:
        trust = "Bramley Trust" if number in TRUST else "hedge"
        text = f"# Letter {number}\n\nAll of us walked slowly along the river that belongs to the {trust} now.\n"
        (archive / f"letter-{number}.md").write_text(text, encoding="utf-8")
    with library_over(archive, tmp_path / "index") as library:
        library.refresh()
        assert [topic.name for topic in library.topics().topics] == ["Bramley Trust"]
        assert library.topics("Bramley Trust", until="2100").topics == []
        assert library.search("Bramley Trust", until="2100").hits == []
        assert "since" not in resources.overview(library).partition("search_episodes")[2].partition("\n")[0]


def test_a_rare_word_with_a_frequent_neighbour_in_an_archive_of_bare_links(archive: Path, tmp_path: Path) -> None:
    for number in range(1, 9):
        words = "クロード" if number == 1 else "claude"
        (archive / f"2031-01-0{number}-{number}.md").write_text(
            f"---\ntitle: {words}\n---\n\n{words} https://a.example/{number}\n", encoding="utf-8"
        )
    (archive / "2031-01-01-1.srt").write_text(subtitles(1), encoding="utf-8")
    with library_over(archive, tmp_path / "index") as library:
        library.refresh()
        assert (
            library.search("クロード", sort="newest").total_stories == library.timeline("クロード").total_stories == 8
        )


@pytest.mark.parametrize(
    "query", ["大規模言語モデル", "クロード・オーパス", "開発キット", "Claude Code", "ラズベリーパイ"]
)
def test_what_is_held_under_another_name_is_listed(real: Library, query: str) -> None:
    counted = real.timeline(query)
    result = real.search(query)
    assert result.total_stories >= counted.total_stories > 0
    assert "-" not in result.understood.partition("more hold much")[0].rpartition(",")[2]
    newest = real.search(query, sort="newest")
    assert (newest.total_stories, newest.total_episodes) == (counted.total_stories, counted.total_episodes)


def test_every_full_answer_stays_whatever_the_order(real: Library) -> None:
    reader = reader_of(real)
    matcher = LocalMatcher(reader, Expander(reader, {}))
    for text in (
        "大規模言語モデル",
        "クロード・オーパス",
        "開発キット",
        "生成AI 画像",
        "Claude Code MCP",
        "open source model",
    ):
        found = matcher.search(parse(text), filters.Filters(), "relevance")
        listed_ = [document for document, _ in found.items]
        assert len(set(listed_)) == len(listed_)
        assert {*found.full} <= {*listed_}

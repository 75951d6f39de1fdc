"""However an answer is cut into pages, they hold the same hits in the same order, each once, under the same totals; and
what was first or last is so over all that matches, however few are asked for.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import library_over
from zunda_mcp.answers import Hit, SearchResult
from zunda_mcp.library import Library
from zunda_mcp.rendering import search_text

BIRDS = ("kestrel", "lapwing", "siskin", "plover", "curlew", "gannet")
_OPTIONS: tuple[dict[str, str], ...] = (
    {},
    {"since": "2030", "until": "2031-06"},
    {"host": "Ann"},
    {"site": "b.example"},
)


class Aviary:
    """Episodes in which birds stand by chance: in titles, notes, stories, and in what is spoken. ``named`` has for each
    episode all of them, by its day.
    """

    def __init__(self, folder: Path) -> None:
        self._chance = random.Random(11)
        self.named = {f"{2029 + n // 20}-{n % 12 + 1:02}-{n % 20 + 1:02}": self._written(folder, n) for n in range(80)}

    def _written(self, folder: Path, n: int) -> set[str]:
        """Write one episode; what birds are in it."""
        name, here = f"{2029 + n // 20}-{n % 12 + 1:02}-{n % 20 + 1:02}", set[str]()

        def some(share: float) -> str:
            chosen = [bird for bird in BIRDS[: 3 + n % 4] if self._chance.random() < share]
            here.update(chosen)
            return " ".join(chosen)

        stories = "".join(
            f"- [Walk {n} {s} {some(0.15)}](https://{'ab'[s]}.example/{n})\n\n  Saw {some(0.2)}.\n\n" for s in range(2)
        )
        head = f"title: Outing {n} {some(0.1)}\ndate: {name}\nhosts: [{'Ann' if n % 2 else 'Bo'}]"
        page = f"---\n{head}\ndescription: Day {n} {some(0.1)}\n---\n\n{stories}"
        (folder / f"{name}.md").write_text(page, encoding="utf-8")
        if n % 4 == 0:
            times = [f"00:{k // 6:02}:{k % 6}" for k in range(30)]
            cues = [f"{time}0.000 --> {time}9.000\n<v Ann>We walked on, {some(0.02)} to {time}.\n\n" for time in times]
            (folder / f"{name}.vtt").write_text("WEBVTT\n\n" + "".join(cues), encoding="utf-8")
        return here


@pytest.fixture(name="aviary", scope="module")
def aviary_and_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Aviary, Library]]:
    folder = tmp_path_factory.mktemp("aviary")
    aviary = Aviary(folder)
    with library_over(folder, tmp_path_factory.mktemp("index")) as library:
        yield aviary, library


def pages_of(library: Library, query: str, **options: Any) -> list[SearchResult]:
    """An answer from its first page to its last."""
    pages = [library.search(query, **options)]
    while pages[-1].next_cursor and len(pages) < 400:
        pages.append(library.search(query, cursor=pages[-1].next_cursor, **options))
    return pages


def hits_of(pages: list[SearchResult]) -> list[tuple[str, bool]]:
    return [(hit.id, hit.near) for page in pages for hit in page.hits]


def counted(page: SearchResult) -> tuple[Any, ...]:
    """What an answer says of all of it."""
    return page.total_stories, page.total_episodes, page.own_text, page.passages, page.first, page.last, page.years


def test_pages_hold_the_whole_answer_once_and_count_all_of_it(aviary: tuple[Aviary, Library]) -> None:
    _, library = aviary
    chance = random.Random(5)
    for at in range(12):
        birds = chance.sample(BIRDS, 1 + at % 3)
        query = chance.choice([" ".join(birds), " OR ".join(birds), f"when was the first {birds[0]}?", ""])
        options = {**chance.choice(_OPTIONS), "sort": chance.choice(["relevance", "newest", "oldest"])}
        options["detail"] = chance.choice(["auto", "titles", "snippets", "full"])
        whole = pages_of(library, query, limit=50, **options)
        for limit in (chance.randint(1, 9), chance.randint(10, 40)):
            pages = pages_of(library, query, limit=limit, **options)
            assert hits_of(pages) == hits_of(whole), (query, options, limit)
            assert {str(counted(page)) for page in pages} == {str(counted(whole[0]))}, (query, options, limit)
        unlimited, small = (pages_of(library, query, max_chars=size, **options) for size in (60_000, 3000))
        assert hits_of(small) == hits_of(unlimited), (query, options)
        full = [item for item in hits_of(whole) if not item[1]]
        assert len(set(full)) == len(full) == whole[0].total_stories + whole[0].own_text
        assert [item for item in hits_of(unlimited) if not item[1]] == full
        assert {str(counted(page)) for page in (*small, *unlimited)} == {str(counted(whole[0]))}


def test_a_match_by_title_or_notes_comes_before_what_holds_only_a_part(aviary: tuple[Aviary, Library]) -> None:
    _, library = aviary
    hits = [hit for page in pages_of(library, "kestrel lapwing siskin", max_chars=3000) for hit in page.hits]
    assert {hit.kind for hit in hits if not hit.near} >= {"episode"}
    assert [hit.near for hit in hits] == sorted(hit.near for hit in hits)


@pytest.mark.parametrize("limit", [1, 3, None])
def test_the_first_and_the_last_are_so_over_all_that_matches(aviary: tuple[Aviary, Library], limit: int | None) -> None:
    birds, library = aviary
    for bird in BIRDS:
        days = sorted(day for day, named in birds.named.items() if bird in named)

        def shown(query: str, **options: Any) -> list[Hit]:
            return [hit for hit in library.search(query, limit=limit, **options).hits if not hit.near]

        for query in (f"when was the first {bird}?", f"{bird}が最初に出たのはいつ？"):
            assert shown(query)[0].date == days[0], query
        for query in (f"when was the last {bird}?", f"{bird}が最後に出たのはいつ？"):
            assert shown(query)[0].date == days[-1], query
        assert shown(bird, sort="oldest")[0].date == days[0]
        assert shown(bird, sort="newest")[0].date == days[-1]
        answer = library.search(bird, limit=limit)
        assert (answer.first, answer.last, answer.total_episodes) == (days[0], days[-1], len(days))


def test_the_head_says_the_same_of_all_on_every_page(aviary: tuple[Aviary, Library]) -> None:
    _, library = aviary
    heads = [search_text.headline(page) for page in pages_of(library, "lapwing", limit=6)]
    assert len(heads) > 4
    assert len({head.rpartition(",")[0] for head in heads}) == 1
    answer = library.search("lapwing", limit=6)
    in_stories = answer.total_episodes - answer.own_text
    assert heads[0].startswith(f"{answer.total_stories} stories (")
    assert f" in {in_stories} episodes and {answer.own_text} episodes by title or notes, " in heads[0]
    assert heads[0].endswith(", 6 on this page.")

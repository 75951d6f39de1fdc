"""How good answers are, by judged queries on the real archive: floors that no change may fall below.

The measures are those of ``shared/eval/score.py``: nDCG@10 with gain 2^grade - 1 (Järvelin and Kekäläinen, "Cumulated
gain-based evaluation of IR techniques", TOIS 2002), recall@20, and how many queries for what the archive does not have
are answered with no hit at all.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from statistics import fmean
from typing import Any

import pytest

from conftest import REAL, library_over
from zunda_mcp.library import Library

QUERIES = REAL.parent.parent / "eval" / "queries.jsonl"

pytestmark = pytest.mark.archive

Found = tuple[str, str | None]


def judged() -> list[dict[str, Any]]:
    """The judged queries."""
    return [json.loads(line) for line in QUERIES.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def meant(pytestconfig: pytest.Config) -> Iterator[Library]:
    """The real archive with the bundled model. Its index is kept for the next run: embedding it takes half a minute."""
    with library_over(REAL, pytestconfig.cache.mkdir("judged-index"), embedder="use") as library:
        assert library.refresh().embedding_error is None
        yield library


def first_twenty(library: Library, query: str, filters: dict[str, str]) -> list[Found]:
    """Episode and URL of the first 20 hits where there are so many, following the cursor."""
    hits: list[Found] = []
    cursor = None
    while len(hits) < 20:
        page = library.search(query, limit=20, cursor=cursor, max_chars=60_000, **filters)  # type: ignore[arg-type]
        hits += [(hit.episode_id, hit.url) for hit in page.hits]
        cursor = page.next_cursor
        if not cursor or not page.hits:
            break
    return hits[:20]


def ndcg(hits: list[Found], grades: dict[Found, int]) -> float:
    """nDCG@10."""
    gained = sum((2 ** grades.get(hit, 0) - 1) / math.log2(place + 2) for place, hit in enumerate(hits[:10]))
    best = sorted(grades.values(), reverse=True)[:10]
    return float(gained / sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(best)))


def measure(library: Library) -> tuple[float, float, float]:
    """nDCG@10, recall@20 and the share of queries for nothing that were answered with nothing."""
    gains, recalls, nothing = [], [], []
    for query in judged():
        hits = first_twenty(library, query["query"], query["filters"])
        if query["kind"] == "none":
            nothing.append(not hits)
            continue
        grades = {(row["episode"], row["url"]): row["grade"] for row in query["relevant"]}
        gains.append(ndcg(hits, grades))
        recalls.append(sum(story in hits for story in grades) / len(grades))
    return fmean(gains), fmean(recalls), fmean(nothing)


def test_judged_queries_are_answered_well_by_words_alone(real: Library) -> None:
    gain, recall, nothing = measure(real)
    assert gain >= 0.64
    assert recall >= 0.72
    assert nothing >= 0.7


def test_judged_queries_are_answered_better_by_meaning(meant: Library) -> None:
    gain, recall, nothing = measure(meant)
    assert gain >= 0.76
    assert recall >= 0.83
    assert nothing >= 0.7

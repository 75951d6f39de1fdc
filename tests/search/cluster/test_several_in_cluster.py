"""Two archives together, one of them talk: a cluster answers as the embedded engine does, in one of them or in both."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("opensearchpy")

from cluster_libraries import address_of, removed
from test_hidden_archives import library_of

from conftest import CLUSTER, SAMPLE
from zunda_mcp.library import Library

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not CLUSTER, reason="no cluster at ZUNDA_TEST_OPENSEARCH_URL; `make cluster` starts one"),
]

SAID = (
    "We speak of the garden and of what grows there in rows.",
    "The pictures of that camera are too dark in the evening.",
    "A small model writes the minutes of a meeting by itself.",
    "They moved the whole database within one quiet weekend.",
)
QUERIES = ("TC39 提案", "議事録を自動で書くモデル", "how to move a database", "garden OR モデル")


def add_talk(folder: Path) -> None:
    """Some episodes that are only spoken, each long enough for several passages."""
    folder.mkdir(parents=True)
    for number in range(1, 7):
        head = f"---\ntitle: Talk {number}\ndate: 2025-0{number}-01\naudio: https://example.com/{number}.mp3\n---\n"
        (folder / f"talk-{number}.md").write_text(f"{head}We only talked.\n", encoding="utf-8")
        cues = (
            f"00:{n // 6:02}:{n % 6}0.000 --> 00:{n // 6:02}:{n % 6}9.000\n{SAID[(n // 20 + number) % 4]}"
            for n in range(80)
        )
        (folder / f"talk-{number}.vtt").write_text("WEBVTT\n\n" + "\n\n".join(cues) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, Library]]:
    folder = tmp_path_factory.mktemp("several")
    shutil.copytree(SAMPLE, folder / "archive" / "notes")
    add_talk(folder / "archive" / "talk")
    names, index = ["notes", "talk"], folder / "elsewhere"
    with library_of(folder, names, "use") as home, removed(index):
        home.refresh()
        with library_of(folder, names, "use", index=index, engine=address_of(index)) as asked:
            asked.refresh()
            yield home, asked


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("archive", [None, "talk"])
def test_a_question_has_the_same_answer(both: tuple[Library, Library], query: str, archive: str | None) -> None:
    home, asked = both
    for sort in ("relevance", "newest", "oldest"):
        for limit in (None, 3):
            there, here = (one.search(query, archive=archive, sort=sort, limit=limit) for one in (asked, home))
            assert there.model_dump() == here.model_dump(), (sort, limit)


def test_what_nobody_said_is_near_in_meaning(both: tuple[Library, Library]) -> None:
    home, _ = both
    assert home.search("TC39 提案", archive="talk").near

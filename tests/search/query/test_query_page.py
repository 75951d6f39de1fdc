"""The questions of docs/queries.md are understood as that page says."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT, SAMPLE
from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library

_ROW = re.compile(r"^\| `(.+)` \| `(.+)` \|$", re.MULTILINE)
EXAMPLES = _ROW.findall((ROOT / "docs" / "queries.md").read_text(encoding="utf-8"))


def noon(zone: dt.tzinfo) -> dt.datetime:
    """The day of which the page speaks."""
    return dt.datetime(2026, 7, 3, 12, tzinfo=zone)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The sample archive, asked by words alone."""
    index: Path = tmp_path_factory.mktemp("page") / "index"
    with Library(load_settings(episodes=[SAMPLE], index=index, embedder="none"), now=noon) as library:
        yield library


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 15


@pytest.mark.parametrize(("question", "understood"), EXAMPLES)
def test_a_question_is_understood_as_the_page_says(question: str, understood: str, sample: Library) -> None:
    assert sample.search(question).understood == understood

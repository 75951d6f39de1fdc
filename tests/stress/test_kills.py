"""A short share of the harness ``kills``; the rest is ``make stress``."""

from __future__ import annotations

import os
from pathlib import Path

import kills
import pytest
from outcome import Plan

from conftest import SAMPLE, examples


@pytest.mark.scaled
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no SIGKILL and no fork")
def test_a_killed_process_leaves_the_old_or_the_new_index_whole_and_the_next_goes_on(tmp_path: Path) -> None:
    cases = examples(1)
    outcome = kills.run(Plan(seed=7, seconds=60, archive=SAMPLE, scratch=tmp_path, cases=cases))
    assert outcome.failures == []
    assert outcome.cases == cases
    assert sum(count for name, count in outcome.figures.items() if name.startswith("killed at")) == cases  # type: ignore[misc]

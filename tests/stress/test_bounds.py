"""A short share of what is bounded: twenty seconds each at the very most; growth is compared in the long run alone."""

from __future__ import annotations

from pathlib import Path

import bounds
import pytest
from outcome import Plan

from conftest import SAMPLE, examples


@pytest.mark.scaled
def test_nothing_that_is_asked_or_read_takes_without_bound(tmp_path: Path) -> None:
    cases = examples(1)
    outcome = bounds.run(Plan(seed=7, seconds=600, archive=SAMPLE, scratch=tmp_path, cases=cases))
    assert outcome.failures == []
    assert outcome.cases >= 2 * cases

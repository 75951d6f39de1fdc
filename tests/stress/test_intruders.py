"""A short share of the harness ``intruders``."""

from __future__ import annotations

from pathlib import Path

import intruders
import pytest
from outcome import Plan

from conftest import SAMPLE, examples


@pytest.mark.scaled
def test_nobody_gets_in_or_out(tmp_path: Path) -> None:
    cases = examples(160)
    outcome = intruders.run(Plan(seed=7, seconds=600, archive=SAMPLE, scratch=tmp_path, cases=cases))
    assert outcome.failures == []
    assert outcome.cases == cases
    assert int(outcome.figures["answered"]) > 20
    assert int(outcome.figures["refused"]) > 50
    assert int(outcome.figures["times the index was tampered with"]) >= 1

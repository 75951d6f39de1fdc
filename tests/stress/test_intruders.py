"""A short share of the harness ``intruders``."""

from __future__ import annotations

from pathlib import Path

import intruders
from outcome import Plan

from conftest import SAMPLE


def test_nobody_gets_in_or_out(tmp_path: Path) -> None:
    outcome = intruders.run(Plan(seed=7, seconds=120.0, archive=SAMPLE, scratch=tmp_path, cases=400))
    assert outcome.failures == []
    assert outcome.cases == 400
    assert int(outcome.figures["answered"]) > 20
    assert int(outcome.figures["refused"]) > 50
    assert int(outcome.figures["times the index was tampered with"]) >= 2

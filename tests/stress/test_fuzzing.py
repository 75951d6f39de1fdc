"""A short share of the fuzzing, always the same cases."""

from __future__ import annotations

from pathlib import Path

import fuzzing
from outcome import Plan

from conftest import SAMPLE


def test_no_drawn_input_breaks_a_promise(tmp_path: Path) -> None:
    outcome = fuzzing.run(Plan(seed=7, seconds=60, archive=SAMPLE, scratch=tmp_path, cases=5000))
    assert outcome.failures == []
    assert outcome.cases >= 4000

"""A short share of the fuzzing, always the same cases."""

from __future__ import annotations

from pathlib import Path

import fuzzing
import pytest
from outcome import Plan

from conftest import SAMPLE, examples


@pytest.mark.scaled
def test_no_drawn_input_breaks_a_promise(tmp_path: Path) -> None:
    cases = examples(300)
    outcome = fuzzing.run(Plan(seed=7, seconds=600, archive=SAMPLE, scratch=tmp_path, cases=cases))
    assert outcome.failures == []
    assert outcome.cases >= 0.8 * cases

"""A short share of the harness ``disk``; the rest is ``make stress``."""

from __future__ import annotations

import os
from pathlib import Path

import disk
import pytest
from outcome import Plan

from conftest import SAMPLE, examples


@pytest.mark.scaled
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_disk_that_refuses_costs_no_answer_and_no_index(tmp_path: Path) -> None:
    cases = examples(1)
    outcome = disk.run(Plan(seed=7, seconds=600, archive=SAMPLE, scratch=tmp_path, cases=cases))
    assert outcome.failures == []
    assert outcome.cases == cases

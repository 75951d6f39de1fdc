"""A short share of the long day: handles and threads come back, and nothing of an old generation stays open."""

from __future__ import annotations

from pathlib import Path

import pytest
from day import run
from outcome import Plan
from process_sampling import POSSIBLE, level

from conftest import MANY_SERVERS, SAMPLE, examples


@pytest.mark.scaled
@MANY_SERVERS
@pytest.mark.skipif(not POSSIBLE, reason="what a process holds is read from /proc, which only Linux has")
def test_files_and_threads_return_to_where_they_were(tmp_path: Path) -> None:
    cases = examples(10)
    outcome = run(Plan(20261124, 120.0, SAMPLE, tmp_path, cases=cases))
    assert outcome.failures == []
    assert outcome.cases >= cases


def test_what_grows_does_not_level_off() -> None:
    assert not level([float(value) for value in range(90)], 0.05, 4.0)
    assert level([min(30.0, value) for value in range(90)], 0.05, 4.0)
    assert level([10.0] * 40 + [500.0] + [12.0] * 40, 0.05, 4.0)

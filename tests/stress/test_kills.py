"""A short share of the harness ``kills``; the rest is ``make stress``."""

from __future__ import annotations

import os
from pathlib import Path

import kills
import pytest
from archive_states import States, answers, difference, open_library
from outcome import Plan

from conftest import SAMPLE, examples
from zunda_mcp.index import index_tuning


@pytest.mark.scaled
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no SIGKILL and no fork")
def test_a_killed_process_leaves_the_old_or_the_new_index_whole_and_the_next_goes_on(tmp_path: Path) -> None:
    cases = examples(1)
    outcome = kills.run(Plan(seed=7, seconds=600, archive=SAMPLE, scratch=tmp_path, cases=cases))
    assert outcome.failures == []
    assert outcome.cases == cases
    assert sum(count for name, count in outcome.figures.items() if name.startswith("killed at")) == cases  # type: ignore[misc]


def test_states_hold_their_changes_on_a_machine_so_busy_that_questions_go_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_tuning, "SMALL_CHANGE_WAIT", 0.0)
    states = States(SAMPLE, tmp_path, seed=7)
    states.make(2)
    for state in states.all:
        states.set(state, index=None)
        with open_library(states.archive, states.index) as library:
            library.refresh()
            assert difference(state.answers, answers(library)) == ""
        states.put_back(state)

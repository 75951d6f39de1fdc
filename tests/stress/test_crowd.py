"""A short share of the crowd: few servers and an indexer over one index while files change and processes are killed."""

from __future__ import annotations

from pathlib import Path

import pytest
from crowd import run
from outcome import Plan
from writers import Writing, overlaps, read

from conftest import MANY_SERVERS, SAMPLE, examples


@pytest.mark.scaled
@MANY_SERVERS
def test_many_at_once_answer_rightly_and_write_one_at_a_time(tmp_path: Path) -> None:
    cases = examples(4)
    outcome = run(Plan(20261124, 600, SAMPLE, tmp_path, cases=cases))
    assert outcome.failures == []
    assert outcome.cases >= cases
    assert int(outcome.figures["as it is: times written"]) >= 1


def test_two_writers_at_a_time_are_noticed(tmp_path: Path) -> None:
    log = tmp_path / "writing.log"
    lines = ["1.0 10 1 enter ", "1.1 10 1 begin g000001", "1.5 20 1 enter ", "2.0 10 1 leave ", "2.5 20 1 leave "]
    log.write_text("\n".join(lines), encoding="ascii")
    holds, faults = read(log, {})
    assert (len(holds), faults) == (2, [])
    assert len(overlaps(holds)) == 1


def test_a_killed_writer_no_longer_writes(tmp_path: Path) -> None:
    log = tmp_path / "writing.log"
    log.write_text("1.0 10 1 enter \n1.5 20 1 enter \n2.5 20 1 leave \n", encoding="ascii")
    assert overlaps(read(log, {10: 1.4})[0]) == []
    assert len(overlaps(read(log, {10: 1.6})[0])) == 1


def test_writing_without_the_lock_is_noticed(tmp_path: Path) -> None:
    log = tmp_path / "writing.log"
    log.write_text("1.0 10 1 publish g000002\n", encoding="ascii")
    assert len(read(log, {})[1]) == 1
    assert overlaps([Writing((1, 1), 1.0, 2.0), Writing((1, 1), 2.0, 3.0)]) == []

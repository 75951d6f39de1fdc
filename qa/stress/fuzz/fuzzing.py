"""Fuzzing of every door: files, questions, arguments, protocol, settings. See ``fuzz_engine`` for how.

What is promised of each case: no exception but those of ``zunda_mcp.errors`` leaves a public function, readers of
archives raise none at all; a request is answered once, with its id, in valid JSON-RPC and UTF-8, and never with a
traceback; what can be written and read again (cursors, ids, dates, configurations) comes back the same.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import fuzz_asking
import fuzz_owned
import fuzz_readers
import fuzz_wire
from fuzz_engine import Fuzzer, Target
from outcome import Outcome, Plan

from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library


def run(plan: Plan) -> Outcome:
    """Fuzz all doors in turn until ``plan.seconds`` or ``plan.cases`` are used up."""
    outcome = Outcome("fuzzing", plan.seed)
    with _grounds(plan) as targets:
        fuzzer = Fuzzer(targets, plan.seed)
        fuzzer.run(plan.seconds, plan.cases)
    outcome.cases = fuzzer.cases
    for name, tally in fuzzer.tallies.items():
        outcome.figures[f"{name}: cases"] = tally.cases
        outcome.figures[f"{name}: slowest, ms"] = round(1000 * tally.slowest)
        outcome.failures += tally.faults.values()
    outcome.figures["lines of the product seen in watched cases"] = len(
        {line for tally in fuzzer.tallies.values() for line in tally.lines}
    )
    outcome.figures["cases that reached new lines and were bred from"] = sum(
        tally.grown for tally in fuzzer.tallies.values()
    )
    return outcome


@contextmanager
def _grounds(plan: Plan) -> Iterator[list[Target]]:
    """All targets over a library of its own, with a private place for keys and sources."""
    state = os.environ.get("ZUNDA_MCP_STATE")
    fuzz_owned.private_state(plan.scratch / "state")
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # refusals are logged by the thousand
    try:
        settings = load_settings(episodes=[plan.archive], index=plan.scratch / "index", environ={}, embedder="none")
        with Library(settings) as library:
            library.refresh()
            with fuzz_wire.http_server(library) as port:
                yield [
                    *fuzz_readers.targets(plan.scratch),
                    *fuzz_asking.targets(library),
                    *fuzz_wire.targets(library, port),
                    *fuzz_owned.targets(plan.scratch),
                ]
    finally:
        logging.disable(level)
        if state is None:
            del os.environ["ZUNDA_MCP_STATE"]
        else:
            os.environ["ZUNDA_MCP_STATE"] = state

"""``make stress``: everything that can go wrong, on purpose, for as long as it is given.

``python qa/stress/stress.py [harness …] [--seed N] [--minutes M] [--archive DIR]`` runs the harnesses one after the
other, writes build/stress/<harness>.json, and exits with 1 if one found a fault. The same seed repeats a run.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from outcome import Outcome, Plan

sys.path += [str(folder) for folder in Path(__file__).resolve().parent.iterdir() if folder.is_dir()]

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "archive" / "zund-arm-on"
OUT = ROOT / "build" / "stress"

#: Harness → the minutes it gets by default. Each is a module here or in a folder with ``run(plan: Plan) -> Outcome``.
HARNESSES = {
    "kills": 12.0,
    "disk": 3.0,
    "damage": 3.0,
    "crowd": 2.0,
    "fuzzing": 15.0,
    "bounds": 3.0,
    "intruders": 3.0,
    "differential": 15.0,
    "day": 30.0,
}


def main(arguments: list[str] | None = None) -> int:
    """Run the named harnesses; return 1 if one found a fault."""
    parser = argparse.ArgumentParser(description="Everything that can go wrong, on purpose.")
    parser.add_argument("harness", nargs="*", choices=[*HARNESSES, []], help="which; all by default")
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--minutes", type=float, help="for each harness, instead of its own")
    parser.add_argument("--archive", type=Path, default=REAL if REAL.is_dir() else ROOT / "episodes")
    options = parser.parse_args(arguments)
    bad = False
    for name in options.harness or HARNESSES:
        run: Callable[[Plan], Outcome] = importlib.import_module(name).run
        with tempfile.TemporaryDirectory(prefix=f"zunda-stress-{name}-") as scratch:
            minutes = options.minutes or HARNESSES[name]
            started = time.monotonic()
            outcome = run(Plan(options.seed, minutes * 60, options.archive.resolve(), Path(scratch)))
            outcome.seconds = round(time.monotonic() - started, 1)
        outcome.write(OUT)
        bad |= bool(outcome.failures)
        _print_outcome(outcome)
    return int(bad)


def _print_outcome(outcome: Outcome) -> None:
    result = f"{len(outcome.failures)} FAULTS" if outcome.failures else "no fault"
    print(f"{outcome.name}: {outcome.cases} cases in {outcome.seconds:.0f} s, seed {outcome.seed}: {result}")
    for name, value in outcome.figures.items():
        print(f"  {name}: {value}")
    for line in outcome.skipped:
        print(f"  not run: {line}")
    for line in outcome.failures:
        print(f"  FAULT: {line}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

"""An archive grows by seed, and after each step the index that grew answers as one built anew.

``make stress HARNESS=differential`` goes through all scenarios in turn. Alone, ``python qa/stress/differential.py
[--scenario NAME …] [--seed N] [--steps N] [--embedder none,use,other] [--cut]`` repeats one and cuts it down; with
``--cluster`` the index that grows is in a cluster.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

for _folder in ("differential", "reading", "reading/feeds", "reading/posts", "."):
    sys.path.append(str((Path(__file__).resolve().parents[2] / "tests" / _folder).resolve()))

from comparing import NOT_COMPARED  # noqa: E402
from growing_archive import SCENARIOS  # noqa: E402
from outcome import Outcome, Plan  # noqa: E402
from replaying import cut_down  # noqa: E402
from replaying import run as run_steps  # noqa: E402

_STEPS = 12
_SHARE = 0.15


def run(plan: Plan) -> Outcome:
    """Go through the scenarios, seed after seed, some steps of each, until the time or the number of steps is over."""
    outcome = Outcome("differential", plan.seed)
    end = time.monotonic() + plan.seconds
    kinds: Counter[str] = Counter()
    seed = plan.seed
    while time.monotonic() < end and (plan.cases is None or outcome.cases < plan.cases):
        for number, scenario in enumerate(SCENARIOS):
            left = _STEPS if plan.cases is None else min(_STEPS, plan.cases - outcome.cases)
            embedders = ("use", "none", "other") if number % 4 == 3 else ("none",)
            steps, failures = run_steps(
                scenario, seed, left, plan.scratch, share=_SHARE, embedders=embedders, processes=True,
                going_on=lambda: time.monotonic() < end,
            )  # fmt: skip
            outcome.cases += steps
            outcome.failures += map(str, failures)
            kinds.update(kind for failure in failures for kind in {one.kind for one in failure.found})
        seed += 1
    outcome.figures["steps"] = outcome.cases
    for kind, count in kinds.most_common():
        outcome.figures[f"steps after which {kind} differed"] = count
    return outcome


def main() -> int:
    """Repeat runs by scenario and seed; 1 where answers differed."""
    parser = argparse.ArgumentParser(description="An index that grew answers as one built anew.")
    parser.add_argument("--scenario", nargs="*", choices=list(SCENARIOS), default=list(SCENARIOS))
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--share", type=float, default=_SHARE, help="of the questions of each kind")
    parser.add_argument("--embedder", default="none", help="one or more of none, use and other, with commas between")
    parser.add_argument("--cut", action="store_true", help="cut failing runs down")
    parser.add_argument("--first", action="store_true", help="end a scenario with its first failure")
    parser.add_argument("--long", action="store_true", help="print every difference of a failure")
    parser.add_argument("--cluster", action="store_true", help="the one that grows is at ZUNDA_TEST_OPENSEARCH_URL")
    parser.add_argument("--without", nargs="*", default=[], help="fields that are not compared, such as score")
    asked = parser.parse_args()
    NOT_COMPARED.update(asked.without)
    bad = 0
    with tempfile.TemporaryDirectory(prefix="zunda-differential-", ignore_cleanup_errors=True) as scratch:
        for scenario in asked.scenario:
            started = time.monotonic()
            steps, failures = run_steps(
                scenario, asked.seed, asked.steps, Path(scratch), share=asked.share,
                embedders=asked.embedder.split(","), stop_at_first=asked.first, in_cluster=asked.cluster,
            )  # fmt: skip
            bad += len(failures)
            print(f"{scenario}: {steps} steps, {time.monotonic() - started:.0f} s, {len(failures)} differ", flush=True)
            for failure in failures:
                shown = cut_down(failure, Path(scratch), asked.share) if asked.cut else failure
                print(f"  {shown}", flush=True)
                for one in shown.found if asked.long else ():
                    print(f"    {one}", flush=True)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())

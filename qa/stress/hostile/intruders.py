"""Nobody gets in or out: hostile ids, addresses, titles, links and index files, and private files beside the archive.

Private files beside the archive hold a canary. It must be in no answer and no log line, nothing that an answer says may
act unseen, no pickle that is laid into the index may run, and no file but those of the index and the state may change.
"""

from __future__ import annotations

import random
import time

from hostile_calls import Scene, Victim, everything, question
from hostile_index import WHERE, lay_trap
from hostile_text import PAYLOADS, VISIBLE, acting, quoted, strings
from outcome import Outcome, Plan

_ROUND = 150
"""Questions to one process; then it ends, its index is tampered with, and the next one starts."""


def run(plan: Plan) -> Outcome:
    """Ask until the time or the cases are used up. The same seed asks the same in the same order."""
    chance = random.Random(plan.seed)
    outcome = Outcome("intruders", plan.seed)
    canary = f"CANARY{chance.getrandbits(64):016x}"
    scene = Scene(plan.scratch / "home", plan.archive, canary)
    before, ends = scene.untouched(), time.monotonic() + plan.seconds
    answered = refused = traps = 0
    while time.monotonic() < ends and (plan.cases is None or outcome.cases < plan.cases):
        victim = Victim(scene)
        try:
            for _ in range(_ROUND):
                if time.monotonic() >= ends or outcome.cases == plan.cases:
                    break
                outcome.cases += 1
                method, params = question(chance, scene)
                try:
                    answer = victim.ask(method, params)
                except EOFError as error:
                    outcome.failures.append(f"case {outcome.cases}, {method} {params!a}: {error}")
                    break
                good = "result" in answer and not answer["result"].get("isError")
                answered, refused = answered + good, refused + (not good)
                _judge(outcome, answer, canary, f"case {outcome.cases}, {method} {params!a}")
            else:
                for method, params in everything():
                    _judge(
                        outcome, victim.ask(method, params), canary, f"after case {outcome.cases}, {method} {params}"
                    )
        finally:
            victim.end()
        log = victim.log.read_text(encoding="utf-8", errors="replace")
        if canary in log or acting(log.replace("\n", " ")):
            outcome.failures.append(f"after case {outcome.cases}: the log holds the canary or acts on a terminal")
        if scene.marker.exists():
            outcome.failures.append(f"after case {outcome.cases}: a pickle of the index was run")
            break
        if scene.untouched() != before:
            outcome.failures.append(f"after case {outcome.cases}: something outside of the index and the state changed")
        traps += _tamper(chance, scene)
        before = scene.untouched()
    outcome.figures = {"answered": answered, "refused": refused, "times the index was tampered with": traps}
    return outcome


def _judge(outcome: Outcome, answer: dict[str, object], canary: str, case: str) -> None:
    for place, text in strings({name: value for name, value in answer.items() if name != "id"}):
        if canary in text:
            outcome.failures.append(f"{case}: the canary is in {place}")
        if place.endswith(".uri"):
            continue  # the request's own, back as it came
        if found := acting(text):
            outcome.failures.append(f"{case}: {place} holds {found[:3]}")


def _tamper(chance: random.Random, scene: Scene) -> bool:
    """Lay a trap into the newest generation, and change an episode, so that the next server writes from it."""
    generations = sorted(scene.index.glob("g*"))
    if not generations:
        return False
    lay_trap(generations[-1], chance.choice(WHERE), scene.marker)
    day = chance.randrange(1, 29)
    title = "".join(chance.sample((*PAYLOADS, *VISIBLE), 2))
    (scene.episodes / f"2031-04-{day:02}-{chance.randrange(10_000)}.md").write_text(
        f"---\ntitle: {quoted(title)}\ndate: 2031-04-{day:02}\n---\n\n- [量子化](https://a.example/{day})\n\n{title}\n",
        encoding="utf-8",
        newline="",
    )
    return True

"""A long day: mixed calls over stdio and HTTP while episodes come and go. What a server holds must level off.

Levelling off is judged for each process by medians: private memory in the last third of the run is at most a
twentieth or 8 MiB above that of the middle third, threads and open files outside the index at most 4 above it; so is
the size of the index (a twentieth or 4 MiB). In the end only files of the current generation are open, of which there
are as many as it has segments, times their columns. Clients that vanish without ending their session are part of the
day; the HTTP server runs with a shorter life for idle sessions, so that their end is part of it too.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from changing_archive import ChangingArchive
from conversing import LEGACY, MODERN, Conversation, Era, HttpConversation, SilentError, StdioConversation
from outcome import Outcome, Plan
from process_sampling import POSSIBLE, Sample, Sampling, folder_size, level, open_files, sample
from random_calls import Calls, error_of
from started import Started, Starter

MOST = {"private": (0.05, 8.0), "files": (0.0, 4.0), "threads": (0.0, 4.0)}
INDEX_MOST = (0.05, 4.0)
LAUNCHER = Path(__file__).with_name("short_sessions.py")
OUT = Path(__file__).resolve().parents[2] / "build" / "stress"
SURVEY = "archive://survey"
_LONG = 60.0
"""A run of so many seconds is worth keeping. One bounded by the number of its questions is too short for memory to come
to rest, so that is not judged."""
_RETURN = 20.0
_MORE_FILES, _MORE_THREADS = 2, 8


@dataclass
class Day:
    """What is measured while it goes on."""

    plan: Plan
    processes: dict[str, Started]
    index: Path
    stop: threading.Event = field(default_factory=threading.Event)
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    sizes: list[tuple[float, float, int]] = field(default_factory=list)
    before: dict[str, Sample] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def take(self, at: float) -> None:
        """Sample all processes and the index."""
        for name, one in self.processes.items():
            try:
                self.samples.setdefault(name, []).append(sample(one.process.pid, at, self.index))
            except OSError:
                self.fail(f"{name} was gone after {at:.0f} s: {one.stderr_text()[-500:]}")
                self.stop.set()
        self.sizes.append((round(at, 2), *folder_size(self.index)))

    def fail(self, said: str) -> None:
        """Note a fault, with the seed that repeats it."""
        if len(self.failures) < 50:
            self.failures.append(f"seed {self.plan.seed}: {said}")


def run(plan: Plan) -> Outcome:
    """Let a day pass, ``plan.seconds`` long."""
    outcome = Outcome("day", plan.seed)
    if not POSSIBLE:
        outcome.skipped.append("no /proc here, so memory, open files and threads cannot be looked at")
        return outcome
    rng = random.Random(plan.seed)
    calls = Calls(plan.archive, rng)
    archive = ChangingArchive(plan.archive, plan.scratch / "archive", random.Random(plan.seed + 1))
    with Starter(archive.folder, plan.scratch / "index", plan.scratch) as starter:
        if said := starter.index_once():
            outcome.failures.append(said)
            return outcome
        processes = {"stdio": starter.start("stdio", "serve"), "stdio-2026": starter.start("stdio-2026", "serve")}
        starter.launcher = (sys.executable, str(LAUNCHER), str(max(3.0, plan.seconds / 15)))
        processes["http"] = starter.start("http", "serve", "--http", "127.0.0.1:0")
        day = Day(plan, processes, starter.index)
        _pass(day, calls, archive)
        day.failures += starter.faults()
    outcome.cases, outcome.failures = sum(day.asked.values()), day.failures
    outcome.figures = {**_figures(day), **{f"asked {kind}": count for kind, count in sorted(day.asked.items())}}
    outcome.figures |= {f"files: {kind}": count for kind, count in sorted(archive.done.items())}
    outcome.figures |= _keep(day)
    return outcome


def _pass(day: Day, calls: Calls, archive: ChangingArchive) -> None:
    """Everybody talks until the time is over."""
    seconds, seed = day.plan.seconds, day.plan.seed
    port = day.processes["http"].port()
    stdio = [StdioConversation(day.processes["stdio"].process, LEGACY)]
    stdio.append(StdioConversation(day.processes["stdio-2026"].process, MODERN))
    for conversation in stdio:
        conversation.open()
        conversation.ask("no/such/method")  # which loads the SDK, once and for all
    pause = 0.15 if day.plan.cases is None else 0.05
    talk, come_and_go = partial(_talk, pause=pause), partial(_come_and_go, pause=pause)
    work: list[tuple[Callable[..., None], tuple[object, ...]]] = [
        (archive.changing, (day.stop, 2.0 if day.plan.cases is None else 0.3)),
        *((talk, (day, calls, one, random.Random(seed + 10 + at))) for at, one in enumerate(stdio)),
        (come_and_go, (day, calls, port, LEGACY, random.Random(seed + 20))),
        (come_and_go, (day, calls, port, MODERN, random.Random(seed + 21))),
    ]
    threads = [threading.Thread(target=_guarded, args=(day, *one), daemon=True) for one in work]
    day.before = {name: sample(one.process.pid, 0.0, day.index) for name, one in day.processes.items()}
    with Sampling(day.take, max(0.1, seconds / 600)):
        for thread in threads:
            thread.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end and sum(day.asked.values()) < (day.plan.cases or sys.maxsize):
            if day.stop.wait(0.1):
                break
        day.stop.set()
        for thread in threads:
            thread.join()
        time.sleep(20 * pause)  # what was being done comes to its end
        day.take(seconds)
    http = HttpConversation(port, MODERN)
    asked: list[Conversation] = [*stdio, http]
    for name, last in zip(day.processes, asked, strict=True):
        _look_back(day, name, last)
        _returned(day, name)
        last.close()


def _returned(day: Day, name: str) -> None:
    """Open files and threads come back to where they were before all that, but for a few that wait for more to do."""
    end, before = time.monotonic() + _RETURN, day.before[name]
    while True:
        now = sample(day.processes[name].process.pid, day.plan.seconds, day.index)
        if now.files <= before.files + _MORE_FILES and now.threads <= before.threads + _MORE_THREADS:
            return
        if time.monotonic() > end:
            day.fail(f"{name} had {before.files} files and {before.threads} threads, and in the end {now}")
            return
        time.sleep(0.2)


def _look_back(day: Day, name: str, conversation: Conversation) -> None:
    """A last question, after which only the current generation may be open."""
    asked = {"name": "search_episodes", "arguments": {"query": "AI"}}
    try:
        fresh = conversation.ask("tools/call", asked)["result"]["structuredContent"]["freshness"]
    except (SilentError, KeyError) as error:
        day.fail(f"{name} did not answer a last question: {error!r}")
        return
    if fresh["state"] != "current":
        day.fail(f"{name} is not level with the files in the end: {fresh}")
    current = json.loads((day.index / "CURRENT").read_text(encoding="utf-8"))["generation"]
    within = [file for file in open_files(day.processes[name].process.pid) if file.startswith(f"{day.index}/g")]
    stale = [file for file in within if not file.startswith(f"{day.index}/{current}/")]
    if stale:
        day.fail(f"{name} holds {len(stale)} files of generations before {current}: {stale[:3]}")


def _guarded(day: Day, target: Callable[..., None], given: tuple[object, ...]) -> None:
    """Whatever goes wrong in the harness itself is a failure, too."""
    try:
        target(*given)
    except Exception:
        day.fail(traceback.format_exc())
        day.stop.set()


def _talk(
    day: Day, calls: Calls, conversation: Conversation, rng: random.Random, *, pause: float, most: int = sys.maxsize
) -> None:
    """Ask at random; now and then listen to notices, or lose interest at once."""
    for _ in range(most):
        if day.stop.wait(rng.uniform(0, 2) * pause):
            return
        call, kind = calls.draw(), rng.random()
        try:
            if kind < 0.04:
                conversation.abandon(call.method, call.params)
                day.asked["and cancelled"] += 1
            elif kind < 0.07:
                conversation.listen(calls.uris())
                day.asked["to be told of changes"] += 1
            else:
                wrong = error_of(conversation.ask(call.method, call.params))
                if call.params.get("uri") == SURVEY and wrong and "ask again in a few seconds" in wrong:
                    day.asked["surveys to be asked for again"] += 1  # on a busy machine
                    continue
                day.asked["what is refused" if call.refused else call.method] += 1
                if (wrong is not None) != call.refused:
                    day.fail(f"{call.method} {json.dumps(call.params, ensure_ascii=False)[:300]} was answered: {wrong}")
        except (SilentError, ValueError) as error:
            if not day.stop.is_set():
                day.fail(f"{call.method} over {conversation.era}: {error}")
            return


def _come_and_go(day: Day, calls: Calls, port: int, era: Era, rng: random.Random, *, pause: float) -> None:
    """One HTTP client after the other: some say goodbye, some vanish."""
    while not day.stop.is_set():
        client = HttpConversation(port, era)
        try:
            client.open()
            _talk(day, calls, client, rng, pause=pause, most=rng.randrange(5, 60))
            polite = rng.random() < 0.5
            day.asked["HTTP clients that said goodbye" if polite else "HTTP clients that vanished"] += 1
            client.close() if polite else client.vanish()
        except (SilentError, OSError) as error:
            day.fail(f"an HTTP client of {era}: {error}")
            client.vanish()


def _figures(day: Day) -> dict[str, float | int | str]:
    """What each process held, and a fault for each series that has not levelled off."""
    figures: dict[str, float | int | str] = {}
    for name, samples in day.samples.items():
        for what, most in MOST.items() if day.plan.cases is None else ():
            figures |= _judge(day, f"{name} {what}", [float(getattr(one, what)) for one in samples], most)
    figures |= _judge(day, "index MiB", [size for _, size, _ in day.sizes], INDEX_MOST)
    figures["generations at most"] = max(count for _, _, count in day.sizes)
    return figures


def _judge(day: Day, name: str, values: list[float], most: tuple[float, float]) -> dict[str, float | int | str]:
    """The medians of a series, and a fault where it does not level off."""
    figures: dict[str, float | int | str] = {}
    third = max(1, len(values) // 3)
    for part, some in (("first", values[:third]), ("middle", values[third : 2 * third]), ("last", values[-third:])):
        figures[f"{name}, {part} third"] = sorted(some)[len(some) // 2] if some else 0
    if not level(values, *most):
        day.fail(f"{name} did not level off: {[round(value, 1) for value in values[:: max(1, len(values) // 20)]]}")
    return figures


def _keep(day: Day) -> dict[str, float | int | str]:
    """Keep the series as JSON beside the plot of them; where they are."""
    folder = OUT if day.plan.seconds >= _LONG and day.plan.cases is None else day.plan.scratch
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / "day-series.json"
    series = {name: [asdict(one) for one in samples] for name, samples in day.samples.items()}
    out.write_text(json.dumps({"processes": series, "index": day.sizes}), encoding="utf-8")
    try:
        from day_plot import draw
    except ImportError:
        return {"series": str(out)}
    return {"series": str(out), "plot": str(draw(out, folder / "day.svg"))}

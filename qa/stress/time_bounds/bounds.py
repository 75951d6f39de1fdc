"""No input takes more than a bounded time: patterns, readers, calls, files, and a server that is asked the worst.

Growth is compared within one run (a text and one four times as long), and what is bounded by a limit is held to twenty
seconds of wall clock, generously, since machines differ.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bound_files
import bound_stdio
from bound_readers import grows, pattern_cases, reader_cases
from fuzz_asking import sendable
from outcome import Outcome, Plan

from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library
from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.reading.formats import page_formats
from zunda_mcp.server.dispatch import LazyArchive, respond

PATIENCE = 20.0
_LONG = 100_000


def worst_texts() -> dict[str, str]:
    """A hundred thousand characters of everything that is bad to search for."""
    half = _LONG // 2
    latin = " ".join(f"w{number}x" for number in range(_LONG // 7))
    return {
        "parentheses": "(" * half + ")" * half,
        "quotes": '"' * _LONG,
        "open quotes": "「" * _LONG,
        "nested quotes": "「" * half + "」" * half,
        "every word different": latin,
        "Japanese": "生成人工知能検索拡張" * (_LONG // 10),
        "one letter": "a" * _LONG,
        "one kanji": "豆" * _LONG,
        "combining marks": "か" + "\u3099" * _LONG,
        "ligatures that grow": "\ufdfa" * _LONG,
        "sites": "site:a.example " * (_LONG // 15),
        "exclusions": "-x " * (_LONG // 3),
        "links": "https://a.example/x " * (_LONG // 20),
        "wildcards": "*" * half + "?" * half,
        "wild words": "a* ?b " * (_LONG // 6),
        "long vowels": "ー" * _LONG,
        "times": "去年の" * (_LONG // 3),
        "digits": "9" * _LONG,
        "spaces": "a" + " " * _LONG + "b",
        "ellipses": "あ…" * half,
        "escapes": "\x1b[" * half,
        "percents": "%E8" * (_LONG // 3),
    }


def calls(draw: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """The worst texts in every argument that takes one, whole (refused with the limit) and at the limit (answered)."""
    texts = worst_texts()
    places = [
        ("search_episodes", "query"),
        ("check_quote", "quote"),
        ("topic_timeline", "topic"),
        ("list_topics", "query"),
        ("get_episode", "id"),
        ("find_related", "id"),
        ("search_episodes", "since"),
        ("search_episodes", "site"),
        ("search_episodes", "host"),
        ("search_episodes", "cursor"),
    ]
    for tool, argument in places:
        beside = {} if argument in ("query", "quote", "topic", "id") else {"query": "生成AI"}
        for text in texts.values():
            for length in (2000, _LONG):
                yield tool, {**beside, argument: text[:length]}
    for huge in (10**300, -(10**300), "9" * 5000, 1e308, "1e99999", "０" * 5000):
        for argument in ("limit", "max_chars"):
            yield "search_episodes", {"query": "生成AI", argument: huge}
        yield "get_episode", {"id": huge}
    words = [word for text in texts.values() for word in text[:2000].split()][:4000]
    while True:
        yield (
            "search_episodes",
            {"query": " ".join(draw.choices(words, k=40))[:2000], "max_chars": 100_000, "limit": 50},
        )


def run(plan: Plan) -> Outcome:
    """Ask and read the worst: a share of ``plan.seconds`` for each kind, at most ``plan.cases`` of each."""
    outcome = Outcome("bounds", plan.seed)
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        settings = load_settings(episodes=[plan.archive], index=plan.scratch / "index", environ={}, embedder="none")
        with Library(settings) as library:
            library.refresh()
            _ask(plan, outcome, LazyArchive(lambda: library), _share(plan, 0.2))
    finally:
        logging.disable(level)
    bound_stdio.check(plan, outcome)
    if plan.cases is None:
        _grow(
            plan, outcome, "readers", list(reader_cases(_page_reader(plan.scratch))), size=4000, end=_share(plan, 0.3)
        )
        _grow(plan, outcome, "patterns", list(pattern_cases()), size=1000, end=_share(plan, 0.2))
    else:
        outcome.skipped.append("growth is compared in the long run alone, since it is timed")
    bound_files.check(plan, outcome, _share(plan, 0.3))
    return outcome


def _share(plan: Plan, part: float) -> float:
    """When a share of the time that begins now is used up."""
    return time.monotonic() + part * plan.seconds


def _page_reader(scratch: Path) -> Callable[[str], Any]:
    folder = scratch / "page"
    folder.mkdir()
    (folder / "2031-01-01-1.md").write_text("---\ntitle: x\n---\n", encoding="utf-8")
    reader = ArchiveReader([folder])
    (file,) = reader.scan().files
    origin = reader.origin(file)
    return lambda text: page_formats.MarkdownPage().read(text, origin)


def _ask(plan: Plan, outcome: Outcome, opening: LazyArchive, end: float) -> None:
    slowest, shown = 0.0, ""
    for number, (tool, given) in enumerate(calls(random.Random(plan.seed))):
        if time.monotonic() > end or number == plan.cases:
            break
        started = time.monotonic()
        reply = respond(opening, tool, given)
        took = time.monotonic() - started
        outcome.cases += 1
        name = f"{tool}({', '.join(f'{key}={str(value)[:12]}…' for key, value in given.items())})"
        if took > slowest:
            slowest, shown = took, name
        if took > PATIENCE or "fault in the server" in reply.text:
            outcome.failures.append(f"call {number} of seed {plan.seed}, {name}: {took:.1f} s, {reply.text[:200]}")
        longest = max(len(value) for value in given.values()) if all(isinstance(v, str) for v in given.values()) else 0
        shrinks = any(str(value).startswith(("a  ", "\x1b")) for value in given.values())  # to less than the limit
        if longest == _LONG and not shrinks and not (reply.refused and "Call" in reply.text and len(reply.text) < 2000):
            outcome.failures.append(f"{name} of {_LONG} characters is not refused with its limit: {reply.text[:200]}")
        sendable([reply.text, reply.data])
    outcome.figures["slowest call, ms"] = round(1000 * slowest)
    outcome.figures["slowest call"] = json.dumps(shown, ensure_ascii=True)


def _grow(plan: Plan, outcome: Outcome, what: str, cases: list[Any], *, size: int, end: float) -> None:
    random.Random(plan.seed).shuffle(cases)
    seen = 0
    bad: dict[str, str] = {}
    for name, read, attack in cases:
        if time.monotonic() > end or seen == plan.cases:
            break
        seen += 1
        if name not in bad and (said := grows(read, attack, size)):
            bad[name] = f"{what}: {name} on {attack.before[:40]!a} + {attack.piece!a} × n + {attack.after!a}: {said}"
    outcome.cases += seen
    outcome.figures[f"{what}: attacks tried"] = seen
    outcome.figures[f"{what}: attacks there are"] = len(cases)
    outcome.failures += bad.values()

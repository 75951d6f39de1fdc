"""Posts by the hundred thousand: how fast an export of Twilog is read, indexed, kept level and asked.

    python -m benchmarks.posts [--posts 225000] [--out build/posts]

The export is made up by a fixed seed: Japanese, English and mixed posts, links, hashtags, mentions, emoji, line breaks,
reposts, likes and bookmarks. Each step runs in a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

_EPOCH_MS = 1_288_834_974_657
_JAPAN = dt.timezone(dt.timedelta(hours=9))
_FOOD = ("ラーメン", "カレー", "寿司", "餃子", "つけ麺", "うどん", "パン", "珈琲", "そば", "焼肉")  # fmt: skip
_THINGS = (
    "GitHub", "Python", "Rust", "Whoosh", "Claude", "LLM", "RAG", "Obsidian", "Docker", "量子化", "推論",
    "検索", "索引", "翻訳", "猫", "犬", "散歩", "映画", "電車", "台風",
)  # fmt: skip
_ENDS = ("を試した。", "が良かった。", "の話を読んだ。", "はまだ早い。", "で詰まった…", "が落ちてる😇", "✨")
_ENGLISH = "reading about {a} again, {b} is next https://example.com/{n}"
_KANJI = "東西南北上下大小山川海空春夏秋冬朝昼夜駅前町村橋店館園場道路線室"


def posts(count: int, seed: int = 20261124) -> Iterator[list[str]]:
    """Rows of an export, oldest first: some fifteen years of one user."""
    draw = random.Random(seed)
    first = dt.datetime(2012, 1, 1, tzinfo=_JAPAN)
    step = dt.timedelta(days=365 * 14.85) / count
    for number in range(count):
        at = (first + number * step + dt.timedelta(seconds=draw.random() * 600)).replace(microsecond=0)
        status = (int(at.timestamp() * 1000) - _EPOCH_MS) << 22 | draw.randrange(1 << 22)
        log = draw.choices("123", (85, 12, 3))[0]
        own = log == "1" and draw.random() < 0.9
        user = "zunda_example" if own else f"user{draw.randrange(4000)}"
        yield [
            str(status),
            f"https://x.com/{user}/status/{status}",
            at.strftime("%Y-%m-%d %H:%M:%S"),
            _text(draw, number),
            log,
        ]


def _text(draw: random.Random, number: int) -> str:
    if draw.random() < 0.1:
        return _ENGLISH.format(a=draw.choice(_THINGS), b=draw.choice(_THINGS), n=number)
    parts = []
    for _ in range(draw.randrange(1, 5)):
        place = "".join(draw.choices(_KANJI, k=draw.randrange(2, 5)))
        parts.append(f"{place}の{draw.choice(_FOOD if draw.random() < 0.2 else _THINGS)}{draw.choice(_ENDS)}")
    text = ("\n" if draw.random() < 0.3 else "").join(parts)
    if draw.random() < 0.25:
        text += f" https://example.com/{draw.choice(_THINGS).lower()}/{number}?x=1&y=2"
    if draw.random() < 0.2:
        text += f" #{draw.choice(_THINGS)}"
    if draw.random() < 0.2:
        text = f"@user{draw.randrange(4000)} {text}"
    return text.replace("&", "&amp;") if "://" not in text else text


def write(path: Path, rows: list[list[str]]) -> None:
    """Write an export, newest first."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(reversed(rows))


QUERIES = (
    "ラーメン", "GitHub", "量子化", "猫 散歩", "LLM 推論 検索", "ラーメンの投稿をまとめて", "#Rust",
    "東京の寿司が良かった",
    "site:example.com", "reading about Python", "user123", "台風で電車が止まった話", "Obsidian Docker", "つけ麺 駅前",
)  # fmt: skip


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _read(folder: Path) -> dict[str, float]:
    from zunda_mcp.reading.archive_reader import ArchiveReader

    before = _peak()
    reader = ArchiveReader([folder])
    started = time.perf_counter()
    readings = [reader.read(file) for file in reader.scan().files]
    seconds = time.perf_counter() - started
    stories = sum(len(draft.entries) for reading in readings for draft in reading.drafts)
    return {"seconds": seconds, "peak MB": _peak(), "before MB": before, "stories": stories}


def _build(folder: Path, index: Path) -> dict[str, float]:
    from zunda_mcp.config.load import load_settings
    from zunda_mcp.library import Library

    started = time.perf_counter()
    with Library.open(load_settings(episodes=[str(folder)], index=str(index))) as library:
        report = library.refresh(embed=False)
    size = sum(path.stat().st_size for path in index.rglob("*") if path.is_file())
    return {
        "seconds": time.perf_counter() - started, "peak MB": _peak(), "stories": report.stories,
        "episodes": report.episodes, "index MB": size / 1e6,
    }  # fmt: skip


def _ask(folder: Path, index: Path) -> dict[str, object]:
    from zunda_mcp.config.load import load_settings
    from zunda_mcp.library import Library

    started = time.perf_counter()
    with Library.open(load_settings(episodes=[str(folder)], index=str(index))) as library:
        first = library.search("ラーメン")
        opened = time.perf_counter() - started
        found: dict[str, object] = {"first answer ms": opened * 1e3, "hits": first.total_stories}
        cold, warm, each = [], [], {}
        for query in QUERIES:
            times = []
            for _ in range(6):
                at = time.perf_counter()
                library.search(query)
                times.append((time.perf_counter() - at) * 1e3)
            cold.append(times[0])
            warm.append(min(times[1:]))
            each[query] = [round(times[0], 1), round(min(times[1:]), 1)]
        for name, times in (("cold", cold), ("warm", warm)):
            found[f"{name} p50 ms"], found[f"{name} max ms"] = statistics.median(times), max(times)
        found["each (cold, warm) ms"] = each
        found["peak MB"] = _peak()
    return found


def _append(folder: Path, index: Path) -> dict[str, float]:
    """One post more, put before the others as an export has it: until a search finds it, and the longest question."""
    from zunda_mcp.config.load import load_settings
    from zunda_mcp.library import Library

    path = next(folder.glob("*.csv"))
    with Library.open(load_settings(episodes=[str(folder)], index=str(index))) as library:
        library.search("ラーメン")
        time.sleep(2)
        status = (int(time.time() * 1000) - _EPOCH_MS) << 22
        row = (
            f'"{status}","https://x.com/zunda_example/status/{status}","2026-11-18 20:06:40","ズンダモナイト発見","1"\n'
        )
        path.write_bytes(row.encode() + path.read_bytes())
        started, found, waits = time.perf_counter(), 0, []
        while not found:
            at = time.perf_counter()
            found = library.search("ズンダモナイト").total_stories
            waits.append(time.perf_counter() - at)
            time.sleep(0.05)
        seconds = time.perf_counter() - started
        return {"seconds": seconds, "longest question s": max(waits), "questions": len(waits), "peak MB": _peak()}


_STEPS: dict[str, Callable[[Path, Path], Mapping[str, object]]] = {"build": _build, "ask": _ask, "append": _append}


def main() -> None:
    """Make the export, and run each step in a process of its own; or be one of these processes."""
    options = argparse.ArgumentParser()
    options.add_argument("--posts", type=int, default=225_000)
    options.add_argument("--out", type=Path, default=Path("build/posts"))
    options.add_argument("--step", choices=("read", "build", "ask", "append"))
    chosen = options.parse_args()
    folder, index = chosen.out / "archive", chosen.out / "index"
    if chosen.step:
        found: Mapping[str, object] = _read(folder) if chosen.step == "read" else _STEPS[chosen.step](folder, index)
        print(json.dumps({chosen.step: found}, ensure_ascii=False))
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "zunda_example-261124.csv"
    write(path, list(posts(chosen.posts)))
    print(json.dumps({"export MB": path.stat().st_size / 1e6}))
    for step in ("read", "build", "ask", "append"):
        arguments = [sys.executable, "-m", "benchmarks.posts", "--out", str(chosen.out), "--step", step]
        subprocess.run(arguments, check=True)


if __name__ == "__main__":
    main()

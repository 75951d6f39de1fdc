"""One changed file: how long until a question sees it, against a build."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from pathlib import Path

from benchmarks.speed.corpus import Corpus
from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library

_POST = """---
date: {date} 07:00:00 +0900
title: "One more"
---

- [Zundabench {n}](https://example.com/bench/{n})

ずんだもんが計った話、その{n}です。

引用元: https://example.com/bench/{n}
"""


def refreshing(corpus: Corpus, folder: Path) -> dict[str, float]:
    """Seconds of a build, of a refresh that finds nothing, and of a question after a new file (median of five)."""
    shutil.rmtree(folder, ignore_errors=True)
    extra = folder / "extra"
    extra.mkdir(parents=True)
    with Library.open(load_settings(episodes=[*corpus.folders, extra], index=folder / "index")) as library:
        build = _timed(library.refresh)
        library.search("検索")
        nothing = _timed(library.refresh)
        changed, question = [], []
        for n in range(5):
            date = dt.date(2031, 1, 1) + dt.timedelta(days=n)
            (extra / f"{date}-bench{n}.md").write_text(_POST.format(date=date, n=n), encoding="utf-8")
            changed.append(_timed(lambda n=n: _seen(library, n)))
            question.append(_timed(lambda: library.search("検索")))
    shutil.rmtree(folder, ignore_errors=True)
    return {
        "build": build,
        "nothing": nothing,
        "changed": sorted(changed)[2],
        "question": sorted(question)[2],
        "share": sorted(changed)[2] / build,
    }


def _seen(library: Library, n: int) -> None:
    if library.search(f'"その{n}です" zundabench').total_stories < 1:
        msg = "the new file was not seen by the next question"
        raise RuntimeError(msg)


def _timed(run: object) -> float:
    assert callable(run)
    started = time.perf_counter()
    run()
    return time.perf_counter() - started

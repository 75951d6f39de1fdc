"""``python -m benchmarks.report``: docs/performance.md and its plot from the figures of a run."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

_DOCS = Path(__file__).parents[1] / "docs"
_OURS = "zunda-mcp"
_HEAD = """# How fast it is, measured

Written by `make bench`; do not edit. Every query was timed on the machine described below, with all engines of a table
in turns in the same run, each in a process of its own, on the same stories, tokens and queries. Machines are noisy:
trust the ratios before the milliseconds.

- **Stories**: the first show as it is (1×), and grown 10 and 100 times with stories made of its sentences, each with a
  fresh name (`benchmarks/speed/corpus.py`). Queries are drawn from the texts by a fixed seed, 100 a class (50 at 100×);
  the judged ones, where they are, are asked as they are.
- **Time of a query**: from the call to the ten best with id, day and title. *Warm*: the fastest of the later rounds;
  *cold*: the first time that query is asked in its process. p50 / p95 over the queries, in milliseconds.
- **What is asked of each**: SQLite FTS5, tantivy, bm25s and stock Whoosh get our tokens, already cut, and answer one
  ranked list. Ours does more for the same question: where fewer than ten stories hold every word it also ranks those
  that hold much of it, it asks the episodes' own notes, and finds other spellings. bm25s knows no AND, no phrase and no
  filter. FTS5's trigram tokenizer answers words below three characters by `LIKE`, without ranking. With snippets,
  ours makes whole hits (links, hosts, where found); the others cut the same snippets and nothing else.
"""


def main() -> None:
    """Write the page and the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="where the figures are")
    folder = parser.parse_args().out
    sizes = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("speed-*.json")]
    sizes.sort(key=lambda size: size["times"])
    parts = [_HEAD]
    if sizes:
        versions = ", ".join(f"{name} {version}" for name, version in sizes[0]["versions"].items() if name != "cores")
        parts.append(f"Versions: {versions}. {sizes[0]['versions']['cores']} shared cores.\n")
        parts += [_size(size) for size in sizes]
        plot(sizes, _DOCS / "pictures" / "performance.svg")
        parts.append(
            "## Growth\n\np95 of warm queries against the number of stories:\n\n![growth](pictures/performance.svg)\n"
        )
    for name, render in (("whole", _whole), ("start", _start), ("calls", _calls)):
        path = folder / f"{name}.json"
        if path.is_file():
            parts.append(render(json.loads(path.read_text(encoding="utf-8"))))
    parts.append(_REPEAT)
    (_DOCS / "performance.md").write_text("\n".join(parts), encoding="utf-8")


_REPEAT = """## To repeat it

```sh
make bench                 # 1x and 10x, starting, calls; about ten minutes
make bench SIZES="1 10 100"    # with 200,000 stories; about half an hour more
```
"""


def _size(size: dict[str, Any]) -> str:
    engines = size["engines"]
    names = list(engines)
    lines = [f"## {size['times']}×: {size['episodes']:,} episodes, {size['stories']:,} stories\n"]
    lines.append("| warm p50 / p95, ms | " + " | ".join(names) + " |")
    lines.append("| --- |" + " ---: |" * len(names))
    kinds = list(engines[_OURS]["classes"])
    for kind in kinds:
        cells = [_pair(engines[name]["classes"].get(kind), "p50", "p95") for name in names]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    lines.append("| *cold, the same* |" + " |" * len(names))
    for kind in kinds:
        cells = [_pair(engines[name]["classes"].get(kind), "cold50", "cold95") for name in names]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    peers = [name for name in ("SQLite FTS5", "tantivy") if name in engines]
    lines.append("\nOurs as a multiple of the peer's time (below 1: ours is faster), warm p50 / p95:\n")
    lines.append("| | " + " | ".join(peers) + " |")
    lines.append("| --- |" + " ---: |" * len(peers))
    for kind in kinds:
        ours = engines[_OURS]["classes"][kind]
        row = []
        for name in peers:
            theirs = engines[name]["classes"][kind]
            row.append(" / ".join(f"{ours[key] / theirs[key]:.2f}" for key in ("p50", "p95")))
        lines.append(f"| {kind} | " + " | ".join(row) + " |")
    lines.append("\n| | " + " | ".join(names) + " |")
    lines.append("| --- |" + " ---: |" * len(names))
    shared = size["reading"] + size["cutting"]
    rows: dict[str, Callable[[dict[str, Any], str], str]] = {
        "build from files, s": lambda e, n: f"{e['build']['seconds'] + (0 if n == _OURS else shared):.1f}",
        "of it reading and cutting, s": lambda e, n: "" if n == _OURS else f"{shared:.1f}",
        "peak memory of the build, MB": lambda e, n: f"{e['build']['peak']:.0f}",
        "size on disk, MB": lambda e, n: f"{e['size'] / 1e6:.0f}",
        "open, ms": lambda e, n: f"{e['open'] * 1e3:.1f}",
        "memory after the queries, MB": lambda e, n: f"{e['memory']['all']:.0f}",
    }
    for label, cell in rows.items():
        lines.append(f"| {label} | " + " | ".join(cell(engines[name], name) for name in names) + " |")
    lines.append(
        "\nThe peers' builds are given the seconds of reading the files and cutting tokens, done once for all.\n"
    )
    if size.get("reused"):
        lines.append("At this size the indexes, and the figures of building them, are of an earlier run.\n")
    if refresh := size.get("refresh"):
        lines.append(
            f"A new file is seen by the question that follows it in {refresh['changed'] * 1e3:.0f} ms, "
            f"{refresh['share']:.1%} of a build ({refresh['build']:.1f} s); a look that finds nothing changed takes "
            f"{refresh['nothing'] * 1e3:.0f} ms.\n"
        )
    if agreement := size.get("agreement"):
        said = "; ".join(
            f"{kind}: the same set in {row['same']:.0%}, all of theirs in {row['all of theirs']:.0%}"
            for kind, row in agreement.items()
        )
        lines.append(f"Sets compared with FTS5 on the same tokens: {said}. (Ours adds plurals and joined spellings.)\n")
    return "\n".join(lines)


def _pair(row: dict[str, float] | None, first: str, second: str) -> str:
    return f"{row[first] * 1e3:.2f} / {row[second] * 1e3:.2f}" if row else "–"


_WAYS = {
    "library": "through the library, in process",
    "library, processor time": "the same, processor time",
    "stdio": "`search_episodes` over stdio",
    "no-op": "a tool that does nothing, on the SDK, over stdio",
    "SQLite FTS5": "SQLite FTS5: the ten best, as they are stored",
}


def _whole(found: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    lines = [
        "## The whole path\n\nThe judged queries (where they are not, all of two words) from the call to the answer: "
        "understood, found, ranked, with snippets, within its size, with the embedder where it is installed. *First*: "
        "the first time a query is asked, with the model loaded; *again*: the fastest of the later rounds. "
        f"{versions}; load of the machine when it ended: {found['load']:.1f}.\n"
    ]
    for size in found["sizes"]:
        lines.append(f"\n| {size['times']}×, {size['stories']:,} stories, p50 / p95, ms | first | again |")
        lines.append("\n| --- | ---: | ---: |\n")
        for name, label in _WAYS.items():
            row = size[name]
            cells = [f"{row[f'{time} p50']:.2f} / {row[f'{time} p95']:.2f}" for time in ("first", "again")]
            lines.append(f"| {label} | {' | '.join(cells)} |\n")
    return "".join(lines)


def _start(found: dict[str, Any]) -> str:
    middle = found["median"]
    costs = ", ".join(f"{name} {cost:.0f}" for name, cost in found["imports"][:8])
    theirs = ", ".join(f"{name} {cost:.0f}" for name, cost in found["trivial imports"][:6])
    return (
        "## Start\n\nFrom the start of the process to the first answer of `search_episodes` over stdio, on a "
        f"built index of the first show: {middle['zunda-mcp'] * 1e3:.0f} ms; a server with one tool that does "
        f"nothing, on the same SDK, in turns: {middle['trivial'] * 1e3:.0f} ms. Ratio of medians over "
        f"{len(found['all']['trivial'])} rounds: **{found['ratio']:.2f}**.\n\nWhat imports cost up to that answer, in "
        "ms of their own while being timed (compiling patterns and models included): "
        f"{costs}. Of the trivial server: {theirs}.\n"
    )


_SHOWN = (0, 1, 100, 1000, 5000)


def _calls(found: dict[str, Any]) -> str:
    times = found["times"]
    shown = [row for row in found["samples"] if row["calls"] in _SHOWN or row is found["samples"][-1]]
    return (
        "## Calls over stdio\n\n| ms | p50 | p95 |\n| --- | ---: | ---: |\n"
        + "".join(
            f"| {label} | {times[name + ' p50']:.2f} | {times[name + ' p95']:.2f} |\n"
            for label, name in (
                ("`search_episodes`, ten hits with snippets", "search"),
                ("a tool that does nothing, on the SDK", "no-op"),
                ("our own ping", "ping"),
            )
        )
        + "\nMemory of the server in one conversation of mixed calls (searches in every detail, texts, episodes, "
        "topics, timelines, quotes, related, wrong arguments), with the embedder where it is installed:\n\n"
        "| calls | resident, MB | of it private, MB | open handles |\n| ---: | ---: | ---: | ---: |\n"
        + "".join(
            f"| {row['calls']:,} | {row['resident']:.0f} | {row['private']:.0f} | {row['handles']:.0f} |\n"
            for row in shown
        )
    )


def plot(sizes: list[dict[str, Any]], target: Path) -> None:
    """p95 against stories, both logarithmic, a panel a class."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "zunda", "svg.fonttype": "none"}
    from matplotlib import pyplot

    kinds = list(sizes[0]["engines"][_OURS]["classes"])
    figure, panels = pyplot.subplots(3, 3, figsize=(11, 9), sharex=True, sharey=True)
    for panel, kind in zip(panels.flat, kinds, strict=False):
        for name in sizes[0]["engines"]:
            points = [
                (size["stories"], size["engines"][name]["classes"][kind]["p95"] * 1e3)
                for size in sizes
                if kind in size["engines"].get(name, {}).get("classes", {})
            ]
            if points:
                wide = 2.5 if name == _OURS else 1
                panel.loglog(*zip(*points, strict=True), marker="o", markersize=3, linewidth=wide, label=name)
        panel.set_title(kind, fontsize=9)
        panel.grid(visible=True, which="major", alpha=0.3)
    for panel in panels[-1]:
        panel.set_xlabel("stories")
    for panel in panels[:, 0]:
        panel.set_ylabel("p95, ms")
    handles, labels = panels.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=4, fontsize=8)
    figure.tight_layout(rect=(0, 0.06, 1, 1))
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    main()

"""The plot of a long day: memory, open files, threads and the size of the index over time, as SVG."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

_SHOWN = (("private", "private memory, MiB"), ("mapped", "open files of the index"), ("threads", "threads"))
_COLOURS = {"stdio": "#4c8c2b", "stdio-2026": "#a6c439", "http": "#2b5f8c"}


def draw(series: Path, picture: Path) -> Path:
    """Draw the series that ``day`` kept as JSON."""
    kept: dict[str, Any] = json.loads(series.read_text(encoding="utf-8"))
    mpl.rcParams["svg.hashsalt"] = "zunda-mcp"  # the same figures make the same file
    figure = Figure(figsize=(9, 9))
    FigureCanvasSVG(figure)
    axes = figure.subplots(4, 1, sharex=True)
    for axis, (what, said) in zip(axes, _SHOWN, strict=False):
        for name, samples in kept["processes"].items():
            minutes = [one["at"] / 60 for one in samples]
            axis.plot(minutes, [one[what] for one in samples], label=name, color=_COLOURS.get(name), linewidth=0.9)
        axis.set_ylabel(said)
    axes[3].plot([at / 60 for at, *_ in kept["index"]], [size for _, size, _ in kept["index"]], color="#555555")
    axes[3].set_ylabel("index, MiB")
    axes[3].set_xlabel("minutes")
    axes[0].legend(loc="lower right", ncols=3, frameon=False)
    for axis in axes:
        axis.set_ylim(bottom=0)
        axis.grid(visible=True, linewidth=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(picture, metadata={"Date": None})
    return picture

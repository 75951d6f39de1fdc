"""The chart: a panel a kind, a bar an engine."""

from __future__ import annotations

from pathlib import Path

from benchmarks.quality.judged import NONE, Score
from benchmarks.quality.ours import PLAIN, SEMANTIC

_COLUMNS = 3
_COLOURS = {PLAIN: "#a5d49a", SEMANTIC: "#55ab55"}
_PEER, _RECALL = "#b8c0c8", "#404850"


def draw(scores: dict[str, dict[str, Score]], kinds: list[str], target: Path) -> None:
    """Bars are nDCG@10, marks recall@20; of the kind ``none`` the share answered with no hit."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "zunda", "svg.fonttype": "none"}
    from matplotlib import pyplot

    names = [*scores]
    shown = [*kinds, NONE] if NONE in scores[names[0]] else kinds
    rows = -(-len(shown) // _COLUMNS)
    size = (11, 0.7 + rows * (0.7 + 0.22 * len(names)))
    figure, panels = pyplot.subplots(rows, _COLUMNS, figsize=size, sharex=True, sharey=True, squeeze=False)
    colours = [_COLOURS.get(name, _PEER) for name in names]
    for panel, kind in zip(panels.flat, shown, strict=False):
        found = [scores[name][kind] for name in names]
        bars = [score.silent if kind == NONE else score.ndcg for score in found]
        panel.barh(names, bars, color=colours, height=0.75, label="nDCG@10")
        for place, value in enumerate(bars):
            panel.text(0.01, place, f"{value:.2f}", va="center", fontsize=7)
        if kind != NONE:
            panel.plot([score.recall for score in found], names, "|", color=_RECALL, markersize=9, label="recall@20")
        panel.set_title(f"{kind}: answered with no hit" if kind == NONE else kind, fontsize=9)
        panel.set_xlim(0, 1)
        panel.grid(visible=True, axis="x", alpha=0.3)
        panel.tick_params(labelsize=8)
    panels[0, 0].invert_yaxis()
    for panel in [*panels.flat][len(shown) :]:
        panel.set_visible(False)
    handles, labels = panels.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=2, fontsize=8)
    figure.tight_layout(rect=(0, 0.04, 1, 1))
    figure.savefig(target, metadata={"Date": None})
    pyplot.close(figure)

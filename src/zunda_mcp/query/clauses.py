"""What a plan is made of: clauses, the other names they were expanded to, and where an engine found them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from zunda_mcp.index.schema import GREATEST

__all__ = ["Clause", "Expansion", "PostingList", "add"]

_Postings = dict[int, float]


class PostingList:
    """``documents`` with their impacts; never changed, so what is drawn from them is kept."""

    def __init__(self, documents: _Postings) -> None:
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
class Expansion:
    """Another way to write a word: normalised ``text``, the ``share`` of an exact match it is worth, and why."""

    text: str
    share: float
    how: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One word of a plan and how much it tells: its information, or less for a mere hint.

    ``expansions`` are the other ways to write it that it was looked up by as well. ``postings`` are where it stands in
    the generation at hand, ``surely`` the documents that hold the word itself where the others hold something like it;
    both are left out of comparison and print.
    """

    text: str
    postings: PostingList = field(compare=False, repr=False)
    weight: float
    expansions: tuple[Expansion, ...] = ()
    surely: Container[int] | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        """The text, and behind an arrow its expansions: ``react → リアクト (sound)``."""
        others = ", ".join(f"{one.text} ({one.how})" for one in self.expansions)
        return f"{self.text} → {others}" if others else self.text

    @property
    def documents(self) -> _Postings:
        """``{document: impact}``."""
        return self.postings.documents

    @property
    def bound(self) -> float:
        """The most it can add to a score."""
        return self.weight * self.postings.greatest


def add(documents: _Postings, others: _Postings, share: float) -> None:
    """Take ``others`` into ``documents`` at a share of their impact, where that is more than they have. What a whole
    run has beyond the greatest impact does not count, so that no other spelling outdoes an exact one.
    """
    for document, impact in others.items():
        taken = min(impact, GREATEST) * share
        if taken > documents.get(document, 0.0):
            documents[document] = taken

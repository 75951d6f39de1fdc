"""What planning looks up: where the words of a query stand in one state of an archive. An engine offers it."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Protocol

from zunda_mcp.query.clauses import Clause, PostingList

__all__ = ["Dictionary"]


class Dictionary(Protocol):
    """Looks up normalised words; each becomes a clause with its information (inverse document frequency) and where it
    stands, which only the engine reads.
    """

    @property
    def names(self) -> Container[str]:
        """The names in hiragana, which nothing else tells from grammar."""

    def has_run(self, text: str) -> bool:
        """Whether a run of kanji or katakana stands by itself somewhere."""

    def information(self, frequency: int) -> float:
        """The information of a word that ``frequency`` stories hold."""

    def clause(self, text: str, *, phrase: bool = False, also: tuple[str, ...] = ()) -> Clause:
        """A word, or a phrase, which must stand as it is; ``also`` are terms that mean the same."""

    def expanded(self, text: str, also: tuple[str, ...] = ()) -> Clause:
        """As ``clause``, and where else the same may stand under other names."""

    def word(self, text: str) -> Clause:
        """As ``clause``; one kanji only where it is a word of its own."""

    def as_written(self, text: str) -> Clause:
        """As ``word``, of a word of the archive: Latin ones in no other spelling or number."""

    def pair(self, text: str) -> Clause:
        """A bigram, whatever is around it."""

    def side_by_side(self, words: Sequence[str]) -> PostingList:
        """Where Latin words stand together, in whatever way they are joined."""

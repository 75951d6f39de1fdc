"""What a query is about, word by word, and whether the archive has it: what says that an archive does not cover it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from zunda_mcp.query.clauses import Clause

__all__ = ["Subject", "Subjects"]


@dataclass(frozen=True, slots=True)
class Subject:
    """One word of what a query is about: its normalised ``text`` and its ``information`` (inverse document frequency).

    ``absent`` says that the archive does not have it in any way, ``ordinary`` that it was typed in small Latin letters,
    ``guessed`` that the archive has it only as a dictionary translates it: that counts half.
    """

    text: str
    information: float
    absent: bool = False
    ordinary: bool = False
    guessed: bool = False


class Subjects:
    """Collects what a query is about, each text once: absent or ordinary where it was so in any place."""

    def __init__(self) -> None:
        self.by_text: dict[str, Subject] = {}
        self.missing: list[str] = []

    def add(self, clause: Clause, shown: str, *, absent: bool, guessed: bool = False) -> None:
        """Note one word, ``shown`` as it was typed."""
        before = self.by_text.get(clause.text)
        ordinary = shown.isascii() and shown.islower()
        if before is not None:
            absent_before, ordinary = before.absent, ordinary or before.ordinary
        else:
            absent_before = False
        self.by_text[clause.text] = Subject(clause.text, clause.weight, absent or absent_before, ordinary, guessed)
        if absent:
            self.missing.append(shown)

    def name(self, words: Iterable[str]) -> None:
        """Words of a row that the archive has under another name are there, whether or not they are by themselves."""
        for word in words:
            if word in self.by_text:
                self.by_text[word] = replace(self.by_text[word], absent=False, guessed=False)

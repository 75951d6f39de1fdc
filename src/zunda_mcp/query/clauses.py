"""What a plan is made of: clauses with their posting lists and expansions, and the subjects of a query. And the
``Dictionary`` of an engine, in which words are looked up.

Posting lists are combined only by their own methods, so that an engine with its lists elsewhere can record how they
combine instead of reading them (see ``zunda_mcp.engine.opensearch.expressions``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

from zunda_mcp.config.files import read_regular
from zunda_mcp.errors import SettingsError
from zunda_mcp.index.schema import GREATEST
from zunda_mcp.query import tuning
from zunda_mcp.text.normalize import normalize

__all__ = [
    "ALIAS",
    "BESIDE",
    "DICTIONARY",
    "EITHER",
    "FORM",
    "GLOSS",
    "LOAN",
    "SOUND",
    "TERM",
    "TYPO",
    "WHY",
    "Clause",
    "Dictionary",
    "Expansion",
    "PostingList",
    "Subject",
    "Subjects",
    "read_aliases",
]

_Postings = dict[int, float]


class PostingList:
    """The documents that contain a term, with their impacts. Immutable, so what is computed from them is cached.

    Its length counts the documents of the whole archive; ``documents`` may be only those at hand.
    """

    def __init__(self, documents: _Postings) -> None:
        self._documents = documents

    def __len__(self) -> int:
        return len(self._documents)

    @property
    def documents(self) -> _Postings:
        """``{document: impact}``; shared, so do not change it."""
        return self._documents

    # --- joined with others

    def best(self, other: PostingList) -> PostingList:
        """The documents of both lists, each with the higher of its impacts."""
        if not self._documents:
            return other
        if not other._documents:
            return self
        merged = dict(self._documents)
        for document, impact in other._documents.items():
            if impact > merged.get(document, 0.0):
                merged[document] = impact
        return PostingList(merged)

    def scaled(self, share: float) -> PostingList:
        """The same documents with this share of each impact."""
        if share == 1:
            return self
        return PostingList({document: impact * share for document, impact in self._documents.items()})

    def raised(self, other: PostingList, share: float) -> PostingList:
        """This list plus a share of the impacts of ``other``, whose documents must all be in this list."""
        merged = dict(self._documents)
        for document, impact in other._documents.items():
            merged[document] += share * impact
        return PostingList(merged)

    def added(self, other: PostingList, share: float) -> PostingList:
        """The documents of both lists, those of ``other`` at a share of their impacts; the higher impact counts. What a
        whole run has beyond ``GREATEST`` is ignored first, so that no other spelling outdoes an exact one.
        """
        merged = dict(self._documents)
        for document, impact in other._documents.items():
            taken = (impact if impact < GREATEST else GREATEST) * share  # a call of ``min`` takes twice as long
            if taken > merged.get(document, 0.0):
                merged[document] = taken
        return PostingList(merged)

    def or_else(self, other: PostingList) -> PostingList:
        """This list, and the documents that only ``other`` has."""
        return PostingList({**other._documents, **self._documents}) if other._documents else self

    def with_all(self, others: Sequence[PostingList]) -> PostingList:
        """The documents that are in all lists, with the smallest of their impacts."""
        lists = [self._documents, *(other._documents for other in others)]
        return PostingList({document: min(one[document] for one in lists) for document in _in_all(lists)})

    # --- counted

    def together(self, others: Sequence[PostingList]) -> int:
        """How many documents are in all lists."""
        return len(_in_all([self._documents, *(other._documents for other in others)]))

    def goes_beyond(self, other: PostingList) -> bool:
        """Whether this list has documents that ``other`` lacks."""
        return not self._documents.keys() <= other._documents.keys()

    def within(self, pool: Container[int] | None) -> int:
        """How many documents of the list are in ``pool`` (None: all)."""
        return len(self) if pool is None else sum(document in pool for document in self._documents)

    @cached_property
    def by_impact(self) -> Sequence[int]:
        """The documents, greatest impact first; among equals the later document first."""
        later_first = sorted(self.documents, reverse=True)
        later_first.sort(key=self.documents.__getitem__, reverse=True)
        return later_first

    def sortable(self, many: int) -> bool:
        """Whether ``by_impact`` is cached already, or cheap: at most ``many`` documents to sort."""
        return "by_impact" in self.__dict__ or len(self.documents) <= many

    @cached_property
    def greatest(self) -> float:
        """The greatest impact; 0 if there is none."""
        return max(self.documents.values(), default=0.0)


# --- other names

ALIAS, GLOSS, DICTIONARY, FORM = "alias", "gloss", "dictionary", "form"
LOAN, TERM, SOUND, TYPO, BESIDE, EITHER = "loan", "term", "sound", "typo", "beside", "either"

WHY = {
    ALIAS: "your alias",
    GLOSS: "the archive's own gloss",
    DICTIONARY: "by the dictionary",
    FORM: "another form",
    LOAN: "the same word",
    TERM: "by the dictionary",
    SOUND: "sounds alike",
    TYPO: "similar spelling",
}
_COMMENT = re.compile(r"(?:^|\s)#.*$")  # C# is a name


class Expansion(NamedTuple):
    """Another form of a word: its normalised ``text``, the ``share`` of an exact match it is worth, and its kind."""

    text: str
    share: float
    how: str


def read_aliases(file: Path) -> Mapping[str, tuple[str, ...]]:
    """Read the user's file of aliases: for each normalised name its other names. As in the synonym files of Solr and
    Elasticsearch, names on one line mean the same; ``a, b => c`` makes a and b mean c as well, but not the reverse.

        # zunda-aliases.txt, beside the episodes
        OpenClaw, Clawdbot, Moltbot
        Raspberry Pi, ラズパイ, ラズベリーパイ

    Raises ``SettingsError`` if the file cannot be read.
    """
    try:
        lines = read_regular(file, tuning.MAX_ALIASES_BYTES).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The aliases {file} cannot be read ({error}); save them as UTF-8 text.") from error
    others_of: dict[str, dict[str, None]] = {}
    for number, line in enumerate(lines, 1):
        left, arrow, right = _COMMENT.sub("", line).partition("=>")
        if "=>" in right:
            raise SettingsError(f"{file}:{number}: write one => on a line, as in: a, b => c")
        names = _names(left)
        targets = _names(right) if arrow else names
        for name in names:
            others_of.setdefault(name, {}).update(dict.fromkeys(other for other in targets if other != name))
    return {name: tuple(others) for name, others in others_of.items() if others}


def _names(text: str) -> list[str]:
    """The names on one side of a line, as they are looked up: normalised, and Latin ones with spaces for hyphens."""
    names = [normalize(name).strip() for name in text.replace("、", ",").split(",")]
    return [name.replace("-", " ") if name.isascii() else name for name in names if name]


# --- clauses


@dataclass(frozen=True, slots=True)
class Clause:
    """One word of a plan with its weight: its information, or less for a hint.

    ``expansions`` are the other forms that were looked up as well. ``postings`` are the documents of this generation
    with the word or an expansion; ``surely`` are those with the word itself, if other words of similar meaning were
    added to ``postings``. Neither is compared or printed.
    """

    text: str
    postings: PostingList = field(compare=False, repr=False)
    weight: float
    expansions: tuple[Expansion, ...] = ()
    surely: PostingList | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        """The text, and after an arrow its expansions: ``react → リアクト (sound)``."""
        others = ", ".join(f"{one.text} ({one.how})" for one in self.expansions)
        return f"{self.text} → {others}" if others else self.text

    @property
    def documents(self) -> _Postings:
        """``{document: impact}``."""
        return self.postings.documents

    @property
    def bound(self) -> float:
        """The most that the clause can add to a score."""
        return self.weight * self.postings.greatest


class Subject(NamedTuple):
    """A word that a query is about: its normalised ``text`` and its ``information`` (inverse document frequency).

    ``absent``: the archive lacks it in every form. ``ordinary``: it was typed in lower-case Latin letters. ``guessed``:
    the archive has it only as a dictionary translates it, which counts as half absent.
    """

    text: str
    information: float
    absent: bool = False
    ordinary: bool = False
    guessed: bool = False


class Subjects:
    """Collects the subjects of a query, each text once; it is absent or ordinary if it was so anywhere."""

    def __init__(self) -> None:
        self.by_text: dict[str, Subject] = {}
        self.missing: list[str] = []

    def add(self, clause: Clause, shown: str, *, absent: bool, guessed: bool = False) -> None:
        """Add a word, ``shown`` as it was typed."""
        text, ordinary = clause.text, shown.isascii() and shown.islower()
        before = self.by_text.get(text, Subject(text, clause.weight))
        self.by_text[text] = Subject(text, clause.weight, absent or before.absent, ordinary or before.ordinary, guessed)
        if absent:
            self.missing.append(shown)

    def name(self, words: Iterable[str]) -> None:
        """Mark words as present because the archive has the row of them under another name."""
        for word in words:
            if word in self.by_text:
                self.by_text[word] = self.by_text[word]._replace(absent=False, guessed=False)


class Dictionary(Protocol):
    """Looks up normalised words: each becomes a clause with its postings and its information (inverse document
    frequency).
    """

    @property
    def stories(self) -> int:
        """How many stories the archive has; at least 1, so that frequencies can be divided by it."""

    @property
    def names(self) -> Container[str]:
        """The archive's names in hiragana, which would pass for grammar."""

    def has_run(self, text: str) -> bool:
        """Whether a run of kanji or katakana is a whole run somewhere in the archive."""

    def information(self, frequency: int) -> float:
        """The information of a word that ``frequency`` stories contain."""

    def clause(self, text: str, *, phrase: bool = False, also: tuple[str, ...] = ()) -> Clause:
        """The clause of a word, or of a ``phrase``, which must occur exactly; ``also`` are terms that mean the same."""

    def expanded(self, text: str, also: tuple[str, ...] = ()) -> Clause:
        """As ``clause``, with the expansions of the word."""

    def word(self, text: str) -> Clause:
        """As ``clause``, but a single kanji counts only as a word of its own."""

    def as_written(self, text: str) -> Clause:
        """As ``word``, for a word taken from the archive: a Latin one only in this spelling and number."""

    def pair(self, text: str) -> Clause:
        """The clause of a bigram, whatever is around it."""

    def side_by_side(self, words: Sequence[str]) -> PostingList:
        """The documents with Latin words side by side: with a space or a hyphen between them, or written as one."""


def _in_all(lists: Sequence[_Postings]) -> Collection[int]:
    """The documents that are in all lists."""
    first, *others = sorted(lists, key=len)
    common: Collection[int] = first
    for one in others:
        common = one.keys() & common
    return common

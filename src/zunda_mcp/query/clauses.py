"""What a plan is made of: clauses, the other names that a word is looked up by, where an engine has them, and what the
query is about; and the dictionary of an engine that words are looked up in.

Posting lists are joined by their own methods alone, so that an engine whose lists are elsewhere can keep what was
joined instead of the lists (see ``zunda_mcp.engine.opensearch.expressions``).
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
    """Where something stands: ``documents`` with their impacts. Never changed, so what is drawn from them is kept.

    Its length is how many documents of the whole archive hold it; ``documents`` may be those at hand alone.
    """

    def __init__(self, documents: _Postings) -> None:
        self._documents = documents

    def __len__(self) -> int:
        return len(self._documents)

    @property
    def documents(self) -> _Postings:
        """``{document: impact}``; shared, so not to be changed."""
        return self._documents

    # --- joined with others

    def best(self, other: PostingList) -> PostingList:
        """Both, with the higher impact where a document is in both."""
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
        """With this share of each impact."""
        if share == 1:
            return self
        return PostingList({document: impact * share for document, impact in self._documents.items()})

    def raised(self, other: PostingList, share: float) -> PostingList:
        """This list with a share of the impacts of ``other`` added. All documents of ``other`` are in this list."""
        merged = dict(self._documents)
        for document, impact in other._documents.items():
            merged[document] += share * impact
        return PostingList(merged)

    def added(self, other: PostingList, share: float) -> PostingList:
        """With ``other`` at a share of its impacts, where that is more than there is. What a whole run has beyond the
        greatest impact does not count, so that no other spelling outdoes an exact one.
        """
        merged = dict(self._documents)
        for document, impact in other._documents.items():
            taken = (impact if impact < GREATEST else GREATEST) * share  # a call of ``min`` takes twice as long
            if taken > merged.get(document, 0.0):
                merged[document] = taken
        return PostingList(merged)

    def or_else(self, other: PostingList) -> PostingList:
        """These, and the documents that only ``other`` has."""
        return PostingList({**other._documents, **self._documents}) if other._documents else self

    def with_all(self, others: Sequence[PostingList]) -> PostingList:
        """The documents that all lists have, with the smallest of their impacts."""
        lists = [self._documents, *(other._documents for other in others)]
        return PostingList({document: min(one[document] for one in lists) for document in _in_all(lists)})

    # --- counted

    def together(self, others: Sequence[PostingList]) -> int:
        """How many documents all lists have."""
        return len(_in_all([self._documents, *(other._documents for other in others)]))

    def goes_beyond(self, other: PostingList) -> bool:
        """Whether there are documents that ``other`` does not have."""
        return not self._documents.keys() <= other._documents.keys()

    def within(self, pool: Container[int] | None) -> int:
        """How many documents of the list are in ``pool`` (None: all)."""
        return len(self) if pool is None else sum(document in pool for document in self._documents)

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
    """Another way to write a word: normalised ``text``, the ``share`` of an exact match it is worth, and its kind."""

    text: str
    share: float
    how: str


def read_aliases(file: Path) -> Mapping[str, tuple[str, ...]]:
    """The user's own file of other names, as a normalised name to its others: those that mean the same on one line,
    separated by commas, as in the synonym files of Solr and Elasticsearch; ``a, b => c`` makes only a and b mean c.

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
    """The names of one side of a line, as they are looked up: Latin ones with spaces for hyphens."""
    names = [normalize(name).strip() for name in text.replace("、", ",").split(",")]
    return [name.replace("-", " ") if name.isascii() else name for name in names if name]


# --- clauses


@dataclass(frozen=True, slots=True)
class Clause:
    """One word of a plan with its weight: its information, or less for a mere hint.

    ``expansions`` are the other ways to write it that it was looked up by as well. ``postings`` are where it stands in
    the generation at hand, ``surely`` where the word itself stands where the others hold something like it;
    both are left out of comparison and print.
    """

    text: str
    postings: PostingList = field(compare=False, repr=False)
    weight: float
    expansions: tuple[Expansion, ...] = ()
    surely: PostingList | None = field(default=None, compare=False, repr=False)

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


class Subject(NamedTuple):
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
        text, ordinary = clause.text, shown.isascii() and shown.islower()
        before = self.by_text.get(text, Subject(text, clause.weight))
        self.by_text[text] = Subject(text, clause.weight, absent or before.absent, ordinary or before.ordinary, guessed)
        if absent:
            self.missing.append(shown)

    def name(self, words: Iterable[str]) -> None:
        """Words of a row that the archive has under another name are there, whether or not they are by themselves."""
        for word in words:
            if word in self.by_text:
                self.by_text[word] = self.by_text[word]._replace(absent=False, guessed=False)


class Dictionary(Protocol):
    """Looks up normalised words. Each becomes a clause with its information (inverse document frequency) and its
    postings, which only the engine reads.
    """

    @property
    def stories(self) -> int:
        """How many stories there are, to set frequencies against; never 0."""

    @property
    def names(self) -> Container[str]:
        """The archive's names in hiragana, which would otherwise pass for grammar."""

    def has_run(self, text: str) -> bool:
        """Whether a run of kanji or katakana stands by itself somewhere."""

    def information(self, frequency: int) -> float:
        """The information of a word that ``frequency`` stories hold."""

    def clause(self, text: str, *, phrase: bool = False, also: tuple[str, ...] = ()) -> Clause:
        """The clause of a word, or of a phrase, which must occur exactly; ``also`` are terms that mean the same."""

    def expanded(self, text: str, also: tuple[str, ...] = ()) -> Clause:
        """As ``clause``, widened by other names of the same thing."""

    def word(self, text: str) -> Clause:
        """As ``clause``, but a single kanji only where it is a word of its own."""

    def as_written(self, text: str) -> Clause:
        """As ``word``, for a word taken from the archive: a Latin one in this spelling and number alone."""

    def pair(self, text: str) -> Clause:
        """The clause of a bigram, whatever stands around it."""

    def side_by_side(self, words: Sequence[str]) -> PostingList:
        """Where Latin words stand side by side, with a space or a hyphen between them or as one word."""


def _in_all(lists: Sequence[_Postings]) -> Collection[int]:
    """The documents that all lists have."""
    first, *others = sorted(lists, key=len)
    common: Collection[int] = first
    for one in others:
        common = one.keys() & common
    return common

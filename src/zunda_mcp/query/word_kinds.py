"""What a word does in a question: it names, it tells what is asked, it asks, or it is grammar."""

from __future__ import annotations

import math
from collections.abc import Sequence, Sized
from functools import cache
from itertools import islice
from typing import NamedTuple, Protocol

from zunda_mcp.query.parse import Word
from zunda_mcp.text.frequencies import Lexicon, lexicon

__all__ = [
    "COMMON",
    "FOREIGN",
    "GRAMMAR",
    "LEAST_ROWS",
    "ArchiveWords",
    "Context",
    "Kind",
    "Token",
    "is_distinctive",
    "is_distinctive_name",
    "is_own",
]

#: Zipf values. From the first on a word is grammar in every text; from the second on it is common: everybody uses it.
GRAMMAR, COMMON = 6.0, 4.2
#: Stories that hold a name, or two words side by side, before they are believed to be one.
LEAST_ROWS = 2
#: A name tells stories apart: at most one in so many has it.
_DISTINCTIVE = 8
#: Words of an average story, for what its length alone lets expect.
_STORY_WORDS = 60
#: So many times more often than general language has it, a word is the archive's own, in so many stories at least.
_OVER, _LEAST_STORIES = 8, 3
#: What hardly any text of a language does without, and no text of another has, where its table has only parts of words.
_SHOWN_BY = {
    "ko": ("에서", "으로", "에는", "했다", "하는", "있는"),
    "zh": ("我们", "我們", "这个", "這個", "什么", "什麼", "没有", "沒有"),
}
#: Of other languages so many of the commonest words that English does not use.
_SHOWING = 6
#: One story in so many must have one of them.
_SHOWN_IN = 8


class ArchiveWords(Protocol):
    """What an archive says of a word."""

    @property
    def stories(self) -> int:
        """How many stories it has; at least 1."""

    @property
    def language(self) -> str | None:
        """The language it is written in, as a tag; None if nothing says it."""

    def frequency(self, word: str) -> int:
        """How many stories hold a normalised word."""

    def side_by_side(self, words: Sequence[str]) -> Sized:
        """The stories that hold Latin words side by side."""


class Kind:
    """What a word does in a question. From ``COMMON`` on it may be what is asked about."""

    GRAMMAR, ASKING, FOREIGN_COMMON, FOREIGN, COMMON, CONTENT, NAME = range(7)


FOREIGN = (Kind.FOREIGN_COMMON, Kind.FOREIGN)


class Token(NamedTuple):
    """A part of a question, and the ``word`` it was typed as where it is the whole of one."""

    text: str
    kind: int
    word: Word


class Context(NamedTuple):
    """What is asked of, and in which language."""

    archive: ArchiveWords
    language: str
    table: Lexicon

    @property
    def foreign(self) -> bool:
        """Whether the question is in a language that neither the archive nor its names are written in."""
        stated = self.archive.language
        if stated is None and self.language != "en":
            shown = max(map(self.archive.frequency, _shown_by(self.language)), default=0)
            return shown * _SHOWN_IN < self.archive.stories or not shown
        return self.language not in {"en", (stated or "en").split("-")[0]}

    def is_own(self, word: str, zipf: float) -> bool:
        """Whether a common word is the archive's own: it stands there far more often than in general language."""
        return is_own(self.archive.frequency(word), self.archive.stories, zipf)


@cache
def _shown_by(language: str) -> tuple[str, ...]:
    """The words that show that an archive which does not state its language is written in this one."""
    common, english = lexicon(language).words.items(), lexicon("en")
    own = (word for word, zipf in common if zipf >= GRAMMAR and len(word) > 1 and english.zipf(word) < COMMON)
    return _SHOWN_BY.get(language) or tuple(islice(own, _SHOWING))


def is_own(holding: int, stories: int, zipf: float) -> bool:
    """Whether a word is the archive's own: ``holding`` of its ``stories`` have it, far more than its Zipf value in
    general language leads one to expect.
    """
    expected = -math.expm1(-(10 ** (zipf - 9)) * _STORY_WORDS) * stories
    return holding >= max(_LEAST_STORIES, _OVER * expected)


def is_distinctive_name(token: Token, archive: ArchiveWords) -> bool:
    """Whether a token is a name that few stories of the archive hold, or none."""
    if token.kind != Kind.NAME or token.text.isdigit():
        return False
    return is_distinctive(archive.frequency(token.text), archive)


def is_distinctive(holding: int, archive: ArchiveWords) -> bool:
    """Whether a word that ``holding`` stories have is rare enough to tell them apart."""
    return holding <= archive.stories / _DISTINCTIVE

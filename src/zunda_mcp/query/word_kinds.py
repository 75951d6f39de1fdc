"""The kinds of words in a question: names, other content, words that only ask, and grammar."""

from __future__ import annotations

import math
from collections.abc import Sequence, Sized
from functools import cache
from itertools import islice
from typing import NamedTuple, Protocol

from zunda_mcp.query import tuning
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

#: Zipf values from which on a word is grammar, needed in every text, and common, used by everybody.
GRAMMAR, COMMON = 6.0, 4.2
#: Fewest stories with a stretch of text, or with two words side by side, for that to be a name.
LEAST_ROWS = 2
#: Words of an average story, from which the expected frequency of a word follows.
_STORY_WORDS = 60
#: A word is the archive's own if it is in this many times the stories that general language predicts, at least so many.
_OVER, _LEAST_STORIES = 8, 3
#: Words in almost any text of a language and in no other text, for languages whose tables have only parts of words.
_SHOWN_BY = {
    "ko": ("에서", "으로", "에는", "했다", "하는", "있는"),
    "zh": ("我们", "我們", "这个", "這個", "什么", "什麼", "没有", "沒有"),
}
#: For other languages, this many of their commonest words that English does not use.
_SHOWING = 6
#: One story in this many must have one of them, for the archive to be in that language.
_SHOWN_IN = 8


class ArchiveWords(Protocol):
    """What an archive knows about words."""

    @property
    def stories(self) -> int:
        """How many stories it has; at least 1."""

    @property
    def language(self) -> str | None:
        """The tag of the language that the archive states; None if it states none."""

    def frequency(self, word: str) -> int:
        """How many stories contain a normalised word."""

    def side_by_side(self, words: Sequence[str]) -> Sized:
        """The stories that contain Latin words side by side."""


class Kind:
    """What a word does in a question. From ``COMMON`` on it may be what is asked about."""

    GRAMMAR, ASKING, FOREIGN_COMMON, FOREIGN, COMMON, CONTENT, NAME = range(7)


FOREIGN = (Kind.FOREIGN_COMMON, Kind.FOREIGN)


class Token(NamedTuple):
    """A part of a question with its ``kind``, and as a ``word`` to search for."""

    text: str
    kind: int
    word: Word


class Context(NamedTuple):
    """The archive, and the language of the question with its table."""

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
        """Whether a common word is the archive's own: far more frequent there than in general language."""
        return is_own(self.archive.frequency(word), self.archive.stories, zipf)


@cache
def _shown_by(language: str) -> tuple[str, ...]:
    """The words by which an archive that states no language is seen to be written in this one."""
    common, english = lexicon(language).words.items(), lexicon("en")
    own = (word for word, zipf in common if zipf >= GRAMMAR and len(word) > 1 and english.zipf(word) < COMMON)
    return _SHOWN_BY.get(language) or tuple(islice(own, _SHOWING))


def is_own(holding: int, stories: int, zipf: float) -> bool:
    """Whether a word is the archive's own: ``holding`` of its ``stories`` contain it, far more than its Zipf value in
    general language predicts.
    """
    expected = -math.expm1(-(10 ** (zipf - 9)) * _STORY_WORDS) * stories
    return holding >= max(_LEAST_STORIES, _OVER * expected)


def is_distinctive_name(token: Token, archive: ArchiveWords) -> bool:
    """Whether a token is a name, not a number, that few stories of the archive contain, or none."""
    if token.kind != Kind.NAME or token.text.isdigit():
        return False
    return is_distinctive(archive.frequency(token.text), archive)


def is_distinctive(holding: int, archive: ArchiveWords) -> bool:
    """Whether a word that ``holding`` stories contain is rare enough to tell them apart."""
    return holding <= archive.stories / tuning.DISTINCTIVE

"""A quote as it is asked for: its words, its pieces around an ellipsis, and how it may have been meant literally."""

from __future__ import annotations

import re

from zunda_mcp.errors import ArgumentError
from zunda_mcp.search.wording import reading, words_of

MAX_QUOTE = 2000
"""The longest quote that is checked, in characters."""
NO_LETTER = re.compile(r"[\W_]+")
"""What no check by letters alone looks at."""

_ELLIPSIS = re.compile(r"[(（\[［〔]\s*(?:中略|前略|後略|略|…+|\.{3,})\s*[)）\]］〕]|[…‥⋯]+|\.{3,}|。{3,}|・{3,}")
_PAIRS = {"「": "」", "『": "』", '"': '"', "“": "”", "'": "'", "‘": "’", "«": "»", "〝": "〟", "＂": "＂"}
_SPACE = re.compile(r"\s+")

_MOST_PIECES = 12
_SHORT = 4


class Asked:
    """A quote, parsed: its words, its pieces, and the ways it may have been meant literally.

    Raises ``ArgumentError`` where there is nothing to check, or too much.
    """

    def __init__(self, quote: str) -> None:
        if len(quote) > MAX_QUOTE:
            msg = f"quote is {len(quote)} characters long and at most {MAX_QUOTE} are checked; check it in parts."
            raise ArgumentError("quote", msg)
        inner = _unquoted(quote)
        pieces = [piece for piece in _ELLIPSIS.split(inner) if NO_LETTER.sub("", piece)]
        if len(pieces) > _MOST_PIECES:
            msg = f"quote has {len(pieces)} pieces around ellipses and at most {_MOST_PIECES} are checked; ask fewer."
            raise ArgumentError("quote", msg)
        self.text = reading(" … ".join(pieces))
        self.wording = words_of(self.text)
        self.wordings = [words_of(reading(piece)) for piece in pieces]
        self.pieces = [wording.letters for wording in self.wordings]
        self.size = sum(map(len, self.pieces))
        if self.size < 2:
            msg = 'quote holds nothing to check; give the whole sentence, such as quote="拡散モデルという新しい技術".'
            raise ArgumentError("quote", msg)
        whole = words_of(reading(inner)).letters
        self.forms = [[whole], self.pieces] if len(pieces) > 1 else [self.pieces]
        self.bare = [NO_LETTER.sub("", piece) for piece in self.pieces]
        self.literal = [[folded(quote)], [folded(inner)], [folded(piece) for piece in pieces]]

    @property
    def short(self) -> bool:
        """Whether it is too short for anything to be near to it."""
        return self.size < _SHORT

    def said(self) -> str:
        """How it was understood."""
        pieces = f" in {len(self.pieces)} pieces, in this order in one text" if len(self.pieces) > 1 else ""
        return f"a quote of {self.size} letters{pieces}"


def _unquoted(text: str) -> str:
    """A text without the quotation marks around the whole of it."""
    text = text.strip()
    while len(text) > 2 and _PAIRS.get(text[0]) == text[-1]:
        text = text[1:-1].strip()
    return text


def folded(text: str) -> str:
    """A text as it was written, but for the kind and number of its white space."""
    return _SPACE.sub(" ", text).strip()

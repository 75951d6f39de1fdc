"""Make quoted text harmless: what a terminal or a model would obey without anyone seeing it goes away.

Archive text quotes the open web. Escape sequences can repaint a terminal, direction overrides can make a line read
backwards, and tag characters can carry a message no eye sees. None of them is needed to read Japanese or English.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel, JsonValue

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor moves
    r"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # OSC and friends: titles, links
    r"|\x1b[ -/]*[0-~]?"  # all other escapes
    r"|\x9b[0-?]*[ -/]*[@-~]"  # CSI as one character
)
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_HIDDEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """The text without escape sequences, control characters, direction overrides and invisible tags.

    Line breaks of every kind become newlines; tabs stay.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _BREAKS.sub("\n", _ESCAPES.sub("", text))
    return _SURROGATES.sub("\ufffd", _HIDDEN.sub("", text))


def one_line(text: str) -> str:
    """The cleaned text on one line."""
    return _SPACES.sub(" ", clean(text)).strip()


def clean_data(model: BaseModel) -> dict[str, JsonValue]:
    """The model as plain JSON data with every string in it cleaned: the structured content of an answer."""
    return {name: _cleaned(value) for name, value in model.model_dump(mode="json").items()}


def _cleaned(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {name: _cleaned(item) for name, item in value.items()}
    return value


def shorten(text: str, size: int) -> str:
    """The text in at most ``size`` characters; an ellipsis says that something was cut."""
    return text if len(text) <= size else text[: max(size - 1, 0)].rstrip() + "…"

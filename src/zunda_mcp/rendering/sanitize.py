"""Makes quoted text harmless: removes everything invisible that a terminal or a model would obey.

Archive text quotes the open web. Escape sequences can repaint a terminal, direction overrides can reverse a line, and
characters without width can hide a message: rows of tags, joiners and variation selectors. None of them is needed to
read Japanese or English. What shapes a letter or an emoji stays, one at a time: a joiner between two characters, a
variation selector after one (Unicode 16, sections 23.2 to 23.4; UTS #51).

Only we write white square brackets (U+27E6, U+27E7): ``frame`` marks the end of quoted text with them, and ``clean``
replaces those of an archive with ordinary ones, so that no quoted text can contain such a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zunda_mcp.text.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from pydantic import BaseModel, JsonValue

__all__ = ["clean", "clean_data", "clean_line", "frame", "shorten"]

_ESCAPES = lazy_pattern(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor moves
    r"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # OSC and friends: titles, links
    r"|\x1b[ -/]*[0-~]?"  # all other escapes
    r"|\x9b[0-?]*[ -/]*[@-~]"  # CSI as one character
)
_BREAKS = lazy_pattern(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_HIDDEN_CHARACTERS = (
    r"\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_HIDDEN = lazy_pattern(f"[{_HIDDEN_CHARACTERS}]")
_SHAPING = lazy_pattern(
    r"(?<=[\s\u200c\u200d])[\u200c\u200d]+"  # joiners after a space or another one
    r"|^[\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]+|[\u200c\u200d]+(?=\s|$)"
    r"|(?<=[\s\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
    r"|(?<=[\x21-\x7e])[\u200c\u200d]+|(?<=[!-\"$-)+-/:-~])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+"  # 1️⃣ #️⃣ *️⃣ stay
)
_SHAPER_CHARACTERS = r"\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef"
_SHAPERS = lazy_pattern(f"[{_SHAPER_CHARACTERS}]")
_SURROGATES = lazy_pattern(r"[\ud800-\udfff]")
_ANY = lazy_pattern(rf"[{_HIDDEN_CHARACTERS}{_SHAPER_CHARACTERS}\r\x0b\x0c\x85\u2028\u2029\ud800-\udfff⟦⟧]")
"""Any character that ``clean`` changes. Few texts have one, and all steps take eight times as long as this test."""
_SPACES = lazy_pattern(r"\s+")
_FRAME_BRACKETS = str.maketrans("⟦⟧", "[]")


def clean(text: str) -> str:
    """The text without escape sequences, control characters, direction overrides and invisible characters.

    Line breaks of every kind become newlines; tabs stay. The brackets of ``frame`` become ordinary ones.
    """
    if not _ANY.search(text):
        return text
    text = _BREAKS.sub("\n", _ESCAPES.sub("", text))
    text = _HIDDEN.sub("", text)
    while _SHAPERS.search(text) and (shaped := _SHAPING.sub("", text)) != text:
        text = shaped  # a character between two others may now be alone
    return _SURROGATES.sub("\ufffd", text).translate(_FRAME_BRACKETS)


def frame(text: str) -> str:
    """A line of ours, in brackets that no cleaned text contains, to mark the end of quoted text."""
    return f"⟦{text}⟧"


def clean_line(text: str) -> str:
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
    """The text in at most ``size`` characters, with an ellipsis if it was cut."""
    return text if len(text) <= size else text[: max(size - 1, 0)].rstrip() + "…"

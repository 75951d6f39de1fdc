"""Story text without its markup: link targets, addresses, code and quotation notes are no prose."""

from __future__ import annotations

import re
import unicodedata

_FENCE = re.compile(r"^(```|~~~).*?^\1", re.S | re.M)
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)")
_ADDRESS = re.compile(
    r"(?:https?|ftp)://[^\s<>「」『』（）()、。]+|\bwww\.[^\s<>「」『』、。]+|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+"
)
_TAG = re.compile(r"<[!/a-zA-Z][^<>\n]*>|&[a-z]+;|&#\d+;")
_SOURCE_NOTE = re.compile(r"^[^\w\n]*(?:引用元|出典|参考|Source) ?[:\uff1a].*$", re.M)
_DROPPED = ("*", "`", "\u200b")
_PLAINER = (("’", "'"), ("‘", "'"), ("‐", "-"), ("‑", "-"), ("−", "-"))


def plain(text: str) -> str:
    """``text`` as NFKC prose, lines kept."""
    if "```" in text or "~~~" in text:
        text = _FENCE.sub("\n", text)
    if "](" in text:
        text = _LINK.sub(r"  \1  ", text)
    if "://" in text or "www." in text or "@" in text:
        text = _ADDRESS.sub(" ", text)
    if "<" in text or "&" in text:
        text = _TAG.sub(" ", text)
    if ":" in text or "\uff1a" in text:
        text = _SOURCE_NOTE.sub("", text)
    for mark in _DROPPED:
        if mark in text:
            text = text.replace(mark, "")
    for old, new in _PLAINER:
        if old in text:
            text = text.replace(old, new)
    return unicodedata.normalize("NFKC", text)

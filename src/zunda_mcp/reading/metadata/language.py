"""The language of one page: what its front matter states, its name or folders, or a script that one language has."""

from __future__ import annotations

import re
from collections.abc import Iterable

from zunda_mcp.reading.metadata.fields import Fields

__all__ = ["KEYS", "language_of_page", "language_tag"]

KEYS = ("lang", "language", "locale")

_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_ENDING = re.compile(r"[^.]\.([A-Za-z]{2}(?:[-_][A-Za-z]{2,4})?)\Z")
_CODES = frozenset({
    "ar", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "eo", "es", "et", "eu", "fa", "fi", "fr", "gl", "he",
    "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "nb", "nl", "nn", "pl", "pt", "ro", "ru", "sk", "sl",
    "sr", "sv", "sw", "ta", "te", "th", "tr", "uk", "ur", "vi", "zh",
})  # fmt: skip
"""Languages by their codes in ISO 639-1, as folders and endings of names have them; without those that are other words
as well (``is``, ``no``, ``so``).
"""
_KANA, _HANGUL, _LETTER = re.compile(r"[\u3041-\u30fa]"), re.compile(r"[\uac00-\ud7a3]"), re.compile(r"[^\W\d_]")
_LOOKED_AT = 2000
_SHARE = 0.1
"""The share of kana or Hangul among the letters of a text from which it is Japanese or Korean."""


def language_of_page(fields: Fields, stem: str, folders: Iterable[str], text: str) -> str | None:
    """Return the language of a page as a tag (``en``, ``pt-BR``), ``None`` where nothing tells."""
    declared = language_tag(fields.text(*KEYS) or "")
    ending = _ENDING.search(stem)
    named = [ending[1]] if ending else []
    for name in (*named, *reversed(list(folders))):
        if not declared and _primary(name) in _CODES and len(name) <= len("zh-Hant"):
            declared = language_tag(name)
    return declared or _by_script(text[:_LOOKED_AT])


def language_tag(text: str) -> str | None:
    """Return a tag in one spelling (``pt_BR.UTF-8`` is ``pt-BR``); ``None`` for what is none (``English``)."""
    primary, *rest = text.strip().partition(".")[0].replace("_", "-").split("-")
    tag = "-".join((primary.lower(), *rest))
    return tag if _TAG.fullmatch(tag) else None


def _primary(name: str) -> str:
    return re.split(r"[-_]", name, maxsplit=1)[0].lower()


def _by_script(text: str) -> str | None:
    letters = len(_LETTER.findall(text))
    for pattern, language in ((_KANA, "ja"), (_HANGUL, "ko")):
        if letters and len(pattern.findall(text)) >= _SHARE * letters:
            return language
    return None

"""Names of languages and time zones, and the language of a page by the names of its file and folders or its script."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

__all__ = ["KEYS", "language_of_page", "language_tag", "usual_zone", "zone_called", "zone_name", "zone_named"]

KEYS = ("lang", "language", "locale")

_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_ENDING = re.compile(r"[^.]\.([A-Za-z]{2}(?:[-_][A-Za-z]{2,4})?)\Z")
_CODES = frozenset({
    "ar", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "eo", "es", "et", "eu", "fa", "fi", "fr", "gl", "he",
    "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "nb", "nl", "nn", "pl", "pt", "ro", "ru", "sk", "sl",
    "sr", "sv", "sw", "ta", "te", "th", "tr", "uk", "ur", "vi", "zh",
})  # fmt: skip
"""Codes of ISO 639-1 that count in names of folders and endings; those that are also words (``is``, ``no``) do not."""
_SCRIPTS = ((re.compile(r"[\u3041-\u30fa]"), "ja"), (re.compile(r"[\uac00-\ud7a3]"), "ko"))
_LETTER = re.compile(r"[^\W\d_]")
_LOOKED_AT = 2000
_SHARE = 0.1
"""The share of kana or Hangul among the letters of a text from which on it counts as Japanese or Korean."""


def language_of_page(stem: str, folders: Sequence[str], text: str) -> str | None:
    """Return the language, as a tag (``en``, ``pt-BR``), of a page that states none: by the name of its file, those of
    its folders, or its script; ``None`` if none of these shows it.
    """
    names = (*(match[1] for match in _ENDING.finditer(stem)), *reversed(folders))
    coded = (name for name in names if re.split(r"[-_]", name, maxsplit=1)[0].lower() in _CODES and len(name) <= 7)
    text = text[:_LOOKED_AT]
    letters = len(_LETTER.findall(text))
    scripts = (name for sign, name in _SCRIPTS if letters and len(sign.findall(text)) >= _SHARE * letters)
    return next((tag for name in coded if (tag := language_tag(name))), None) or next(scripts, None)


def language_tag(text: str) -> str | None:
    """Return a language tag in one spelling (``pt-BR`` for ``pt_BR.UTF-8``); ``None`` for other text (``English``)."""
    primary, *rest = text.strip().partition(".")[0].replace("_", "-").split("-")
    tag = "-".join((primary.lower(), *rest))
    return tag if _TAG.fullmatch(tag) else None


# --- time zones

_OFFSET = re.compile(r"UTC([+-])([0-9]{2}):([0-9]{2})")


def zone_name(zone: dt.tzinfo | None) -> str:
    """Return the name by which ``zone_called`` finds a zone again: ``Asia/Tokyo``, ``UTC+09:00`` or ``UTC``."""
    if isinstance(zone, ZoneInfo):
        return zone.key
    offset = zone.utcoffset(None) if zone else None
    return str(dt.timezone(dt.timedelta(minutes=round(offset.total_seconds() / 60)))) if offset else "UTC"


def zone_called(name: str) -> dt.tzinfo:
    """Return the zone of this name (IANA, or ``UTC+09:00``); UTC if this machine does not know it."""
    if match := _OFFSET.fullmatch(name):
        sign = -1 if match[1] == "-" else 1
        return dt.timezone(sign * dt.timedelta(hours=int(match[2]), minutes=int(match[3])))
    return zone_named(name) or dt.UTC


def usual_zone(zones: Iterable[tuple[str, int]]) -> str:
    """Return the zone in which most episodes are dated, from names with counts; ``""`` if there are no names."""
    counts: Counter[str] = Counter()
    for name, number in zones:
        counts[name] += number
    counts.pop("", None)
    return max(counts, key=lambda name: (counts[name], name)) if counts else ""


def zone_named(name: str | None) -> ZoneInfo | None:
    """Return a time zone by its IANA name (``Asia/Tokyo``), ``None`` if there is none of that name."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return None

"""Language and time zone: of an archive by their names, of a page by what it states, its names or its script."""

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
"""Languages by their codes in ISO 639-1, as folders and endings of names have them; without those that are other words
as well (``is``, ``no``, ``so``).
"""
_SCRIPTS = ((re.compile(r"[\u3041-\u30fa]"), "ja"), (re.compile(r"[\uac00-\ud7a3]"), "ko"))
_LETTER = re.compile(r"[^\W\d_]")
_LOOKED_AT = 2000
_SHARE = 0.1
"""The share of kana or Hangul among the letters of a text from which it is Japanese or Korean."""


def language_of_page(stem: str, folders: Sequence[str], text: str) -> str | None:
    """Return the language of a page that states none as a tag (``en``, ``pt-BR``), ``None`` where nothing tells: by the
    name of its file, those of its folders, or its script.
    """
    names = (*(match[1] for match in _ENDING.finditer(stem)), *reversed(folders))
    coded = (name for name in names if re.split(r"[-_]", name, maxsplit=1)[0].lower() in _CODES and len(name) <= 7)
    text = text[:_LOOKED_AT]
    letters = len(_LETTER.findall(text))
    scripts = (name for sign, name in _SCRIPTS if letters and len(sign.findall(text)) >= _SHARE * letters)
    return next((tag for name in coded if (tag := language_tag(name))), None) or next(scripts, None)


def language_tag(text: str) -> str | None:
    """Return a tag in one spelling (``pt_BR.UTF-8`` is ``pt-BR``); ``None`` for what is none (``English``)."""
    primary, *rest = text.strip().partition(".")[0].replace("_", "-").split("-")
    tag = "-".join((primary.lower(), *rest))
    return tag if _TAG.fullmatch(tag) else None


# --- time zones

_OFFSET = re.compile(r"UTC([+-])([0-9]{2}):([0-9]{2})")


def zone_name(zone: dt.tzinfo | None) -> str:
    """The name of a zone that ``zone_called`` finds again: ``Asia/Tokyo``, ``UTC+09:00`` or ``UTC``."""
    if isinstance(zone, ZoneInfo):
        return zone.key
    offset = zone.utcoffset(None) if zone else None
    return str(dt.timezone(dt.timedelta(minutes=round(offset.total_seconds() / 60)))) if offset else "UTC"


def zone_called(name: str) -> dt.tzinfo:
    """The zone of this name (IANA, or ``UTC+09:00``); UTC where this machine knows none of that name."""
    if match := _OFFSET.fullmatch(name):
        sign = -1 if match[1] == "-" else 1
        return dt.timezone(sign * dt.timedelta(hours=int(match[2]), minutes=int(match[3])))
    return zone_named(name) or dt.UTC


def usual_zone(zones: Iterable[tuple[str, int]]) -> str:
    """The zone that most episodes are dated in, of names with how many; ``""`` where none says."""
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

"""What the pages say, in English and in Japanese: the phrases of ``phrases.toml``, numbers of things, and days."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from importlib.resources import files

from zunda_mcp.rendering.messages import Messages

__all__ = ["PHRASES", "Phrases", "language_of"]


class Phrases:
    """The phrases of one language, each an attribute under its name in ``phrases.toml``."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language, self.texts = language, texts

    def __getattr__(self, name: str) -> str:
        try:
            return self.texts[name]
        except KeyError:
            raise AttributeError(f"phrases.toml has no {name}") from None

    @property
    def messages(self) -> Messages:
        """The same language for what is worded elsewhere."""
        return Messages(japanese=self.language == "ja")

    def stories(self, count: int) -> str:
        """``1,204 stories``."""
        return (self.story_count if count == 1 else self.stories_count).format(n=f"{count:,}")

    def broadcasts(self, count: int) -> str:
        """``549 episodes``."""
        return (self.episode_count if count == 1 else self.episodes_count).format(n=f"{count:,}")

    def day(self, iso: str | None) -> str:
        """An ISO day, month (``2025-07``) or year as one writes it."""
        if not iso:
            return self.undated
        year, *rest = (int(part) for part in iso.split("-"))
        if self.language == "ja":
            return f"{year}年" + "".join(f"{part}{unit}" for part, unit in zip(rest, "月日", strict=False))
        if not rest:
            return str(year)
        written = dt.date(year, rest[0], rest[1] if rest[1:] else 1)
        return f"{written.day} {written:%b} {year}" if rest[1:] else f"{written:%b} {year}"


_TABLE: Mapping[str, tuple[str, str]] = tomllib.loads((files(__package__) / "phrases.toml").read_text(encoding="utf-8"))
PHRASES = {
    language: Phrases(language, {name: both[at] for name, both in _TABLE.items()})
    for at, language in enumerate(("en", "ja"))
}
"""The phrases by language; the first is for all others."""


def language_of(chosen: str | None, accepted: str) -> str:
    """The language of a page: the chosen one, or of an ``Accept-Language`` header (RFC 9110, 12.5.4) the first that
    there are phrases in, or English.
    """
    if chosen in PHRASES:
        return chosen
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted[:500].split(",")):
        tag, _, rest = part.strip().partition(";")
        weight = rest.strip().removeprefix("q=")
        quality = float(weight) if weight.replace(".", "", 1).isdigit() else 1.0
        ranked.append((-quality, place, tag.lower().partition("-")[0]))
    return next((tag for quality, _, tag in sorted(ranked) if quality and tag in PHRASES), "en")

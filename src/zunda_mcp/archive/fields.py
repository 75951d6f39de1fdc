"""Front matter by meaning: the names different archives give to the same thing."""

from __future__ import annotations

import html

from zunda_mcp.archive.front_matter import FrontMatter, Value

TITLE = ("title",)
DATE = ("date", "published_at", "pubdate", "publishdate", "publish_date")
DESCRIPTION = ("description", "summary", "subtitle", "excerpt")
HOSTS = ("actor_ids", "hosts", "host", "actors", "author", "authors")
AUDIO = ("audio_file_path", "audio", "audio_url", "audio_file_url", "audio_file", "mp3")
NUMBER = ("episode", "number", "episode_number")
INFORMATION = ("information",)
CATEGORIES = ("categories", "category")


class Fields:
    """Looks values up by any of several names; upper case, ``-`` and ``_`` make no difference."""

    def __init__(self, front: FrontMatter) -> None:
        self._values = {_folded(name): value for name, value in front.values.items()}
        self._lines = {_folded(name): line for name, line in front.lines.items()}

    def text(self, *names: str) -> str | None:
        """Return the first of these that says anything, as one text; lists are joined."""
        for name in names:
            words = [text for text in _texts(self._values.get(name)) if text.strip()]
            if words:
                return "、".join(words).strip()
        return None

    def plain(self, *names: str) -> str:
        """Return a text with HTML entities as the characters they stand for, ``""`` where there is none."""
        return html.unescape(self.text(*names) or "").strip()

    def list(self, *names: str) -> tuple[str, ...]:
        """Return the first of these that says anything, as a list; one text may name several, with commas."""
        for name in names:
            value = self._values.get(name)
            texts = value.replace("、", ",").split(",") if isinstance(value, str) else _texts(value)
            found = dict.fromkeys(html.unescape(text).strip() for text in texts)
            found.pop("", None)
            if found:
                return tuple(found)
        return ()

    def number(self, *names: str) -> int | None:
        """Return a whole number, ``None`` for anything else."""
        text = self.text(*names) or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def line(self, *names: str) -> int | None:
        """Return the line of the first of these keys that is there."""
        return next((self._lines[name] for name in names if name in self._lines), None)


def _texts(value: Value) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):  # a person as {name: ..., url: ...}
        return _texts(value.get("name"))
    return []


def _folded(name: str) -> str:
    return name.strip().lower().replace("-", "_")

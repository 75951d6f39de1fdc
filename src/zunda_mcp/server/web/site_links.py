"""What all pages of a site share: addresses, facts about the archive, and phrases in English and Japanese
(``phrases.toml``).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

from zunda_mcp.answers import Freshness
from zunda_mcp.rendering.messages import Messages

__all__ = ["PHRASES", "Links", "PageContext", "Phrases", "SearchForm", "StaticLinks", "language_of"]


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
        """The messages of the rest of the program in the same language."""
        return Messages(japanese=self.language == "ja")

    def stories(self, count: int) -> str:
        """Return a number of stories: ``1,204 stories``."""
        return (self.story_count if count == 1 else self.stories_count).format(n=f"{count:,}")

    def broadcasts(self, count: int) -> str:
        """Return a number of episodes: ``549 episodes``."""
        return (self.episode_count if count == 1 else self.episodes_count).format(n=f"{count:,}")

    def day(self, iso: str | None) -> str:
        """Return an ISO day, month (``2025-07``) or year as it is written in this language."""
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
"""The phrases by language."""


def language_of(chosen: str | None, accepted: str) -> str:
    """Return the language of a page: ``chosen`` if we have its phrases, else the most preferred one that we have in the
    ``Accept-Language`` header ``accepted`` (RFC 9110, section 12.5.4), else English.
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


@dataclass(frozen=True)
class SearchForm:
    """A visitor's question: the arguments of ``Library.search`` as typed, ``""`` if not given."""

    q: str = ""
    since: str = ""
    until: str = ""
    host: str = ""
    site: str = ""
    archive: str = ""
    kind: str = ""
    sort: str = ""
    cursor: str = ""

    @property
    def asks(self) -> bool:
        """Whether the visitor searches for anything."""
        return any(getattr(self, field.name) for field in fields(self))

    def filters(self) -> dict[str, Any]:
        """Return the filters that are set, by the names of their arguments."""
        names = ("since", "until", "host", "site", "archive", "kind")
        return {name: value for name in names if (value := getattr(self, name))}

    def changed(self, **changes: str) -> SearchForm:
        """Return the question with some fields changed, from its first page."""
        return replace(self, **{"cursor": "", **changes})


_TAKEN = frozenset({"index", "con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
"""File names that the site uses itself, or that are devices on Windows."""


class Links:
    """The addresses of a served site. ``root`` is the path it begins at (``/``, or ``/zunda/`` behind a proxy)."""

    live = True

    def __init__(self, root: str = "/") -> None:
        self.root = root

    def home(self) -> str:
        return self.root

    def search(self, question: SearchForm) -> str:
        pairs = [(field.name, value) for field in fields(question) if (value := getattr(question, field.name))]
        return f"{self.root}?{urlencode(pairs)}" if pairs else self.root

    def topic(self, name: str) -> str:
        return self.search(SearchForm(q=self.query_for(name)))

    @staticmethod
    def query_for(topic: str) -> str:
        """Return the query that finds the stories of a topic."""
        return f'"{topic}"' if " " in topic else topic

    def page(self, name: str) -> str:
        """Return the address of a page with a name of its own: ``topics``, ``episodes``, ``connect``."""
        return f"{self.root}{name}"

    def episode(self, episode_id: str) -> str:
        return f"{self.root}episodes/{quote(episode_id, safe='')}"

    def story(self, story_id: str) -> str:
        """Return the address of a story, or of an episode if the id is that of an episode."""
        episode_id, _, place = story_id.rpartition("#")
        return f"{self.root}stories/{quote(episode_id, safe='')}/{place}" if episode_id else self.episode(story_id)

    def asset(self, name: str) -> str:
        return f"{self.root}assets/{name}"


class StaticLinks(Links):
    """The addresses of a site of files, relative to a page ``depth`` folders below its root. Search works only if
    ``search_at`` is the address of a served site.
    """

    live = False

    def __init__(self, depth: int = 0, search_at: str = "") -> None:
        super().__init__("../" * depth or "./")
        self.search_at = search_at

    def home(self) -> str:
        return f"{self.root}index.html"

    def search(self, question: SearchForm) -> str:
        return self.search_at.rstrip("/") + Links().search(question) if self.search_at else self.home()

    def topic(self, name: str) -> str:
        return f"{self.root}topics/{self.slug(name)}.html"

    def page(self, name: str) -> str:
        return f"{self.root}{name}/index.html" if name != "connect" else f"{self.root}connect.html"

    def episode(self, episode_id: str) -> str:
        return f"{self.root}episodes/{self.slug(episode_id)}.html"

    def story(self, story_id: str) -> str:
        episode_id, _, place = story_id.rpartition("#")
        return f"{self.episode(episode_id)}#s{place}" if episode_id else self.episode(story_id)

    @staticmethod
    def slug(name: str) -> str:
        """Return a file name for a name: the name itself if every system allows it, else a form of it with a digest."""
        plain = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:60]
        return (
            plain
            if plain == name and plain.lower() not in _TAKEN
            else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}".lstrip("-")
        )


@dataclass(frozen=True)
class PageContext:
    """What every page needs. ``archive_language`` is the language of the archive's own texts, ``endpoint`` the address
    of the MCP server, ``guarded`` whether that needs a token, ``parameters`` are those of the page itself.
    """

    links: Links
    phrases: Phrases
    fresh: Freshness
    archive_language: str | None
    endpoint: str = ""
    guarded: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the archive."""
        return self.fresh.archive or "zunda-mcp"

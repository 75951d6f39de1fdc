"""Filters, from words as typed to exact days and names. Engines apply them before ranking."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from zunda_mcp.errors import ArgumentError
from zunda_mcp.index.catalog import EpisodeEntry
from zunda_mcp.query.parse import site_name
from zunda_mcp.text.dates import parse_span
from zunda_mcp.text.normalize import in_katakana, normalize
from zunda_mcp.text.phonetics import sounds

__all__ = ["KINDS", "Filters", "archives", "choice", "hosts", "resolve_filters"]

_T = TypeVar("_T", bound=str)
KINDS = {
    **dict.fromkeys(("post", "tweet", "own", "投稿", "ツイート", "ポスト"), "post"),
    **dict.fromkeys(("repost", "reposted", "retweet", "retweeted", "rt", "リポスト", "リツイート"), "repost"),
    **dict.fromkeys(("like", "liked", "fav", "faved", "いいね", "ふぁぼ"), "like"),
    **dict.fromkeys(("favorite", "favorited", "favourite"), "like"),
    **dict.fromkeys(("bookmark", "bookmarked", "saved", "ブックマーク", "ブクマ"), "bookmark"),
}
"""The kind of post that each word, in the singular, means."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Resolved filters: days inclusive, ``host`` and the hosts in ``without`` as the archive writes them, ``site`` a
    domain, ``episode`` an id.
    """

    since: dt.date | None = None
    until: dt.date | None = None
    host: str | None = None
    site: str | None = None
    archive: str | None = None
    kind: str | None = None
    episode: str | None = None
    without: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether any filter is set."""
        return any((self.since, self.until, *self.keys, *self.excluded_keys))

    @property
    def excluded_keys(self) -> list[str]:
        """The exact keys that a document must not have."""
        return [f"host:{normalize(host)}" for host in self.without]

    @property
    def keys(self) -> list[str]:
        """The exact keys that a document must have, the rarest kind first."""
        host = normalize(self.host) if self.host else None
        named = (
            ("episode", self.episode),
            ("site", self.site),
            ("host", host),
            ("kind", self.kind),
            ("archive", self.archive),
        )
        return [f"{name}:{value}" for name, value in named if value]

    def words(self) -> list[str]:
        """The filters in words, for ``understood``."""
        words = []
        if self.since and self.until and self.since == self.until:
            words.append(f"on {self.since}")
        elif self.since or self.until:
            words.append(" ".join(f"{w} {d}" for w, d in (("since", self.since), ("until", self.until)) if d))
        if self.host:
            words.append(f"host {self.host}")
        if self.without:
            words.append(f"without host {', '.join(self.without)}")
        if self.site:
            words.append(f"links to {self.site}")
        if self.archive:
            words.append(f"archive {self.archive}")
        if self.kind:
            words.append(f"kind {self.kind}")
        if self.episode:
            words.append(f"episode {self.episode}")
        return words


def resolve_filters(
    entries: Sequence[EpisodeEntry],
    today: dt.date,
    *,
    since: str | None,
    until: str | None,
    host: str | None = None,
    site: str | None = None,
    archive: str | None = None,
    kind: str | None = None,
    episode: str | None = None,
) -> Filters:
    """Resolve the filters as typed (``episode`` must be an id) for an archive with these episodes. Raises
    ``ArgumentError`` with a value that works.
    """
    first = _day("since", since, today)
    last = _day("until", until, today)
    if first and last and first > last:
        msg = f'since ({first}) is after until ({last}); swap them: since="{last}", until="{first}".'
        raise ArgumentError("since", msg)
    named, without = _hosts(entries, host) if host else (None, ())
    return Filters(
        first,
        last,
        named,
        _site(site) if site else None,
        _archive(entries, archive) if archive else None,
        _kind(kind) if kind else None,
        episode,
        without,
    )


def archives(entries: Sequence[EpisodeEntry]) -> list[str]:
    """The names of the archives, in order of their first episodes; none if there is only one."""
    return list(dict.fromkeys(entry.archive for entry in entries if entry.archive))


def _archive(entries: Sequence[EpisodeEntry], name: str) -> str | None:
    """The archive of this name; None if there is only one archive, which any name means."""
    names = archives(entries)
    if not names:
        return None
    folded = {normalize(one): one for one in names}
    if normalize(name) in folded:
        return folded[normalize(name)]
    near = get_close_matches(normalize(name), folded, n=1) or list(folded)[:1]
    msg = f'There is no archive "{name[:40]}"; there are {", ".join(names)}. Write archive="{folded[near[0]]}".'
    raise ArgumentError("archive", msg)


def _kind(kind: str) -> str:
    word = KINDS.get(normalize(kind).rstrip("s"))
    if word is None:
        msg = f'kind="{kind[:40]}" is not one of {", ".join(sorted(set(KINDS.values())))}; write kind="post".'
        raise ArgumentError("kind", msg)
    return word


def hosts(entries: Sequence[EpisodeEntry]) -> list[str]:
    """The hosts of these episodes, busiest first."""
    counts: dict[str, int] = {}
    for entry in entries:
        for host in entry.hosts:
            counts[host] = counts.get(host, 0) + 1
    return sorted(counts, key=lambda host: (-counts[host], host))


def choice(name: str, value: _T, allowed: Sequence[_T]) -> _T:
    """Return ``value`` if it is one of ``allowed``; else raise ``ArgumentError``, which lists them."""
    if value not in allowed:
        msg = f'{name}="{str(value)[:40]}" is not one of {", ".join(allowed)}; write {name}="{allowed[0]}".'
        raise ArgumentError(name, msg)
    return value


def _day(name: str, text: str | None, today: dt.date) -> dt.date | None:
    if not text or not text.strip():
        return None
    span = parse_span(text, today)
    if span is None:
        examples = f'{name}="2025-07-08", "2025-07", "2025", "last week" or "先週"'
        msg = f'{name}="{text[:40]}" is not a date I know; write {examples}.'
        raise ArgumentError(name, msg)
    return span.since if name == "since" else span.until


_AFTER_A_HOST = re.compile(r"\s*[,、]\s*|\s+(?=[-−])")
_EXCLUDED = re.compile(r"[-−]|not ", re.IGNORECASE)


def _hosts(entries: Sequence[EpisodeEntry], text: str) -> tuple[str | None, tuple[str, ...]]:
    """The wanted host and the unwanted ones: ``Ann, -Ben``."""
    named: list[str] = []
    without: list[str] = []
    whole = normalize(text).strip() in map(normalize, hosts(entries))  # a name may have a comma
    for one in [text.strip()] if whole else filter(None, _AFTER_A_HOST.split(text.strip())):
        excluded = None if whole else _EXCLUDED.match(one)
        name = one[excluded.end() if excluded else 0 :].strip(" \"'“”")
        (without if excluded else named).append(_host(entries, name))
    if len(named) > 1:
        raise ArgumentError("host", f'One host at a time; write host="{named[0]}", or host="-{named[1]}" without one.')
    return (named[0] if named else None), tuple(without)


def _host(entries: Sequence[EpisodeEntry], text: str) -> str:
    names = hosts(entries)
    wanted = normalize(text).strip()
    spelled = {normalize(host): host for host in names}
    if wanted in spelled:
        return spelled[wanted]
    inside = [host for key, host in spelled.items() if wanted and wanted in key]
    sound = sounds(in_katakana(wanted))
    alike = inside or [host for key, host in spelled.items() if sound and sounds(in_katakana(key)) == sound]
    if len(alike) == 1:
        return alike[0]
    near = inside or [spelled[key] for key in get_close_matches(wanted, list(spelled), 1, 0.5)]
    if not names:
        msg = "The episodes of this archive name no hosts; ask again without host."
    else:
        msg = f'No host is called "{text[:40]}"; try host="{(near or names)[0]}" (hosts: {", ".join(names[:12])}).'
    raise ArgumentError("host", msg)


def _site(text: str) -> str:
    name = site_name(text)
    if not name:
        msg = f'site="{text[:60]}" is not a domain; write site="zenn.dev".'
        raise ArgumentError("site", msg)
    return name

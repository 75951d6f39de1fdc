"""An episode as read from one file, before the boilerplate links are known.

Boilerplate is what most episodes of an archive repeat, such as links to the letter form or the shop. It is not a story.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from zunda_mcp.models import Episode, Problem, Story
from zunda_mcp.reading.metadata.locale import zone_name
from zunda_mcp.text.normalize import letters
from zunda_mcp.text.urls import site

__all__ = ["Draft", "Drafts", "Entry", "SpokenText", "boilerplate_links"]

_LABEL, _NAMED = "label:", "named:"
_STANDING = "standing:"
_LONGEST_LABEL = 20
_APART = re.compile(r"\]\([^()\s]*\)|https?://\S+")
_FORM = 60
"""Letters from which equal words are no coincidence: those of a sentence or two."""
_LOOKED_AT = 400
_FEW = 3
"""In an episode with fewer items than this none is a label: they are its content."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a file, either a story or boilerplate.

    ``link`` is the URL of the head as written, ``source`` that of a closing source line (``引用元:``), and ``url`` the
    address that readers get; each is ``None`` if there is none. ``line`` is the head's line in a page, from 1.
    ``start`` is where it begins in the recording, in seconds, and ``spoken`` what is said there: it is searched but
    never shown as the summary, since scripts are often spelled for a speech engine. ``moments`` are pairs of a place in
    ``spoken`` and the second at which it is heard. ``kind`` is ``post``, ``repost``, ``like`` or ``bookmark`` for a
    post, ``passage`` for a part of a transcript, and ``None`` for a story; ``at`` is when a post was written.
    ``section`` are the headings above it. ``names_address`` says that it is only a name and a colon before an address.
    """

    title: str
    link: str | None
    source: str | None
    url: str | None
    summary: str
    line: int = 0
    start: float | None = None
    spoken: str = ""
    kind: str | None = None
    at: dt.datetime | None = None
    moments: tuple[tuple[int, float], ...] = ()
    section: str = ""
    names_address: bool = False

    @property
    def text(self) -> str:
        """The item in Markdown, for the notes of its episode."""
        title = f"[{self.title}]({self.url})" if self.url and self.title else self.title or self.url or ""
        return "\n".join(part for part in (title, self.summary) if part)

    @property
    def head(self) -> str | None:
        """The key of a repeated item: its link, else a digest of its text unless it is a post or in a recording."""
        if self.link or self.spoken or self.kind or self.start is not None:
            return self.link
        words = f"{self.title}\n{self.summary}"
        return f"text:{_short_sum(words)}"

    @property
    def words(self) -> str | None:
        """The key of the words that a text with a link begins with, without addresses. If most episodes have the same
        words, the item is boilerplate, whatever its link.
        """
        words = (
            letters(_APART.sub("", f"{self.title}\n{self.summary[:_LOOKED_AT]}")) if self.link and self.summary else ""
        )
        return f"words:{_short_sum(words)}" if len(words) >= _FORM else None

    @property
    def standing(self) -> str | None:
        """The key of a link together with the text below it. If the text differs each time, the item is a story,
        however often its link is repeated: an item of a standing agenda.
        """
        return f"{_STANDING}{_short_sum(self.link)}:{_short_sum(self.summary)}" if self.link and self.summary else None

    @property
    def label(self) -> str | None:
        """The key of the short name before the colon in an item of one line: ``Editor`` in ``Editor: Ann``, ``Archive``
        in ``Archive:`` and an address. If most episodes have an item with that name, it is not a story.
        """
        if self.summary or self.spoken or self.kind or self.start is not None:
            return None
        name, colon, _ = self.title.replace("：", ":", 1).partition(":")
        named = letters(self.title if self.names_address else name if colon and not self.url else "")
        kind = _NAMED if self.names_address else _LABEL
        return f"{kind}{named}" if 0 < len(named) <= _LONGEST_LABEL else None


class SpokenText(NamedTuple):
    """What is said in an episode: ``besides`` its stories, and in each story, in order, with the story's moments."""

    besides: str = ""
    stories: tuple[str, ...] = ()
    moments: tuple[tuple[tuple[int, float], ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An episode whose entries still include boilerplate. Field names are those of ``Episode``.

    ``spoken`` is what is said in the recording outside all entries: the opening and the ending. ``archive`` is the name
    of its archive if there are several, ``zone`` that of the time zone that determines its day if its format knows it.
    """

    id: str
    title: str
    path: str
    number: int | None = None
    date: dt.date | None = None
    published: dt.datetime | None = None
    description: str = ""
    hosts: tuple[str, ...] = ()
    page_url: str | None = None
    page_kind: Literal["page", "file"] | None = None
    audio_url: str | None = None
    youtube_id: str | None = None
    prose: str = ""
    entries: tuple[Entry, ...] = ()
    archive: str | None = None
    spoken: str = ""
    zone: str = ""
    language: str | None = None

    @property
    def dated_in(self) -> str:
        """The name of the time zone that determines its day; ``""`` if the file does not state one."""
        return self.zone or (zone_name(self.published.tzinfo) if self.published else "")

    @property
    def links(self) -> tuple[str, ...]:
        """The keys of its entries for ``boilerplate_links``: ``head`` of each in order, each ``label`` that only one
        entry has, then ``standing`` and ``words``.
        """
        counts = Counter(entry.label for entry in self.entries if entry.label)
        own = (label for label, count in counts.items() if count == 1 and len(self.entries) >= _FEW)
        below = dict.fromkeys(entry.standing for entry in self.entries if entry.standing)
        words = dict.fromkeys(entry.words for entry in self.entries if entry.words)
        return (*(entry.head for entry in self.entries if entry.head), *own, *below, *words)

    def episode(self, boilerplate: Collection[str]) -> Episode:
        """Return the finished episode. The text of boilerplate entries goes into its notes."""
        entries = self._stories(boilerplate)
        kept = set(map(id, entries))
        repeated = [entry.text for entry in self.entries if id(entry) not in kept]
        prose = letters(self.prose)
        notes = "\n\n".join((self.prose, *(text for text in repeated if letters(text) not in prose))).strip("\n")
        own = {name: getattr(self, name) for name in Episode.model_fields if name not in ("prose", "stories")}
        same = [name for name in Story.model_fields if hasattr(Entry, name)]
        stories = (
            Story(
                id=f"{self.id}#{place}",
                episode_id=self.id,
                place=place,
                site=site(entry.url) if entry.url else None,
                **{name: getattr(entry, name) for name in same},
            )
            for place, entry in enumerate(entries, start=1)
        )
        return Episode(**own, prose=notes, stories=tuple(stories))

    def _stories(self, boilerplate: Collection[str]) -> list[Entry]:
        """Return the entries that are not boilerplate by their head, their words or a label that only one has."""
        counts = Counter(entry.label for entry in self.entries if entry.label in boilerplate)
        kept = (entry for entry in self.entries if not {entry.head, entry.words}.intersection(boilerplate))
        return [entry for entry in kept if counts[entry.label] != 1]

    def speech(self, boilerplate: Collection[str]) -> SpokenText:
        """Return what is said in the recording. The finished episode does not contain it, since it is only searched."""
        kept = self._stories(boilerplate)
        return SpokenText(self.spoken, tuple(entry.spoken for entry in kept), tuple(entry.moments for entry in kept))


Drafts = tuple[list[Draft], list[Problem]]
"""What reading returns: drafts of episodes, and problems."""


_LEAST = 3
"""What fewer episodes than this have in common is not boilerplate."""

_OFTEN, _SHARE = 12, 8
"""A link in at least 12 episodes is boilerplate even if only one in eight has it: a show changes its own addresses."""


_DIFFERS = 0.5
"""A recurring link is a story, not a form, if at least this share of its occurrences has a text of its own: 0.8 to 1
in four issues of a committee's agenda, 0.01 for a show's letter form.
"""


def boilerplate_links(links_per_episode: Iterable[Collection[str]]) -> frozenset[str]:
    """Return the keys (``Draft.links``) that are boilerplate: in more than half of all episodes with links and at least
    three, or in an eighth and at least twelve. A label before anything but an address must be in more than half. A link
    is not boilerplate if it mostly has a different text below it. Frequency decides, not the host: a form of
    the archive's own need not be named, and a story about a form stays.
    """
    counts: Counter[str] = Counter()
    episodes = 0
    for links in links_per_episode:
        if links:
            episodes += 1
            counts.update(set(links))
    most = max(_LEAST, episodes // 2 + 1)
    least = min(most, max(_OFTEN, episodes / _SHARE))
    texts = Counter(mark.split(":")[1] for mark in counts if mark.startswith(_STANDING))
    return frozenset(
        link
        for link, count in counts.items()
        if count >= (most if link.startswith(_LABEL) else least)
        and not link.startswith(_STANDING)
        and texts[_short_sum(link)] < count * _DIFFERS
    )


def _short_sum(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

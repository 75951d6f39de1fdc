"""An episode as one file alone can tell it: everything but which of its links are boilerplate.

Links that an archive repeats in most episodes: the letter form, the shop. They are no stories.
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
"""Letters from which the same words are no chance: those of a sentence or two."""
_LOOKED_AT = 400
_FEW = 3
"""An item of fewer is no label, whatever most episodes have: it is what they tell."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One linked item as it stands in the file, be it a story or boilerplate.

    ``link`` is the URL of the head as written, ``source`` the URL of a closing source line (``引用元:``), each ``None``
    where there is none; ``url`` is the address readers get. ``line`` is the head's line in the file, from 1, where the
    file is a page.
    ``start`` is where it begins in the recording, in seconds, and ``spoken`` what is said there: for finding, never
    shown as the summary, since scripts are often spelled for a speech engine. ``kind`` is ``post``, ``repost``,
    ``like`` or ``bookmark`` for a post, ``passage`` for what is only heard, ``None`` for a story; ``at`` is when a post
    was written. ``moments`` tell from which place in ``spoken`` on what second is heard. ``section`` are the headings
    over it. ``names_address`` where it is no more than a name and a colon before its address.
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
        """What tells that an item is repeated: its link; where it has none and is no part of a recording, its text."""
        if self.link or self.spoken or self.kind or self.start is not None:
            return self.link
        words = f"{self.title}\n{self.summary}"
        return f"text:{_short_sum(words)}"

    @property
    def words(self) -> str | None:
        """How a text with a link begins, addresses apart: where most episodes have the same words, it is a form,
        whatever its link.
        """
        words = (
            letters(_APART.sub("", f"{self.title}\n{self.summary[:_LOOKED_AT]}")) if self.link and self.summary else ""
        )
        return f"words:{_short_sum(words)}" if len(words) >= _FORM else None

    @property
    def standing(self) -> str | None:
        """A link and the text below it, short: where that differs each time, the item is one of a standing agenda and a
        story, however often its link is repeated.
        """
        return f"{_STANDING}{_short_sum(self.link)}:{_short_sum(self.summary)}" if self.link and self.summary else None

    @property
    def label(self) -> str | None:
        """What an item of one line is called, if it is short: ``Editor`` of ``Editor: Ann``, ``Archive`` of an address
        behind ``Archive:``. Where most episodes have one of that name, it tells of the episode and is no story.
        """
        if self.summary or self.spoken or self.kind or self.start is not None:
            return None
        name, colon, _ = self.title.replace("：", ":", 1).partition(":")
        named = letters(self.title if self.names_address else name if colon and not self.url else "")
        kind = _NAMED if self.names_address else _LABEL
        return f"{kind}{named}" if 0 < len(named) <= _LONGEST_LABEL else None


class SpokenText(NamedTuple):
    """What is said in an episode: outside its stories, and of each of them, in their order, with the moments of it."""

    besides: str = ""
    stories: tuple[str, ...] = ()
    moments: tuple[tuple[tuple[int, float], ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Everything of an episode, its entries still with the boilerplate links. Field names are those of ``Episode``.

    ``date`` is ``None`` for an episode that nobody dated. ``spoken`` is what is said in the recording outside all
    entries: the opening and the ending. ``archive`` is the name of its archive where there are several, ``zone`` that
    of the time zone its day is counted in where its format knows it.
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
        """The zone its day is counted in, by name, as far as the file tells it; ``""`` where it does not."""
        return self.zone or (zone_name(self.published.tzinfo) if self.published else "")

    @property
    def links(self) -> tuple[str, ...]:
        """The URL of every story head, in order, or what stands for one, then the labels that one item alone has, and
        what is said below links; the material of ``boilerplate_links``.
        """
        counts = Counter(entry.label for entry in self.entries if entry.label)
        own = (label for label, count in counts.items() if count == 1 and len(self.entries) >= _FEW)
        below = dict.fromkeys(entry.standing for entry in self.entries if entry.standing)
        words = dict.fromkeys(entry.words for entry in self.entries if entry.words)
        return (*(entry.head for entry in self.entries if entry.head), *own, *below, *words)

    def episode(self, boilerplate: Collection[str]) -> Episode:
        """Return the finished episode. Boilerplate entries are no stories, and their text goes to the notes."""
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
        """The entries that are no boilerplate: neither by their link nor as the only item with a label that is."""
        counts = Counter(entry.label for entry in self.entries if entry.label in boilerplate)
        kept = (entry for entry in self.entries if not {entry.head, entry.words}.intersection(boilerplate))
        return [entry for entry in kept if counts[entry.label] != 1]

    def speech(self, boilerplate: Collection[str]) -> SpokenText:
        """What is said in the recording, apart from the finished episode, since it is for finding alone."""
        kept = self._stories(boilerplate)
        return SpokenText(self.spoken, tuple(entry.spoken for entry in kept), tuple(entry.moments for entry in kept))


Drafts = tuple[list[Draft], list[Problem]]
"""What reading gives: drafts of episodes, and what is odd."""


_LEAST = 3
"""In fewer episodes than this nothing counts as repeated."""

_OFTEN, _SHARE = 12, 8
"""A link in so many episodes is repeated even if only one in eight has it: a show changes its own addresses."""


_DIFFERS = 0.5
"""A link that recurs is news, not a form, if at least this share of its occurrences has a text of its own: 0.8 to 1 for
four issues of a committee's agenda, 0.01 for a show's letter form.
"""


def boilerplate_links(links_per_episode: Iterable[Collection[str]]) -> frozenset[str]:
    """Return the links, names of addresses and words of forms that more than half of all episodes with links have, and
    at least three; or an eighth, and at least twelve; of other labels those of more than half alone. A link is none
    where most times another text stands below it. By frequency, not by host: an archive's own form is found without
    being named, a story about one stays.
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

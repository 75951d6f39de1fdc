"""What the archive knows of each candidate and of each part of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from zunda_mcp.topics.candidates import TITLE_WEIGHT
from zunda_mcp.topics.model import StoryNames
from zunda_mcp.topics.spelling import atom_key, spelling_key
from zunda_mcp.topics.tokens import atoms

_MAX_ATOMS = 6
_MAX_WEIGHT = 8
_TITLE_BONUS = 3
_MIN_ATTESTED = 3
_MIN_DIVIDED = 6


@dataclass(slots=True)
class Entry:
    """A candidate or a part of one, over the whole archive.

    ``stories`` are places in the archive's order; ``alone`` counts the stories that have it by itself (or with a
    version number behind it), ``evident`` those where its letters prove something, ``lower`` those that write it in lower case. ``partners`` are the runs seen beside it.
    """

    stories: list[int] = field(default_factory=list)
    weight: int = 0
    alone: int = 0
    evident: int = 0
    lower: int = 0
    forms: dict[str, int] = field(default_factory=dict)
    partners: set[str] = field(default_factory=set)

    @property
    def df(self) -> int:
        """In how many stories."""
        return len(self.stories)


class Lexicon:
    """All candidates of an archive and their parts, by key.

    A part counts in every story that has it inside a longer candidate (``RAG`` in ``RAGシステム``).
    """

    def __init__(self, stories: Sequence[StoryNames]) -> None:
        self.stories = stories
        self.entries: dict[str, Entry] = {}
        self._parts: dict[str, tuple[tuple[str, str], ...]] = {}
        counts: Counter[str] = Counter()
        for story in stories:
            counts.update(story.names.keys())
        self._attested = frozenset(name for name, n in counts.items() if n >= _MIN_ATTESTED and not name[0].isascii())
        for name, n in counts.items():
            if n > 1:
                self._parts[name] = self._analyse(name, True)
        for place, story in enumerate(stories):
            self._add(place, story)

    def runs(self, name: str) -> list[str]:
        """The runs of a name, long ones divided where the archive shows a seam."""
        found = atoms(name)[:_MAX_ATOMS]
        if len(name) < _MIN_DIVIDED or name.isascii():
            return found
        return [part for run in found for part in self._divide(run)]

    def _add(self, place: int, story: StoryNames) -> None:
        entries = self.entries
        weights: dict[str, int] = {}
        titled: set[str] = set()
        alone: dict[str, str] = {}
        for name, weight in story.names.items():
            parts = self._parts.get(name)
            if parts is None:
                parts = self._parts[name] = self._analyse(name, False)
            in_title = weight >= TITLE_WEIGHT
            in_summary = weight - TITLE_WEIGHT if in_title else weight
            for key, form in parts:
                weights[key] = weights.get(key, 0) + in_summary
                if in_title:
                    titled.add(key)
                if form:
                    if weight:
                        alone[key] = form
                    elif form.islower():
                        entries[key].lower += 1
        for key, weight in weights.items():
            entry = entries[key]
            entry.stories.append(place)
            entry.evident += weight > 0 or key in titled
            if weight:
                entry.weight += weight if weight < _MAX_WEIGHT else _MAX_WEIGHT
            elif key not in titled:
                entry.weight += 1
        for key in titled:
            entries[key].weight += _TITLE_BONUS
        for key, form in alone.items():
            entry = entries[key]
            entry.forms[form] = entry.forms.get(form, 0) + 1
            entry.alone += 1

    def _analyse(self, name: str, repeated: bool) -> tuple[tuple[str, str], ...]:
        """The keys of a candidate and of its parts; with a form where it stands by itself.

        Of a candidate that only one story has, only the parts known from others matter, and the whole.
        """
        runs = self.runs(name)
        keys = [atom_key(run) for run in runs]
        size = len(keys)
        found: dict[str, str] = {}
        if size == 1 and keys[0]:
            if keys[0] not in self.entries:
                self.entries[keys[0]] = Entry()
            return ((keys[0], name),)
        whole = spelling_key(name)
        for start in range(size):
            for end in range(start + 1, size + 1):
                key = whole if end - start == size else "".join(keys[start:end])
                if not key:
                    continue
                entry = self.entries.get(key)
                if entry is None:
                    if not repeated and end - start < size:
                        continue
                    entry = self.entries[key] = Entry()
                if start:
                    entry.partners.add(keys[start - 1])
                if end < size:
                    entry.partners.add(keys[end])
                form = ""
                if start == 0 and end == size:
                    form = name
                elif start == 0 and end == 1 and runs[1][0].isdigit():
                    form = runs[0]
                found[key] = found.get(key) or form
        return tuple(found.items())

    def _divide(self, run: str) -> list[str]:
        """A long run of katakana or kanji at the seam between two words that the archive has alone."""
        if len(run) < _MIN_DIVIDED or run[0].isascii():
            return [run]
        attested = self._attested
        for seam in range(len(run) - 2, 2, -1):
            if run[:seam] in attested and (run[seam:] in attested or (run[0] >= "一" and seam > 3)):
                return [run[:seam], run[seam:]]
        return [run]

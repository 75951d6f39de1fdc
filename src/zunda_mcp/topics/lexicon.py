"""What the archive knows of each candidate and of each part of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from zunda_mcp.topics.candidates import TITLE_WEIGHT
from zunda_mcp.topics.tokens import StoryNames, atom_key, atoms

__all__ = ["Entry", "Lexicon"]

_MAX_ATOMS = 6
_MAX_WEIGHT = 8  # sightings in one summary: what is said forty times is not forty times the subject
_TITLE_BONUS = 3  # a title counts as three sightings
_MIN_ATTESTED = 3  # stories that show a word by itself before longer runs are divided there
_MIN_DIVIDED = 6


@dataclass(slots=True)
class Entry:
    """A candidate or a part of one, over the whole archive.

    ``stories`` are places in the archive's order; ``alone`` counts the stories that have it by itself (or with a
    version number behind it): what is left of a candidate outside of longer ones, as the C-value asks (Frantzi &
    Ananiadou 2000). ``evident`` counts the stories where its letters prove something, ``lower`` those that write it
    in lower case. ``partners`` are the runs seen beside it, ``forms`` its spellings.
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
        counts: Counter[str] = Counter()
        for story in stories:
            counts.update(story.names.keys())
        self._attested = frozenset(name for name, n in counts.items() if n >= _MIN_ATTESTED and not name[:1].isascii())
        runs = {name: atoms(name)[:_MAX_ATOMS] for name in counts}
        wholes = {name: "".join(map(atom_key, parts)) for name, parts in runs.items()}
        spellings = Counter(wholes.values())
        often = {name: n > 1 or spellings[wholes[name]] > 1 for name, n in counts.items()}
        self._seams: dict[str, list[str]] = {}
        self._parts: dict[str, tuple[tuple[str, str], ...]] = {}
        for name in sorted(often, key=lambda name: not often[name]):
            self._parts[name] = self._analyse(name, runs[name], wholes[name], often[name])
        for place, story in enumerate(stories):
            self._add(place, story.names)

    def runs(self, name: str) -> list[str]:
        """The runs of a name, long ones divided where the archive shows a seam."""
        runs = atoms(name)[:_MAX_ATOMS]
        if len(name) < _MIN_DIVIDED or name.isascii():
            return runs
        return [part for run in runs for part in self._divide(run)]

    def _add(self, place: int, names: Mapping[str, int]) -> None:
        entries, parts_of = self.entries, self._parts
        weights: dict[str, int] = {}
        titled: set[str] = set()
        alone: dict[str, str] = {}
        for name, weight in names.items():
            parts = parts_of[name]
            if not parts:
                continue
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

    def _analyse(self, name: str, runs: list[str], whole: str, repeated: bool) -> tuple[tuple[str, str], ...]:
        """The keys of a candidate and of its parts; with a form where it stands by itself.

        Of a candidate that only one story has, only the parts known from others matter.
        """
        if not name.isascii() and len(name) >= _MIN_DIVIDED:
            runs = [part for run in runs for part in self._divide(run)]
        size = len(runs)
        entries = self.entries
        if size == 1:
            if whole not in entries:
                if not repeated or not whole:
                    return ()
                entries[whole] = Entry()
            return ((whole, name),)
        keys = [atom_key(run) for run in runs]
        forms: dict[str, str] = {}
        for start in range(size):
            for end in range(start + 1, size + 1):
                key = whole if end - start == size else "".join(keys[start:end])
                entry = entries.get(key)
                if entry is None:
                    if not repeated or not key:
                        continue
                    entry = entries[key] = Entry()
                if start:
                    entry.partners.add(keys[start - 1])
                if end < size:
                    entry.partners.add(keys[end])
                form = ""
                if start == 0 and end == size:
                    form = name
                elif start == 0 and end == 1 and runs[1][0].isdigit():
                    form = runs[0]
                forms[key] = forms.get(key) or form
        return tuple(forms.items())

    def _divide(self, run: str) -> list[str]:
        """A long run of katakana or kanji at the seam between two words that the archive has alone."""
        if len(run) < _MIN_DIVIDED or run[0].isascii():
            return [run]
        parts = self._seams.get(run)
        if parts is None:
            parts = self._seams[run] = self._seam(run)
        return parts

    def _seam(self, run: str) -> list[str]:
        attested = self._attested
        for seam in range(len(run) - 2, 2, -1):
            if run[:seam] in attested and (run[seam:] in attested or (run[0] >= "一" and seam > 3)):
                return [run[:seam], run[seam:]]
        return [run]

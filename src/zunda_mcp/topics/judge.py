"""Decides which candidates are topics and which are words of general use, by measures from the literature.

There is no list of names. How a candidate is written determines what evidence it needs:

- *Latin with a shape* (``DeepSeek``, ``GPT-4o``) and *several Latin words* (``Claude Code``): the letters are the
  evidence. The candidate must only occur by itself, not always inside a longer one.
- *Capitalised Latin* (``Gemini``): hardly ever in lower case (Mikheev 2002). The less often it occurs by itself, the
  more it must cluster (``Code`` is mostly in ``Claude Code``).
- *Acronyms* (``MCP``, ``RAG``): common acronyms (``API``, ``PC``) are spread evenly over the stories, others cluster,
  which residual IDF measures (Church & Gale 1995). ``LLM`` clusters and is a topic; ``AI`` is in most stories of an
  archive about it, distinguishes none, and is above the ceiling.
- *Compounds* (``生成AI``, ``KVキャッシュ``): if all words in it combine with everything (``AI技術``), it needs more
  residual IDF than if one does not (``拡散モデル``).
- *Words of one Japanese script* (``ハルシネーション``, ``強化学習``): residual IDF, plus a bonus for distinct
  neighbours, which show a term (Nakagawa & Mori 2002, "A simple but powerful automatic term extraction method"). But a
  word that forms compounds with ever more words (``モデル``, ``ツール``) is a part of names and not a name.

``CandidateTable`` counts each candidate, and each part of one, over the archive.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from zunda_mcp.topics.candidates import TITLE_WEIGHT, has_shape
from zunda_mcp.topics.tokens import StoryNames, atom_key, atoms, best_form

__all__ = ["MIN_EPISODES", "CandidateCounts", "CandidateTable", "Judge", "residual_idf", "rising_score"]

_MAX_ATOMS = 6
_MAX_WEIGHT = 8  # most occurrences that count in one summary: forty do not make a name forty times the subject
_TITLE_BONUS = 3  # a title counts as three occurrences
_MIN_ATTESTED = 3  # fewest stories with a word by itself, for longer runs to be divided at it
_MIN_DIVIDED = 6


@dataclass(slots=True)
class CandidateCounts:
    """A candidate or a part of one, counted over the whole archive.

    ``stories`` are places in the archive's order, ``weight`` sums the occurrences in them. ``alone`` counts the stories
    that have it by itself, or with a version number after it: outside of longer candidates, as in the C-value (Frantzi
    & Ananiadou 2000). ``evident`` counts the stories with evidence of a name, ``lower`` those that write it in lower
    case. ``partners`` are the runs next to it, ``forms`` its spellings.
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
        """Its document frequency: the number of stories that contain it."""
        return len(self.stories)


class CandidateTable:
    """All candidates of an archive and their parts, by key.

    A part counts in every story that contains it inside a longer candidate (``RAG`` in ``RAGシステム``).
    """

    def __init__(self, stories: Sequence[StoryNames]) -> None:
        self.stories = stories
        self.entries: dict[str, CandidateCounts] = {}
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
        """The runs of a name; a long run is divided where the archive has two words."""
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
        """The keys of a candidate and its parts, each with its spelling if it is by itself, else with "".

        If only one story has the candidate, only the parts that others have count.
        """
        if not name.isascii() and len(name) >= _MIN_DIVIDED:
            runs = [part for run in runs for part in self._divide(run)]
        size = len(runs)
        entries = self.entries
        if size == 1:
            if whole not in entries:
                if not repeated or not whole:
                    return ()
                entries[whole] = CandidateCounts()
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
                    entry = entries[key] = CandidateCounts()
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
        """A long run of katakana or kanji, divided between two words that the archive has by themselves."""
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


def residual_idf(stories_with: int, weight: float, stories: int) -> float:
    """How many bits of IDF a word has beyond what chance predicts (Church & Gale 1995, "Poisson mixtures").

    Words of general use are spread over stories as by a Poisson process, and their IDF is the predicted one. The words
    that a story is about cluster: many occurrences in few stories. For rare words the value is close to the logarithm
    of the weight per story, so it means the same in small and large archives.
    """
    if stories_with <= 0 or weight <= 0 or stories <= 0:
        return 0.0
    return math.log2(-math.expm1(-weight / stories)) - math.log2(stories_with / stories)


def rising_score(in_window: int, window_total: int, before: int, before_total: int) -> float:
    """How surely a topic is more frequent in a window of time than before it; negative if it became rarer.

    This is the signed log-likelihood ratio of two binomial counts (Dunning 1993, "Accurate methods for the statistics
    of surprise and coincidence"): ``in_window`` of ``window_total`` stories in the window, and ``before`` of
    ``before_total`` earlier ones. Above 3.84 such a difference arises by chance less than once in twenty times.
    """
    total = window_total + before_total
    if window_total <= 0 or before_total <= 0:
        return 0.0
    common = (in_window + before) / total
    ratio = 2 * (
        _log_likelihood(in_window, window_total, in_window / window_total)
        + _log_likelihood(before, before_total, before / before_total)
        - _log_likelihood(in_window, window_total, common)
        - _log_likelihood(before, before_total, common)
    )
    score = max(0.0, ratio)
    return score if in_window / window_total >= before / before_total else -score


def _log_likelihood(hits: int, total: int, chance: float) -> float:
    missed = total - hits
    return (hits * math.log(chance) if hits else 0.0) + (missed * math.log1p(-chance) if missed else 0.0)


_MIN_STORIES = 2
MIN_EPISODES = 2

# The numbers below were set by reading the topics that they give: for a Japanese archive of AI news (549 episodes, and
# its first 16 and 40 alone), and for English and Japanese digests of web development and open source.

_CEILING = 1 / 3  # a name in a larger share of the stories distinguishes none ...
_CEILING_FLOOR = 6  # ... unless that is at most this many stories
_MIN_ALONE = 0.28  # least share of its stories with a name by itself; Code and Studio are mostly in longer names
_MAX_LOWER = 0.1  # a word with a larger share in lower case is an ordinary word that a title capitalised
_PRIOR = 2  # the residual IDF of a Japanese word in n stories is multiplied by n / (n + this)

# Residual IDF that a word needs, by how it is written.
_ACRONYM, _SHORT_ACRONYM, _LOWER_CASE = 0.95, 1.4, 0.8
_NEVER_ALONE, _ALONE = 1.2, 1.4  # capitalised words: the first, minus the second times the share by itself
_COMPOUND, _COMMON_COMPOUND = 0.42, 0.9
_KANJI, _KATAKANA, _SHORT_JAPANESE, _HIRAGANA = 1.1, 0.92, 0.78, 0.25
_CLUSTERED = 0.3  # below this no number of neighbours makes a word a topic
_SMALL_ARCHIVE = 6.0  # short words need this more, divided by the root of the stories: 0.1 with 2,000, 0.8 with 50
_LONG_KANJI, _LONG_KATAKANA = 4, 8  # a word of so many characters is probably a compound itself

# Distinct neighbours: each doubling up to ten adds a bonus; too many are more than this times the root of the stories.
_NEIGHBOUR_BONUS, _MANY = 0.25, 10
_FEW, _PRODUCTIVE, _PRODUCTIVE_KATAKANA, _PRODUCTIVE_KANJI = 3.0, 2.0, 2.5, 3.0

_NO_NAME = re.compile(r"\d|(?:v|ver|rc|beta|alpha)[.-]?\d|.+\.(?:jp|com|org|net)$", re.I)
_ACRONYM_SHAPE = re.compile(r"[A-Z]{2,}s?")


class Judge:
    """Decides which entries of a table are topics."""

    def __init__(self, lexicon: CandidateTable) -> None:
        self._lexicon = lexicon
        self._stories = len(lexicon.stories)
        self._most = max(self._stories * _CEILING, _CEILING_FLOOR)

    def accepts(self, key: str, entry: CandidateCounts) -> bool:
        """Whether a key is a topic: in enough stories and not too many, also by itself, and not a general word."""
        df = entry.df
        if not _MIN_STORIES <= df <= self._most or entry.alone < max(_MIN_STORIES, _MIN_ALONE * df) or len(key) < 2:
            return False
        name = best_form(entry.forms)
        ridf = residual_idf(df, entry.weight, self._stories)
        if key.isascii():
            return self._latin(name, entry, ridf)
        ridf *= df / (df + _PRIOR)
        if "ぁ" <= name[0] <= "ゖ":
            return entry.evident >= _MIN_STORIES and ridf >= _HIRAGANA
        runs = self._lexicon.runs(name)
        if len(runs) > 1 and not _one_script(name):
            free = any(not self._productive(run) for run in runs)
            return ridf >= (_COMPOUND if free else _COMMON_COMPOUND)
        return self._japanese(name, entry, ridf)

    def _latin(self, name: str, entry: CandidateCounts, ridf: float) -> bool:
        if _NO_NAME.match(name) or entry.evident < _MIN_STORIES:
            return False
        if " " in name:
            return True
        if entry.lower > _MAX_LOWER * (entry.lower + entry.evident):
            return False
        return ridf >= _latin_burden(name, entry)

    def _japanese(self, name: str, entry: CandidateCounts, ridf: float) -> bool:
        neighbours = len(entry.partners)
        katakana = name[0] < "一"
        if len(name) < (_LONG_KATAKANA if katakana else _LONG_KANJI):
            doubt = _SMALL_ARCHIVE / math.sqrt(self._stories)
            return ridf >= _SHORT_JAPANESE + doubt and not _crowded(entry, _PRODUCTIVE)
        if ridf < _CLUSTERED:
            return False
        bonus = _NEIGHBOUR_BONUS * math.log2(1 + min(neighbours, _MANY))
        if katakana:
            return ridf + bonus >= _KATAKANA and not _crowded(entry, _PRODUCTIVE_KATAKANA)
        return ridf + bonus >= _KANJI and not _crowded(entry, _PRODUCTIVE_KANJI)

    def _productive(self, run: str) -> bool:
        """Whether a word combines with so many others that it is a part of names and not a name."""
        entry = self._lexicon.entries.get(atom_key(run))
        return entry is not None and _crowded(entry, _PRODUCTIVE_KANJI)


def _latin_burden(name: str, entry: CandidateCounts) -> float:
    """The residual IDF that a single Latin word needs, by how it is written."""
    if _ACRONYM_SHAPE.fullmatch(name):
        return _ACRONYM if len(name) > 2 else _SHORT_ACRONYM
    if has_shape(name):
        return -math.inf
    return _LOWER_CASE if name.islower() else _NEVER_ALONE - _ALONE * entry.alone / entry.df


def _crowded(entry: CandidateCounts, productive: float) -> bool:
    """Whether a word has too many distinct neighbours: they should grow as the root of its stories (Heaps' law)."""
    return len(entry.partners) > max(_FEW, productive * math.sqrt(entry.df))


def _one_script(name: str) -> bool:
    return all("ァ" <= char <= "ー" for char in name) or all(char >= "々" and not "ぁ" <= char <= "ー" for char in name)

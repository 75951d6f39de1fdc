"""Which candidates are topics, and which are words of general use; and the measures behind it, each from its source.

No list of names decides; each kind of writing has its own burden of proof:

- *Latin with a shape* (``DeepSeek``, ``GPT-4o``) and *several Latin words* (``Claude Code``): the letters are the
  proof. They need only stand by themselves, not always inside something longer.
- *Capitalised Latin* (``Gemini``): not seen in lower case as well (Mikheev 2002), and the less it stands by itself,
  the more it must cluster (``Code`` lives in ``Claude Code``).
- *Acronyms* (``MCP``, ``RAG``): everybody's acronyms (``API``, ``PC``) are spread evenly, those with a story of their
  own cluster: residual IDF (Church & Gale 1995). ``LLM`` clusters and stays; ``AI``, in most stories of an archive
  about it, distinguishes none and goes by the ceiling.
- *Compounds* (``生成AI``, ``KVキャッシュ``): one of words that combine with everything (``AI技術``) needs more
  residual IDF than one with a word of its own (``拡散モデル``).
- *Words of one Japanese script* (``ハルシネーション``, ``強化学習``): residual IDF, helped by the number of distinct
  neighbours, which makes a term (Nakagawa & Mori 2002, "A simple but powerful automatic term extraction method") -
  up to a point: what forms compounds with ever more words (``モデル``, ``ツール``) is material for names and no name.
"""

from __future__ import annotations

import math
import re

from zunda_mcp.topics.candidates import has_shape
from zunda_mcp.topics.lexicon import Entry, Lexicon
from zunda_mcp.topics.tokens import atom_key, best_form

__all__ = ["MIN_EPISODES", "Judge", "residual_idf", "rising_score"]


def residual_idf(stories_with: int, weight: float, stories: int) -> float:
    """How many bits rarer a word is than chance would have it (Church & Gale 1995, "Poisson mixtures").

    A word of general use falls on stories as a Poisson process would, and its IDF is the expected one. What a story
    is about comes in clusters: many sightings in few stories. For rare words this is close to the logarithm of the
    weight per story, so it means the same in small and large archives.
    """
    if stories_with <= 0 or weight <= 0 or stories <= 0:
        return 0.0
    return math.log2(-math.expm1(-weight / stories)) - math.log2(stories_with / stories)


def rising_score(in_window: int, window_total: int, before: int, before_total: int) -> float:
    """How surely a topic is more frequent in a window than it was before it; negative if it became rarer.

    The signed log-likelihood ratio of two binomial counts (Dunning 1993, "Accurate methods for the statistics of
    surprise and coincidence"): ``in_window`` of the ``window_total`` stories in the window against ``before`` of the
    ``before_total`` earlier ones. Above 3.84 the chance of such a difference without a cause is under one in twenty.
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

# The numbers below were set by reading the lists they give: on a Japanese archive of AI news (549 episodes, and its
# first 16 and 40 alone), and on English and Japanese digests of web development and open source.

_CEILING = 1 / 3  # what more stories than that mention distinguishes none ...
_CEILING_FLOOR = 6  # ... but not in an archive of a dozen stories
_MIN_ALONE = 0.28  # of its stories, this share has a name by itself; Code and Studio live inside longer names
_MAX_LOWER = 0.1  # more lower case than that: an ordinary word that a title capitalised
_PRIOR = 2  # Japanese words in few stories: residual IDF is discounted as if two stories without it were seen

# Residual IDF that a word must show, by how it is written.
_ACRONYM, _SHORT_ACRONYM, _LOWER_CASE = 0.95, 1.4, 0.8
_NEVER_ALONE, _ALONE = 1.2, 1.4  # capitalised words: the first, less the second times the share alone
_COMPOUND, _COMMON_COMPOUND = 0.42, 0.9
_KANJI, _KATAKANA, _SHORT_JAPANESE, _HIRAGANA = 1.1, 0.92, 0.78, 0.25
_CLUSTERED = 0.3  # no number of neighbours helps a word below this
_SMALL_ARCHIVE = 6.0  # short words need more by this over the root of the stories: 0.1 of 2,000, 0.8 of 50
_LONG_KANJI, _LONG_KATAKANA = 4, 8  # letters from which a word is probably a compound itself

# Distinct neighbours: each doubling up to ten helps; more than so many roots of the stories is too many.
_NEIGHBOUR_BONUS, _MANY = 0.25, 10
_FEW, _PRODUCTIVE, _PRODUCTIVE_KATAKANA, _PRODUCTIVE_KANJI = 3.0, 2.0, 2.5, 3.0

_NO_NAME = re.compile(r"\d|(?:v|ver|rc|beta|alpha)[.-]?\d|.+\.(?:jp|com|org|net)$", re.I)
_ACRONYM_SHAPE = re.compile(r"[A-Z]{2,}s?")


class Judge:
    """Decides over the entries of one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._stories = len(lexicon.stories)
        self._most = max(self._stories * _CEILING, _CEILING_FLOOR)

    def accepts(self, key: str, entry: Entry) -> bool:
        """Whether a key is a topic: in enough stories and not in too many, by itself, and no word of general use."""
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

    def _latin(self, name: str, entry: Entry, ridf: float) -> bool:
        if _NO_NAME.match(name) or entry.evident < _MIN_STORIES:
            return False
        if " " in name:
            return True
        if entry.lower > _MAX_LOWER * (entry.lower + entry.evident):
            return False
        return ridf >= _latin_burden(name, entry)

    def _japanese(self, name: str, entry: Entry, ridf: float) -> bool:
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
        """Whether a word combines with so many others that it is material for names."""
        entry = self._lexicon.entries.get(atom_key(run))
        return entry is not None and _crowded(entry, _PRODUCTIVE_KANJI)


def _latin_burden(name: str, entry: Entry) -> float:
    """The residual IDF that one Latin word needs, by how it is written."""
    if _ACRONYM_SHAPE.fullmatch(name):
        return _ACRONYM if len(name) > 2 else _SHORT_ACRONYM
    if has_shape(name):
        return -math.inf
    return _LOWER_CASE if name.islower() else _NEVER_ALONE - _ALONE * entry.alone / entry.df


def _crowded(entry: Entry, productive: float) -> bool:
    """Distinct neighbours grow about as the root of the sightings (Heaps' law); these outgrow it."""
    return len(entry.partners) > max(_FEW, productive * math.sqrt(entry.df))


def _one_script(name: str) -> bool:
    return all("ァ" <= char <= "ー" for char in name) or all(char >= "々" and not "ぁ" <= char <= "ー" for char in name)

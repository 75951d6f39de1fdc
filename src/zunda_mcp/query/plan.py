"""Names of several Latin words: a row of words is one name where somebody wrote them side by side.

How a query will be answered: the units it is made of, and which of them a story must hold.

A word typed on its own is a unit that a full answer holds. Where few stories hold them all, pieces help: a Japanese
compound (``画像生成AI``) also counts by the known words in it, and a sentence is cut where the script changes, since
the content of Japanese is written in kanji, katakana and Latin and its grammar in hiragana. What stands between
still counts a little, by its rare bigrams, so that content written in hiragana is not lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from zunda_mcp.engine.terms import Bridge, Matches, Unit, WordFinder, add, is_sentence
from zunda_mcp.query.expansion import CrossingFinder
from zunda_mcp.query.parse import Query, Word, is_question_word
from zunda_mcp.query.segmentation import cut
from zunda_mcp.text.normalize import has_cjk, is_hiragana
from zunda_mcp.text.tokenizer import bigrams, tokens

if TYPE_CHECKING:
    from zunda_mcp.engine.semantic import Meaning


def names_nothing(query: Query, finder: WordFinder) -> bool:
    """Whether ``query`` is a name of several words, all with a capital, of which nobody wrote even two side by side.

    The parts of such a name are not the thing: Apple, vision and pro each stand somewhere, Apple Vision Pro does not.
    """
    words = query.words
    named = all(word.shown.isascii() and word.shown[:1].isupper() and not word.phrase for word in words)
    return named and len(words) > 1 and not any(finder.side_by_side((a.text, b.text)) for a, b in pairwise(words))


_LOOSE_WEIGHT = 0.5
_MAX_NAME = 4
_ORDINARY = 0.5
_MOSTLY = 0.5  # at least as often side by side as apart
_PAIR = 2  # a word of two characters is looked for as it is
_SURELY, _SURELY_KANJI = 0.38, 0.45  # what a bridge is worth to a word that surely means the same: likeness 0.74, 0.83


@dataclass(slots=True)
class Plan:
    """How a query will be answered.

    ``required`` units are what a full answer holds; ``pieces`` are what a near answer may hold of them. ``together``
    are Latin words typed one after the other, where they stand so: what a name of several words means. ``names`` are
    those of them that a full answer holds as well, since the archive rarely has their words apart. ``open`` says
    that the query was a sentence nobody wrote, so that no answer is full. ``missing`` are the words nobody wrote,
    ``dropped`` those that were only asking. ``asked`` is what the query is about, word by word, with what each tells;
    ``absent`` are those of them that are not in the archive in any way, ``ordinary`` those typed in small Latin letters
    alone. ``widened`` are units that stand for those of
    the same text by meaning as well.
    """

    required: list[Unit] = field(default_factory=list)
    pieces: list[Unit] = field(default_factory=list)
    together: list[Unit] = field(default_factory=list)
    names: list[Unit] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)
    asked: dict[str, float] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    ordinary: set[str] = field(default_factory=set)
    dropped: list[str] = field(default_factory=list)
    widened: dict[str, Unit] = field(default_factory=dict)
    open: bool = False

    @property
    def telling(self) -> list[Unit]:
        """The units by which a near answer is judged: pieces, and words that have none."""
        units = [unit for unit in self.required if unit.text not in self.whole] + self.pieces
        return [self.widened.get(unit.text, unit) for unit in units] if self.widened else units

    @property
    def besides(self) -> list[Unit]:
        """The units that add to a score and are not judged by: whole words that have pieces, names of several words."""
        return [*(unit for unit in self.required if unit.text in self.whole), *self.together]

    @property
    def named(self) -> bool:
        """Whether the query is one word or phrase that the archive has: nothing about it is open."""
        return len(self.required) == 1 and not self.pieces and bool(self.required[0].matches)

    def absence(self, *, foreign: bool = False) -> float:
        """The share of what the query tells that is not in the archive in any way, 0 to 1. To a query in a ``foreign``
        language, whose ordinary words meaning stands in for, those count half; names are names everywhere.
        """
        told = sum(self.asked.values())
        absent = sum(self.asked[text] * (_ORDINARY if foreign and text in self.ordinary else 1) for text in self.absent)
        return absent / told if absent else 0.0

    def ask(self, unit: Unit, shown: str, *, absent: bool) -> None:
        """Note one word of what the query is about, ``shown`` as it was typed."""
        self.asked[unit.text] = unit.weight
        if absent:
            self.absent.add(unit.text)
            self.missing.append(shown)
        if shown.isascii() and shown.islower():
            self.ordinary.add(unit.text)


def make_plan(query: Query, finder: CrossingFinder) -> Plan:
    """Look up every word of ``query`` and decide what it is."""
    plan = Plan()
    words = list(query.words)
    content = [word for word in words if word.phrase or not is_question_word(word.text)]
    if content and len(content) < len(words):
        plan.dropped = [word.shown for word in words if word not in content]
        words = content
    for i, word in enumerate(words):
        also = () if word.phrase else tuple(_with_neighbours(words, i))
        unit = finder.unit(word.text, phrase=True) if word.phrase else finder.bridged(word.text, also)
        known = len(plan.asked)
        pieces = [] if word.phrase or _is_crossed_whole(unit, finder) else list(_pieces(plan, word.text, finder))
        if not unit.matches and is_sentence(word.text) and not word.phrase:
            plan.open = True
        else:
            plan.required.append(unit)
        if not pieces and len(plan.asked) == known:
            plan.ask(unit, word.shown, absent=not unit.matches)
        if pieces:
            plan.whole.add(word.text)
            plan.pieces += pieces
    for name in names_of_several_words(words):
        together = finder.bridged("-".join(name))
        if together.matches:
            plan.together.append(together)
    _cross_names(plan, words, finder)
    plan.names = [name for name in plan.together if _is_one_name(name, plan.required)]
    return plan


def holding_all(units: Sequence[Unit]) -> Collection[int]:
    """The documents that hold every one of ``units``; none where there are none."""
    if not units:
        return ()
    ordered = sorted(units, key=lambda unit: len(unit.matches))
    full: Collection[int] = ordered[0].documents
    for unit in ordered[1:]:
        full = unit.documents.keys() & full
    return full


def _is_one_name(name: Unit, required: Iterable[Unit]) -> bool:
    """Whether most documents that hold all words of a row have them side by side: Claude Code, not Anthropic report."""
    row = name.text.split("-")
    return len(name.matches) >= _MOSTLY * len(holding_all([unit for unit in required if unit.text in row]))


def _cross_names(plan: Plan, words: Sequence[Word], finder: CrossingFinder) -> None:
    """What a row of Latin words is called elsewhere (Raspberry Pi, ラズベリーパイ) counts for each word of the row."""
    for name in names_of_several_words(words):
        for size in range(2, len(name) + 1):
            for start in range(len(name) - size + 1):
                row = name[start : start + size]
                crossed = finder.bridged("-".join(row))
                if crossed.bridges:
                    plan.required = [_held_too(unit, crossed) if unit.text in row else unit for unit in plan.required]


def _held_too(unit: Unit, name: Unit) -> Unit:
    """A word of a name, held also where the name stands under another name."""
    found = {**name.documents, **unit.documents}
    return Unit(unit.text, Matches(found), unit.weight, tuple(dict.fromkeys((*unit.bridges, *name.bridges))))


def widen(plan: Plan, meaning: Meaning, finder: CrossingFinder) -> None:
    """Let what a near answer is judged by be held in other words of the same meaning, too; raises ``EmbeddingError``.

    A word that is not in the archive counts as there when a word of the other script clearly means the same.
    """
    units = {unit.text: unit for unit in plan.telling}
    rows = {" ".join(name): name for name in names_of_several_words([Word(text, text) for text in plan.asked])}
    near = meaning.near_words([*units, *plan.absent, *rows])
    for text, unit in units.items():
        bridges = near[text]
        if bridges:
            found = dict(unit.documents)
            for bridge in bridges:
                add(found, finder.word(bridge.text).documents, bridge.share)
            weight = unit.weight if unit.matches or not found else finder.information(len(found))
            plan.widened[text] = Unit(text, Matches(found), weight, bridges, unit.documents)
    for text, words in [*((text, (text,)) for text in plan.absent), *rows.items()]:
        if any(is_the_same(text, bridge) for bridge in near[text]):
            plan.absent.difference_update(words)


def is_the_same(text: str, bridge: Bridge) -> bool:
    """Whether a word of the archive surely means an absent one: a noun of the other script, very near (in the same one
    likeness of letters passes for likeness of meaning).
    """
    other = bridge.text
    if any(map(is_hiragana, other)) or has_cjk(other) == has_cjk(text):
        return False
    return bridge.share >= (_SURELY if len(other) > 1 or " " in text else _SURELY_KANJI)


def names_of_several_words(words: Iterable[Word]) -> list[tuple[str, ...]]:
    """The longest rows of Latin words typed one after the other, of two words or more."""
    rows: list[list[str]] = [[]]
    for word in words:
        if not word.phrase and _latin(word.text):
            rows[-1].append(word.text)
        else:
            rows.append([])
    return [tuple(row[:_MAX_NAME]) for row in rows if len(row) > 1]


def _with_neighbours(words: list[Word], i: int) -> Iterator[str]:
    """``claude code`` is also what is written ``ClaudeCode``: the joined word counts for both of its halves."""
    for first, second in zip(words[max(0, i - 1) : i + 1], words[max(1, i) : i + 2], strict=False):
        if first is not second and _latin(first.text) and _latin(second.text):
            yield first.text + second.text


def _latin(text: str) -> bool:
    return text.isascii() and text.isalnum()


def _is_crossed_whole(unit: Unit, finder: CrossingFinder) -> bool:
    """Whether a word is one name that the archive has under other spellings alone, so that its parts mean nothing."""
    return bool(unit.bridges) and len(list(tokens(unit.text))) == 1 and not finder.unit(unit.text).matches


def _pieces(plan: Plan, text: str, finder: CrossingFinder) -> Iterator[Unit]:
    """The known words inside a word that is more than one; nothing for a plain word."""
    found = cut(text, finder) if len(text) > _PAIR else []
    if not found or (len(found) == 1 and found[0].text == text and not found[0].parts):
        return
    seen: set[str] = set()
    for piece in found:
        if piece.text in seen or (is_question_word(piece.text) and has_cjk(piece.text)):
            plan.dropped += [] if piece.text in seen else [piece.text]
            continue
        seen.add(piece.text)
        unit = finder.bridged(piece.text) if len(piece.text) > 1 else finder.word(piece.text)
        parts = [part for part in piece.parts if part not in seen]
        seen.update(parts)
        if unit.matches:
            yield unit
        elif len(piece.text) > 1 and has_cjk(piece.text):
            yield from _loose(piece.text, finder)
        plan.ask(unit, piece.text, absent=not unit.matches and not piece.parts and not piece.inflected)
        yield from map(finder.bridged, parts)


def _loose(text: str, finder: CrossingFinder) -> Iterator[Unit]:
    """A run nobody wrote, by its bigrams; together they tell about as much as one word."""
    found = [unit for unit in map(finder.pair, dict.fromkeys(bigrams(text))) if unit.matches]
    for unit in found:
        yield Unit(unit.text, unit.matches, unit.weight * _LOOSE_WEIGHT / len(found) ** 0.5)

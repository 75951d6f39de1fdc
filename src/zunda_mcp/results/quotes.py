"""Whether a sentence stands in the archive, and where.

A quote is parsed into its words, its pieces around an ellipsis, and the ways it may have been meant literally.
Candidates come from the index by its rarest terms. A text is then compared with the quote itself, first word for word
as it was written, then by its words alone (``zunda_mcp.results.wording``). Where neither finds it, the best candidates
are aligned with the quote, and what is near enough is shown with what differs: a negation or a number that was changed
is never the same.

A quote stands in one text: the title or the summary of a story (or both where the sentence begins with its link), the
title, description or notes of an episode, or in what is spoken in it, over any number of turns. The pieces around an
ellipsis must stand there in order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

from zunda_mcp.engine.base import Engine, StoredDocument
from zunda_mcp.errors import ArgumentError
from zunda_mcp.index.catalog import EpisodeEntry
from zunda_mcp.reading.transcripts.written_turns import turn_at
from zunda_mcp.results.recordings import Recording, Spoken
from zunda_mcp.results.wording import Wording, find_words, nearest, words_of
from zunda_mcp.text.markdown_text import reading
from zunda_mcp.text.normalize import HAN, HIRAGANA, KATAKANA, LETTER, normalize

__all__ = ["Checked", "Occurrence", "Part", "Quotation", "QuoteChecker", "Where", "least_similarity"]

_MAX_QUOTE = 2000
"""The longest quote that is checked, in characters."""
_NO_LETTER = re.compile(r"[\W_]+")
"""Everything that is not a letter or a digit: checks by letters ignore it."""

_ELLIPSIS = re.compile(r"[(（\[［〔]\s*(?:中略|前略|後略|略|…+|\.{3,})\s*[)）\]］〕]|[…‥⋯]+|\.{3,}|。{3,}|・{3,}")
_PAIRS = {"「": "」", "『": "』", '"': '"', "“": "”", "'": "'", "‘": "’", "«": "»", "〝": "〟", "＂": "＂"}
_SPACE = re.compile(r"\s+")

_MOST_PIECES = 12
_SHORT = 4


class Quotation:
    """A quote, parsed: its words, its pieces, and the ways it may have been meant literally.

    Raises ``ArgumentError`` if there is nothing to check, or too much.
    """

    def __init__(self, quote: str) -> None:
        if len(quote) > _MAX_QUOTE:
            msg = f"quote is {len(quote)} characters long and at most {_MAX_QUOTE} are checked; check it in parts."
            raise ArgumentError("quote", msg)
        self.quote = quote
        inner = _unquoted(quote)
        pieces = [piece for piece in _ELLIPSIS.split(inner) if _NO_LETTER.sub("", piece)]
        if len(pieces) > _MOST_PIECES:
            msg = f"quote has {len(pieces)} pieces around ellipses and at most {_MOST_PIECES} are checked; ask fewer."
            raise ArgumentError("quote", msg)
        self.text = reading(" … ".join(pieces))
        self.wording = words_of(self.text)
        self.wordings = [words_of(reading(piece)) for piece in pieces]
        self.pieces = [wording.letters for wording in self.wordings]
        self.size = sum(map(len, self.pieces))
        if self.size < 2:
            msg = 'quote holds nothing to check; give the whole sentence, such as quote="拡散モデルという新しい技術".'
            raise ArgumentError("quote", msg)
        whole = words_of(reading(inner)).letters
        self.forms = [[whole], self.pieces] if len(pieces) > 1 else [self.pieces]
        self.bare = [_NO_LETTER.sub("", piece) for piece in self.pieces]
        self.literal = [[_folded(quote)], [_folded(inner)], [_folded(piece) for piece in pieces]]

    @property
    def short(self) -> bool:
        """Whether the quote is too short to have near matches."""
        return self.size < _SHORT

    def understood(self) -> str:
        """How the quote was understood."""
        pieces = f" in {len(self.pieces)} pieces, in this order in one text" if len(self.pieces) > 1 else ""
        return f"a quote of {self.size} letters{pieces}"


def _unquoted(text: str) -> str:
    """Return a text without quotation marks around it."""
    text = text.strip()
    while len(text) > 2 and _PAIRS.get(text[0]) == text[-1]:
        text = text[1:-1].strip()
    return text


def _folded(text: str) -> str:
    """A text as it was written, but for the kind and number of its white space."""
    return _SPACE.sub(" ", text).strip()


Where = Literal["title", "summary", "description", "notes", "spoken"]
_Sameness = Literal["exact", "same words", "similar"]

_WORD = re.compile(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}|{LETTER}{{2,}}(?:[-.]{LETTER}+)*")
_UNMARKED = re.compile(r"\]\(|[<&]")

_GOES_ON = re.compile(rf"[{HIRAGANA}、,;:)）]|(?![A-Z{HAN}{KATAKANA}]){LETTER}")
"""How the rest of a sentence begins whose first words are the title of a story, since they are its link."""
_SPACED = re.compile(LETTER)

_MAX_WORDS = 48
_CHECKED = 200
_SPOKEN_CHECKED = 40
_SPOKEN_SHARE = 0.3
"""A sentence may be split between two passages, so that neither has much more than a third of its words."""
_LEAST_SHARE, _NEAR_SHARE = 0.5, 0.4
_ALIGNED = 30
_LONG = 64
_WORSE = 0.15
_LONGEST_TITLE = 400
_SUGGESTED = 3


class Part(NamedTuple):
    """One text of a document: its name, and its Markdown (speech has none)."""

    document: StoredDocument
    where: Where
    source: str

    @property
    def wording(self) -> Wording:
        """The words of the text."""
        return words_of(self.source if self.where == "spoken" else reading(self.source))


class _Stretch(NamedTuple):
    """A part of a recording."""

    recording: Recording
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A text that contains a quote or something near it: ``spans`` are letters of its wording."""

    document: StoredDocument
    where: Where
    sameness: _Sameness
    similarity: float
    wording: Wording
    spans: tuple[tuple[int, int], ...]
    spoken: Spoken | None = None

    @property
    def moment(self) -> Spoken | None:
        """When it is spoken, if the text is speech or a written transcript."""
        place = self.wording.places[self.spans[0][0]]
        turn = None if self.spoken else turn_at(self.wording.text, place, self.document.entry.hosts)
        return Spoken(turn.speaker, turn.second, self.document.id) if turn else self.spoken


class Checked(NamedTuple):
    """The occurrences of a quote, best first; ``more`` says that only the first candidates were looked at."""

    occurrences: list[Occurrence]
    more: bool


class QuoteChecker:
    """Checks quotes against one state of an archive. Thread-safe as its engine is."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def check(self, quotation: Quotation, within: Sequence[str] | None = None) -> Checked:
        """Return where ``quotation`` occurs, in all documents or in those ``within`` some ids; else what is near it."""
        if within is None:
            ranked = self._engine.similar(quotation.text, _CHECKED + 1)
            most = ranked[0][1] if ranked else 0.0
            likely = [document for document, score in ranked if score >= _LEAST_SHARE * most]
            more, likely = len(likely) > _CHECKED, likely[:_CHECKED]
            nearly = [document for document, score in ranked[:_ALIGNED] if score >= _NEAR_SHARE * most]
        else:
            likely = nearly = list(within)
            more = False
        holding = [text.id for text in self._engine.texts(likely) if _may_hold(text.plain, quotation)]
        stretches = self._stretches(quotation, within)
        occurrences = [
            *(stands for document in self._engine.documents(holding) for stands in _in_document(quotation, document)),
            *self._in_titles(quotation, within),
            *self._in_speech(quotation, stretches, _standing_in_speech),
        ]
        if occurrences:
            occurrences.sort(key=lambda one: one.document.date or "", reverse=True)
            exact = [one for one in occurrences if one.sameness == "exact"]
            same = [one for one in occurrences if one.sameness != "exact"]
            return Checked([*_without_repeats(exact), *_without_repeats(same, exact)], more)
        if quotation.short:
            return Checked([], more=False)
        close = [
            near
            for document in self._engine.documents(nearly)
            for part in _parts(document)
            if (near := _near(quotation, part))
        ]
        close += self._in_speech(quotation, stretches, _near)
        close.sort(key=lambda one: -one.similarity)
        close = [one for one in close if one.similarity >= close[0].similarity - _WORSE]
        return Checked(_without_repeats(close), more=False)

    @cached_property
    def _titles(self) -> list[tuple[EpisodeEntry, str]]:
        """The episodes, newest first, with the words of their titles."""
        entries = sorted(self._engine.entries(), key=lambda entry: entry.date, reverse=True)
        return [(entry, words_of(reading(entry.title)).letters) for entry in entries]

    def _in_titles(self, quotation: Quotation, within: Collection[str] | None) -> Iterator[Occurrence]:
        if quotation.size > _LONGEST_TITLE:
            return
        ids = [
            entry.id
            for entry, letters in self._titles
            if (within is None or entry.id in within) and quotation.pieces[0] in letters
        ]
        for document in self._engine.documents(ids):
            if stands := _standing(quotation, Part(document, "title", document.entry.title)):
                yield stands

    # --- speech

    def _stretches(self, quote: Quotation, within: Sequence[str] | None) -> list[_Stretch]:
        """The parts of recordings that may hold a quote: where its rarest terms are spoken, or ``within`` documents."""
        if within is None:
            ranked = self._engine.similar(quote.text, _SPOKEN_CHECKED, spoken=True)
            most = ranked[0][1] if ranked else 0.0
            ids = {document for document, score in ranked if score >= _SPOKEN_SHARE * most}
        else:
            ids = {one.id for one in self._engine.texts(within) if one.speech}
        episodes = dict.fromkeys(one.entry.id for one in self._engine.documents(sorted(ids)))
        return [
            _Stretch(recording, start, end)
            for episode_id in episodes
            for recording in [Recording(self._engine.turns(episode_id))]
            for start, end in recording.stretches(ids)
        ]

    def _in_speech(
        self, quote: Quotation, stretches: Iterable[_Stretch], check: Callable[[Quotation, Part], Occurrence | None]
    ) -> Iterator[Occurrence]:
        """What ``check`` finds of a quote in stretches of speech, at the moment where it begins."""
        for recording, start, end in stretches:
            text = recording.text[start:end]
            bare = recording.without_names(quote.quote)
            (document,) = self._engine.documents([recording.at(start).id])
            part = Part(document, "spoken", text)
            if stands := check(quote if bare == quote.quote else Quotation(bare), part):
                spoken = recording.at(start + stands.wording.places[stands.spans[0][0]])
                (document,) = self._engine.documents([spoken.id])
                yield replace(stands, document=document, spoken=spoken)

    # --- what to ask instead

    def rarest_words(self, quotation: Quotation) -> list[str]:
        """The rarest words of a quote that the archive holds together: what to search for instead."""
        words = list(dict.fromkeys(_WORD.findall(normalize(quotation.text))))[:_MAX_WORDS]
        return self._engine.cooccurring(words, _SUGGESTED)


def _may_hold(plain: str, quotation: Quotation) -> bool:
    """Whether the normalised text contains the letters of every piece: a cheap check before a record is read."""
    if _UNMARKED.search(plain):
        return True
    bare = _NO_LETTER.sub("", plain)
    return all(piece in bare for piece in quotation.bare)


def _parts(document: StoredDocument) -> list[Part]:
    """Return the texts of a document that are not empty, except the title of an episode."""
    parts = []
    if story := document.story:
        parts = [Part(document, "title", story.title), Part(document, "summary", story.summary)]
    elif notes := document.notes:
        parts = [Part(document, "description", notes.description), Part(document, "notes", notes.prose)]
    return [part for part in parts if part.source]


def _in_document(quote: Quotation, document: StoredDocument) -> list[Occurrence]:
    """Return where a quote is in the text of a document: in one part of it, else across title and summary."""
    standing = [stands for part in _parts(document) if (stands := _standing(quote, part))]
    return standing or [stands for part in _with_title(document) if (stands := _standing(quote, part))]


def _with_title(document: StoredDocument) -> list[Part]:
    """The sentence that begins with the link of a story: its title, and the summary that goes on with it."""
    story = document.story
    if story is None or not story.title or not _GOES_ON.match(story.summary):
        return []
    space = " " if _SPACED.match(story.summary) else ""
    return [Part(document, "summary", f"{story.title}{space}{story.summary}")]


def _without_repeats(occurrences: Iterable[Occurrence], before: Iterable[Occurrence] = ()) -> list[Occurrence]:
    """Drop the descriptions and notes that only repeat a story of their episode."""
    occurrences = list(occurrences)
    in_writing = {
        one.document.entry.id for one in [*occurrences, *before] if one.document.story and one.where != "spoken"
    }
    return [
        one
        for one in occurrences
        if one.document.story or one.document.entry.id not in in_writing or one.where in ("title", "spoken")
    ]


def _standing(quotation: Quotation, part: Part) -> Occurrence | None:
    """A quote where it stands by its words, and whether it is written there as it is."""
    wording = part.wording
    for pieces in quotation.forms:
        if spans := _in_order(pieces, wording.letters):
            source = _folded(part.source)
            exact = any(_in_order(literal, source) for literal in quotation.literal)
            return Occurrence(part.document, part.where, "exact" if exact else "same words", 1.0, wording, spans)
    return None


def _standing_in_speech(quote: Quotation, part: Part) -> Occurrence | None:
    bare = _NO_LETTER.sub("", normalize(part.source))
    return _standing(quote, part) if all(piece in bare for piece in quote.bare) else None


def _in_order(pieces: Sequence[str], text: str) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    at = 0
    for piece in pieces:
        start = find_words(piece, text, at) if piece else -1
        if start < 0:
            return ()
        at = start + len(piece)
        spans.append((start, at))
    return tuple(spans)


def _near(quotation: Quotation, part: Part) -> Occurrence | None:
    """Return the stretch of a text that is nearest to a quote, if it is near enough."""
    wording = part.wording
    spans, distance, at = [], 0, 0
    for piece in quotation.pieces:
        best = nearest(piece, wording.letters, at)
        distance += best.distance
        if best.end > best.start:
            spans.append((best.start, best.end))
            at = best.end
    similarity = 1 - distance / quotation.size
    if similarity < least_similarity(quotation.size) or not spans:
        return None
    # Words that are the same but do not stand alone (5% in 25%) are not the same.
    return Occurrence(part.document, part.where, "similar", min(similarity, 0.99), wording, tuple(spans))


def least_similarity(size: int) -> float:
    """Return how similar something must be to a quote of ``size`` letters to be shown: much is near to a short quote.

    Chosen between what is reworded and what is not there (``python -m benchmarks.quote_checks --nearness``).
    """
    return 0.55 + 0.2 * max(0.0, (_LONG - size) / _LONG)

"""A quote as it is asked for: its words, its pieces around an ellipsis, and how it may have been meant literally.

Whether a sentence stands in the archive, and where.

Candidates come from the index by the rarest terms of the quote. A text is then held against the quote itself, first
word for word as it was written, then by its words alone (``zunda_mcp.results.wording``). Where neither finds it, the
best candidates are aligned with the quote (``zunda_mcp.results.wording``), and what is near enough is shown with
what differs: a negation or a number that was changed is never the same.

A quote stands in one text: the title or the summary of a story, the title, description or notes of an episode. The
pieces around an ellipsis must stand there in order.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from zunda_mcp.errors import ArgumentError
from zunda_mcp.index import schema
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.query.terms import WordFinder
from zunda_mcp.results.wording import Wording, find_words, nearest, words_of
from zunda_mcp.text.markdown_text import reading
from zunda_mcp.text.normalize import HAN, KATAKANA, LETTER, has_cjk, normalize
from zunda_mcp.text.tokenizer import count_terms

MAX_QUOTE = 2000
"""The longest quote that is checked, in characters."""
NO_LETTER = re.compile(r"[\W_]+")
"""What no check by letters alone looks at."""

_ELLIPSIS = re.compile(r"[(（\[［〔]\s*(?:中略|前略|後略|略|…+|\.{3,})\s*[)）\]］〕]|[…‥⋯]+|\.{3,}|。{3,}|・{3,}")
_PAIRS = {"「": "」", "『": "』", '"': '"', "“": "”", "'": "'", "‘": "’", "«": "»", "〝": "〟", "＂": "＂"}
_SPACE = re.compile(r"\s+")

_MOST_PIECES = 12
_SHORT = 4


class Asked:
    """A quote, parsed: its words, its pieces, and the ways it may have been meant literally.

    Raises ``ArgumentError`` where there is nothing to check, or too much.
    """

    def __init__(self, quote: str) -> None:
        if len(quote) > MAX_QUOTE:
            msg = f"quote is {len(quote)} characters long and at most {MAX_QUOTE} are checked; check it in parts."
            raise ArgumentError("quote", msg)
        inner = _unquoted(quote)
        pieces = [piece for piece in _ELLIPSIS.split(inner) if NO_LETTER.sub("", piece)]
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
        self.bare = [NO_LETTER.sub("", piece) for piece in self.pieces]
        self.literal = [[folded(quote)], [folded(inner)], [folded(piece) for piece in pieces]]

    @property
    def short(self) -> bool:
        """Whether it is too short for anything to be near to it."""
        return self.size < _SHORT

    def said(self) -> str:
        """How it was understood."""
        pieces = f" in {len(self.pieces)} pieces, in this order in one text" if len(self.pieces) > 1 else ""
        return f"a quote of {self.size} letters{pieces}"


def _unquoted(text: str) -> str:
    """A text without the quotation marks around the whole of it."""
    text = text.strip()
    while len(text) > 2 and _PAIRS.get(text[0]) == text[-1]:
        text = text[1:-1].strip()
    return text


def folded(text: str) -> str:
    """A text as it was written, but for the kind and number of its white space."""
    return _SPACE.sub(" ", text).strip()


Where = Literal["title", "summary", "description", "notes"]
Verdict = Literal["exact", "same words", "similar"]

_WORD = re.compile(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}|{LETTER}{{2,}}(?:[-.]{LETTER}+)*")
_UNMARKED = re.compile(r"\]\(|[<&]")

_LOOKED_UP = 256
_TERMS = 48
_POSTINGS = 300_000
_CHECKED = 200
_LEAST_SHARE, _NEAR_SHARE = 0.5, 0.4
_ALIGNED = 30
_LONG = 64
_WORSE = 0.15
_LONGEST_TITLE = 400


class Part(NamedTuple):
    """One text of a document: which it is, and its Markdown."""

    document: int
    where: Where
    source: str


@dataclass(frozen=True, slots=True)
class Found:
    """A text in which a quote stands, or something near to it: ``spans`` are letters of its wording."""

    document: int
    where: Where
    verdict: Verdict
    similarity: float
    wording: Wording
    spans: tuple[tuple[int, int], ...]


class Checked(NamedTuple):
    """What was found, best first; ``more`` says that only the first candidates were looked at."""

    found: list[Found]
    more: bool


class QuoteChecker:
    """Checks quotes against one generation. Thread-safe as its reader is."""

    def __init__(self, reader: IndexReader, finder: WordFinder) -> None:
        self._reader = reader
        self._finder = finder

    def check(self, asked: Asked, within: Collection[int] | None = None) -> Checked:
        """Where ``asked`` stands, in all documents or ``within`` some; else what is near to it."""
        if within is None:
            ranked = self._candidates(asked.text)
            most = ranked[0][1] if ranked else 0.0
            likely = [document for document, score in ranked if score >= _LEAST_SHARE * most]
            more, likely = len(likely) > _CHECKED, likely[:_CHECKED]
            nearly = [document for document, score in ranked[:_ALIGNED] if score >= _NEAR_SHARE * most]
        else:
            likely = nearly = sorted(within)
            more = False
        parts = _Parts(self._reader)
        found = [
            stands
            for document in likely
            if self._may_hold(document, asked)
            for part in parts.of(document)
            if (stands := _standing(asked, part, parts.wording(part)))
        ]
        found += self._in_titles(asked, within)
        if found:
            found.sort(key=lambda one: -self._reader.days[one.document])
            exact = [one for one in found if one.verdict == "exact"]
            same = [one for one in found if one.verdict != "exact"]
            return Checked([*self._told_once(exact), *self._told_once(same, exact)], more)
        if asked.short:
            return Checked([], more=False)
        close = [
            near
            for document in nearly
            for part in parts.of(document)
            if (near := _near(asked, part, parts.wording(part)))
        ]
        close.sort(key=lambda one: -one.similarity)
        close = [one for one in close if one.similarity >= close[0].similarity - _WORSE]
        return Checked(self._told_once(close), more=False)

    # --- candidates

    def _candidates(self, text: str) -> list[tuple[int, float]]:
        """Documents by how much of the information of the rarest terms of a text they hold; of equals the newest."""
        known = count_terms(normalize(text))
        terms = [term for term in known if term[0] != "=" and (len(term) > 1 or not has_cjk(term))]
        if len(terms) > _LOOKED_UP:
            terms = [terms[i * len(terms) // _LOOKED_UP] for i in range(_LOOKED_UP)]
        scores: dict[int, float] = {}
        reached, read = 0.0, 0
        for frequency, term in sorted((self._frequency(term), term) for term in terms):
            if not frequency:
                continue
            if read and (read + frequency > _POSTINGS or reached >= _TERMS):
                break
            read += frequency
            reached += 1
            weight = self._finder.information(frequency)
            for field in (schema.TEXT, schema.NOTES):
                for document in self._reader.postings(term, field):
                    scores[document] = scores.get(document, 0.0) + weight
        days = self._reader.days
        return sorted(scores.items(), key=lambda item: (-round(item[1], 6), -days[item[0]], item[0]))

    def _frequency(self, term: str) -> int:
        return self._reader.frequency(term, schema.TEXT) + self._reader.frequency(term, schema.NOTES)

    def _may_hold(self, document: int, asked: Asked) -> bool:
        """A cheap look before a record is read: whether the letters of every piece stand in the normalised text."""
        plain = self._reader.plain(document).decode("utf-8", "surrogatepass")
        if _UNMARKED.search(plain):
            return True
        bare = NO_LETTER.sub("", plain)
        return all(piece in bare for piece in asked.bare)

    @cached_property
    def _titles(self) -> list[tuple[int, str]]:
        """The notes documents, newest first, with the words of their episodes' titles."""
        notes = sorted(self._reader.keyed("kind:notes"), key=lambda d: (-self._reader.days[d], d))
        return [(document, words_of(reading(self._reader.entry_of(document).title)).letters) for document in notes]

    def _in_titles(self, asked: Asked, within: Collection[int] | None) -> Iterator[Found]:
        if asked.size > _LONGEST_TITLE:
            return
        for document, letters in self._titles:
            if (within is None or document in within) and asked.pieces[0] in letters:
                part = Part(document, "title", self._reader.entry_of(document).title)
                if stands := _standing(asked, part, words_of(reading(part.source))):
                    yield stands

    def _told_once(self, found: Iterable[Found], before: Iterable[Found] = ()) -> list[Found]:
        """``found`` without the descriptions and notes that only repeat what a story of their episode holds."""
        owners, found = self._reader.owners, list(found)
        told = {owners[one.document] for one in [*found, *before] if self._reader.is_story(one.document)}
        return [one for one in found if one.document not in told or one.where == "title"]

    # --- what to ask instead

    def telling_words(self, asked: Asked, most: int = 3) -> list[str]:
        """The rarest words of a quote that the archive holds together: what to search for instead."""
        words = list(dict.fromkeys(_WORD.findall(normalize(asked.text))))[:_TERMS]
        found = [(word, self._finder.documents(word)) for word in words]
        held = [(len(documents), word, documents) for word, documents in found if documents]
        held.sort(key=lambda item: item[:2])
        chosen: list[str] = []
        common: set[int] = set()
        for _, word, documents in held:
            both = common & documents.keys() if chosen else set(documents)
            if both:
                chosen, common = [*chosen, word], both
            if len(chosen) == most:
                break
        return chosen


class _Parts:
    """The texts of documents with their wordings, each read once."""

    def __init__(self, reader: IndexReader) -> None:
        self._reader = reader
        self._parts: dict[int, list[Part]] = {}
        self._wordings: dict[tuple[int, Where], Wording] = {}

    def of(self, document: int) -> list[Part]:
        """The texts of a document, but for the title of an episode."""
        if document not in self._parts:
            self._parts[document] = [part for part in self._read(document) if part.source]
        return self._parts[document]

    def wording(self, part: Part) -> Wording:
        """The words of one of them."""
        key = part.document, part.where
        if key not in self._wordings:
            self._wordings[key] = words_of(reading(part.source))
        return self._wordings[key]

    def _read(self, document: int) -> tuple[Part, Part]:
        if self._reader.is_story(document):
            story = self._reader.story(document)
            return Part(document, "title", story.title), Part(document, "summary", story.summary)
        episode = self._reader.episode(document)
        return Part(document, "description", episode.description), Part(document, "notes", episode.prose)


def _standing(asked: Asked, part: Part, wording: Wording) -> Found | None:
    """A quote where it stands by its words, and whether it is written there as it is."""
    for pieces in asked.forms:
        if spans := _in_order(pieces, wording.letters):
            source = folded(part.source)
            exact = any(_in_order(literal, source) for literal in asked.literal)
            return Found(part.document, part.where, "exact" if exact else "same words", 1.0, wording, spans)
    return None


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


def _near(asked: Asked, part: Part, wording: Wording) -> Found | None:
    """What in a text is near to a quote, if it is near enough."""
    spans, distance, at = [], 0, 0
    for piece in asked.pieces:
        best = nearest(piece, wording.letters, at)
        distance += best.distance
        if best.end > best.start:
            spans.append((best.start, best.end))
            at = best.end
    similarity = 1 - distance / asked.size
    if similarity < least_similarity(asked.size) or not spans:
        return None
    # Words that are the same but do not stand alone (5% in 25%) are not the same.
    return Found(part.document, part.where, "similar", min(similarity, 0.99), wording, tuple(spans))


def least_similarity(size: int) -> float:
    """How near something must be to a quote of so many letters to be shown: short ones are near to many things.

    Chosen between what is reworded and what is not there (``python -m benchmarks.quotes --nearness``).
    """
    return 0.55 + 0.2 * max(0.0, (_LONG - size) / _LONG)

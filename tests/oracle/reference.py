"""The search engine once more, as small and slow as its documentation: what its answers are compared with.

Nothing here reads an index. Texts come from the archive itself; impacts are computed from them by the formulae in
``zunda_mcp.index.impact``, scores by those in ``zunda_mcp.engine.ranking``, and every document is looked at for every
word. Only what the documents call shared is shared: the normaliser, the tokenizer and the parser of queries.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from reference_corpus import (
    CUT,
    ENOUGH,
    LEAST_SHARE,
    LONGEST_NAME,
    LOOSE_TAIL,
    LOOSE_WEIGHT,
    TAIL,
    Averages,
    Corpus,
    Document,
    Scores,
    bm25f,
)

from zunda_mcp.index.whoosh_documents import with_own_story
from zunda_mcp.models import OWN, Episode
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import Query, Word, domain_in
from zunda_mcp.query.stop_words import is_stop_word
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.draft import SpokenText
from zunda_mcp.text.normalize import SMALL_KE, has_cjk, has_han, is_hiragana, normalize
from zunda_mcp.text.phonetics import is_katakana
from zunda_mcp.text.tokenizer import PARTICLES, bigrams, content_words, tokens
from zunda_mcp.text.urls import canonical_url, link_words, sites_of


@dataclass(frozen=True)
class Unit:
    """One word of a plan."""

    text: str
    documents: Scores
    weight: float


@dataclass
class Planned:
    """What a query asks for, as ``zunda_mcp.query.plan`` describes it."""

    required: list[Unit] = field(default_factory=list)
    pieces: list[Unit] = field(default_factory=list)
    names: list[Unit] = field(default_factory=list)
    in_pieces: set[str] = field(default_factory=set)
    open: bool = False


@dataclass(frozen=True)
class Ranked:
    """Scores of all that answer, best first; the first ``full`` hold every word."""

    scores: Scores
    full: int

    @property
    def holding_all(self) -> set[str]:
        """The documents that hold every word."""
        return set(list(self.scores)[: self.full])


@dataclass(frozen=True)
class Answer:
    """Stories with their scores, and episodes found by their notes or title."""

    stories: Scores
    full: int
    episodes: Scores


class Reference:
    """An engine over ``episodes``. ``forgotten`` are whole runs that only deleted documents of an index hold, ``names``
    the names in hiragana that it knows.
    """

    def __init__(
        self,
        episodes: Sequence[Episode],
        averages: Averages,
        forgotten: Iterable[str] = (),
        names: Collection[str] = (),
    ) -> None:
        self.names = names
        self.episodes = {episode.id: episode for episode in episodes}
        stories, notes = [], []
        for episode in episodes:
            hosts = frozenset(normalize(host) for host in episode.hosts)
            for story in episode.stories:
                under = f"\n{story.section}" if story.section else ""
                title, summary = normalize(story.title), normalize(f"{story.summary}{under}")
                link = link_words(story.url) if story.url else ""
                people = " | ".join(map(normalize, episode.hosts if story.kind == OWN else ()))
                stories.append(
                    Document(
                        id=story.id,
                        day=episode.date or dt.date.min,
                        hosts=hosts,
                        sites=frozenset(sites_of(story.site) if story.site else ()),
                        page=canonical_url(story.url) if story.url else None,
                        text=f"{title}\n{summary}\n{link or people}",
                        impacts=bm25f(
                            (title, 3.0, averages.title),
                            (summary, 1.0, averages.summary),
                            (link, 0.4, len(link) or 1),
                            (people, 0.4, len(people) or 1),
                        ),
                    )
                )
            said, prose = normalize(episode.description), normalize(episode.prose)
            people = " | ".join(map(normalize, episode.hosts))
            title = normalize(episode.title).replace("\n", " ")
            own = bm25f(
                (title, 3.0, averages.title),
                (said, 1.0, averages.summary),
                (prose, 1.0, averages.summary),
                (people, 0.4, len(people) or 1),
            )
            text = f"{title}\n{said}\n{prose}\n{people}"
            notes.append(Document(episode.id, episode.date or dt.date.min, hosts, frozenset(), None, text, own))
        self.stories = Corpus(stories)
        self.notes = Corpus(notes, len(stories))
        self.forgotten = {run for run in forgotten if "=" + run not in self.stories.postings}
        self.haunted = False

    # --- whole answers

    def search(self, query: Query, chosen: Filters) -> Answer:
        """Everything that answers, for a query with at least one word or link."""
        self.haunted = False
        allowed = {id_ for id_, document in self.stories.documents.items() if document.passes(chosen)}
        words, linked = self._links(query, allowed)
        if linked is not None:
            allowed = linked
        if not words:
            linking = allowed - self._excluded(self.stories, query)
            return Answer(dict.fromkeys(linking, 0.0), len(linking), {})
        ranked = self.rank(self.plan(words, self.stories), allowed - self._excluded(self.stories, query))
        episodes: Scores = {}
        if linked is None:
            noted = {id_ for id_, document in self.notes.documents.items() if document.passes(chosen)}
            plan = self.plan(words, self.notes)
            if not plan.open:
                own = self.rank(plan, noted - self._excluded(self.notes, query))
                holding = set(ranked.holding_all)
                if query.excluded:  # what was left out is not answered for by the notes
                    required = self.plan(words, self.stories).required
                    holding |= set.intersection(*(set(unit.documents) for unit in required)) if required else set()
                covered = {self.stories.documents[id_].episode for id_ in holding}
                episodes = {id_: score for id_, score in own.scores.items() if id_ in own.holding_all - covered}
        return Answer(ranked.scores, ranked.full, episodes)

    def holding_all(self, query: Query, chosen: Filters) -> set[str]:
        """The stories that hold every word and no excluded one."""
        allowed = {id_ for id_, document in self.stories.documents.items() if document.passes(chosen)}
        ranked = self.rank(self.plan(list(query.words), self.stories), allowed)
        return ranked.holding_all - self._excluded(self.stories, query)

    def _excluded(self, corpus: Corpus, query: Query) -> set[str]:
        return {id_ for word in query.excluded for id_ in corpus.word(word.text, phrase=word.phrase)}

    def _links(self, query: Query, allowed: set[str]) -> tuple[list[Word], set[str] | None]:
        """The words that are left when URLs and known domains have narrowed the stories down."""
        wanted: list[set[str]] = [self._linking(url) for url in query.urls]
        wanted += [self._at(site) for site in query.sites]
        words = []
        for word in query.words:
            domain = None if word.phrase else domain_in(word)
            there = self._at(domain) if domain else set()
            if there:
                wanted.append(self._linking(word.text) if "/" in word.text else there)
            else:
                words.append(word)
        return words, allowed.intersection(*wanted) if wanted else None

    def _at(self, site: str) -> set[str]:
        return {id_ for id_, document in self.stories.documents.items() if site in document.sites}

    def _linking(self, page: str) -> set[str]:
        pages = {id_: document.page for id_, document in self.stories.documents.items() if document.page}
        exact = {id_ for id_, known in pages.items() if known == page}
        return exact or {id_ for id_, known in pages.items() if known.startswith(page + "/")}

    # --- planning

    def plan(self, words: Sequence[Word], corpus: Corpus) -> Planned:
        """Which words must be held, and which pieces of them help."""
        plan = Planned()
        telling = [word for word in words if word.phrase or not is_stop_word(word.text)]
        words = [noun for word in telling or words for noun in self._nouns(word, corpus) or [word]]
        for i, word in enumerate(words):
            found = corpus.word(word.text, phrase=word.phrase)
            pieces: list[Unit] = []
            if not word.phrase:
                for first, second in pairwise(words[max(0, i - 1) : i + 2]):
                    if _is_latin(first.text) and _is_latin(second.text):
                        found = corpus.term(first.text + second.text) | found
                pieces = self._pieces(word.text, corpus)
            if found or word.phrase or not _is_sentence(word.text):
                plan.required.append(Unit(word.text, found, corpus.information(len(found))))
            else:
                plan.open = True
            if pieces:
                plan.in_pieces.add(word.text)
                plan.pieces += pieces
        rows = _names(words)
        for name in [*rows, *_numbered(rows)]:
            if found := corpus.word("-".join(name)):
                plan.names.append(Unit(" ".join(name), found, corpus.information(len(found))))
        return plan

    def _nouns(self, word: Word, corpus: Corpus) -> list[Word]:
        """The words of a sentence that nobody wrote, if all are nouns that somebody wrote."""
        if word.phrase or not _is_sentence(word.text) or corpus.word(word.text):
            return []
        pieces = [piece for piece, _ in self._all_cut(word.text, corpus) if not is_stop_word(piece)]
        nouns = dict.fromkeys(
            piece
            for piece in pieces
            if len(piece) > 1
            and corpus.word(piece)
            and (piece in self.names or not any("ぁ" <= char <= "ゖ" for char in piece))
        )
        return [Word(noun, noun) for noun in nouns] if len(set(pieces)) == len(nouns) > 1 else []

    def _all_cut(self, text: str, corpus: Corpus) -> list[tuple[str, list[str]]]:
        cut: list[tuple[str, list[str]]] = []
        for run, is_cjk, start, _ in tokens(text):
            cut += self._cut(run, text[:start], corpus) if is_cjk else [(run, [])]
        return cut

    def _pieces(self, text: str, corpus: Corpus) -> list[Unit]:
        if len(text) <= 2 or not any(is_cjk for _, is_cjk, _, _ in tokens(text)):
            return []
        cut = self._all_cut(text, corpus)
        if len(cut) == 1 and cut[0] == (text, []):
            return []
        units: list[Unit] = []
        seen: set[str] = set()
        for piece, inner in cut:
            if piece in seen or (is_stop_word(piece) and has_cjk(piece)):
                continue
            parts = [part for part in inner if part not in seen | {piece}]
            seen |= {piece, *parts}
            found = corpus.alone(piece) if len(piece) == 1 and has_han(piece) else corpus.word(piece)
            if found:
                units.append(Unit(piece, found, corpus.information(len(found))))
            elif len(piece) > 1 and has_cjk(piece):
                pairs = {pair: corpus.term(pair) for pair in bigrams(piece) if pair in corpus.postings}
                for pair, held in pairs.items():
                    weight = corpus.information(len(held)) * LOOSE_WEIGHT / math.sqrt(len(pairs))
                    units.append(Unit(pair, held, weight))
            for part in parts:
                held = corpus.word(part)
                units.append(Unit(part, held, corpus.information(len(held))))
        return units

    def _cut(self, run: str, behind: str, corpus: Corpus) -> list[tuple[str, list[str]]]:
        """Words, each with the known words inside it."""
        found: list[tuple[str, list[str]]] = []
        for match in CUT.finditer(run):
            kanji, kana, other = match.groups()
            if kana:
                before = run[max(0, match.start() - 1) : match.start()] or behind
                found += [(word, []) for word in content_words(kana, after=before, is_word=self.names.__contains__)]
            elif kanji and len(kanji) == 1:
                ending = run[match.end() : match.end() + 1]
                bare = ending in PARTICLES or not is_hiragana(ending)
                found.append((kanji if bare else kanji + ending, []))
            elif match.group() not in SMALL_KE:
                word = kanji or other
                found.append((word, self._known_parts(word, corpus) if len(word) > 2 else []))
        return found

    def _known_parts(self, word: str, corpus: Corpus) -> list[str]:
        """The first of the shortest ways to cut ``word`` into known whole runs that are shorter than it."""
        best: list[list[str] | None] = [[]] + [None] * len(word)
        for end in range(2, len(word) + 1):
            for start in range(end - 1):
                head, piece = best[start], word[start:end]
                if head is None or piece == word or (len(piece) < 3 and is_katakana(piece)):
                    continue
                if corpus is self.stories and piece in self.forgotten:
                    self.haunted = True
                if "=" + piece in corpus.postings:
                    now = best[end]
                    if now is None or len(head) + 1 < len(now):
                        best[end] = [*head, piece]
        return best[-1] or []

    # --- ranking

    def rank(self, plan: Planned, allowed: set[str]) -> Ranked:
        """Score every document, full answers first."""
        full = set() if plan.open or not plan.required else set(allowed)
        for unit in plan.required:
            full &= unit.documents.keys()
        for name in plan.names:
            parts = name.text.split()
            row = [unit.documents.keys() for unit in plan.required if unit.text in parts]
            version = len(parts) == 2 and _is_number(parts[1])
            if version or 2 * len(name.documents) >= len(set.intersection(*map(set, row))):
                full &= name.documents.keys()
        alone = [*plan.required, *plan.names]
        if len(full) >= ENOUGH or (full and not plan.pieces and len(plan.required) == 1):
            return Ranked(_ordered(_sum(alone, full)), len(full))
        scores = _sum([*alone, *plan.pieces], allowed)
        telling = [unit for unit in plan.required if unit.text not in plan.in_pieces] + plan.pieces
        total = sum(unit.weight for unit in telling) or 1.0
        near: Scores = {}
        for id_ in scores.keys() - full:
            held = sum(unit.weight for unit in telling if id_ in unit.documents)
            if held >= LEAST_SHARE * total:
                near[id_] = scores[id_] * math.sqrt(held / total)
        room = max(0, TAIL - len(full)) if full else LOOSE_TAIL
        first = _ordered({id_: scores[id_] for id_ in full})
        return Ranked(first | dict(list(_ordered(near).items())[:room]), len(full))


def _sum(units: Iterable[Unit], allowed: set[str]) -> Scores:
    scores: Scores = defaultdict(float)
    for unit in units:
        for id_ in unit.documents.keys() & allowed:
            scores[id_] += unit.weight * unit.documents[id_]
    return dict(scores)


def _ordered(scores: Scores) -> Scores:
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


def _is_latin(text: str) -> bool:
    return text.isascii() and (text.isalnum() or _is_number(text))


def _is_number(text: str) -> bool:
    return all(part.isdigit() for part in text.split("."))


def _is_sentence(text: str) -> bool:
    hiragana = any("ぁ" <= char <= "ゖ" for char in text)
    return hiragana and any(not "ぁ" <= char <= "ゖ" for char in text) and len(text) > 3


def _names(words: Sequence[Word]) -> list[list[str]]:
    """Rows of two Latin words or more typed one after the other."""
    rows: list[list[str]] = [[]]
    for word in words:
        if word.phrase or not _is_latin(word.text):
            rows.append([])
        else:
            rows[-1].append(word.text)
    return [row[:LONGEST_NAME] for row in rows if len(row) > 1]


def _numbered(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The names with a number after them within longer rows: Gemini 3 of Gemini 3 Flash."""
    pairs = [pair for row in rows if len(row) > 2 for pair in pairwise(row)]
    return [[name, number] for name, number in pairs if _is_number(number) and not _is_number(name)]


def episodes_of(archive: ArchiveReader) -> list[Episode]:
    """All episodes as the archive reads them, without any index; one that links to nothing is its own story."""
    return [with_own_story(episode, SpokenText())[0] for episode in read_archive(archive)[0]]

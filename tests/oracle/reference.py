"""The search engine once more, as small and slow as its documentation: what its answers are compared with.

Nothing here reads an index. Texts come from the archive itself; impacts are computed from them by the formulae in
``zunda_mcp.index.impact``, scores by those in ``zunda_mcp.search.ranking``, and every document is looked at for every
word. Only what the documents call shared is shared: the normaliser, the tokenizer and the parser of queries.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from zunda_mcp.archive import ArchiveReader, read_archive
from zunda_mcp.episode import Episode
from zunda_mcp.search.filters import Filters
from zunda_mcp.search.query import Query, Word, domain_in
from zunda_mcp.search.question_words import is_question_word
from zunda_mcp.text.links import canonical_url, link_words, sites_of
from zunda_mcp.text.normalize import drop_final_long_vowel, fold_katakana, normalize
from zunda_mcp.text.scripts import HAN, HIRAGANA, KATAKANA, has_cjk
from zunda_mcp.text.terms import bigrams, count_terms, joined, parts, tokens

Scores = dict[str, float]

WHOLE_RUN, OTHER_SPELLING = 0.35, 0.8
ENOUGH, TAIL, LOOSE_TAIL = 10, 20, 50
LEAST_SHARE, LOOSE_WEIGHT = 0.1, 0.5
LONGEST_NAME = 4

_ONE_SCRIPT = re.compile(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}")
_KATAKANA_WORD = re.compile(rf"[{KATAKANA}]{{3,}}")
_CUT = re.compile(rf"([{HAN}]+)([{HIRAGANA}]?)|([{HIRAGANA}]+)|([^{HAN}{HIRAGANA}]+)")


@dataclass(frozen=True)
class Averages:
    """The mean lengths of raw titles and summaries in characters, as an index keeps them from its last full build."""

    title: float
    summary: float

    @classmethod
    def over(cls, episodes: Iterable[Episode]) -> Averages:
        """The averages a full build over ``episodes`` fixes."""
        stories = [story for episode in episodes for story in episode.stories]
        if not stories:
            return cls(40.0, 600.0)
        titles, summaries = (sum(len(getattr(s, name)) for s in stories) for name in ("title", "summary"))
        return cls(max(1.0, titles / len(stories)), max(1.0, summaries / len(stories)))


def bm25f(*fields: tuple[str, float, float]) -> dict[str, int]:
    """Impacts 1 to 255 of every term over fields of ``(text, weight, average length)``: k1 = 1.6, b = 0.75."""
    totals: dict[str, float] = defaultdict(float)
    for text, weight, average in fields:
        length = 1 - 0.75 + 0.75 * len(text) / average
        for term, frequency in count_terms(text).items():
            totals[term] += frequency * (weight / length)
    return {term: max(1, round(255 * tf / (tf + 1.6))) for term, tf in totals.items()}


@dataclass(frozen=True)
class Document:
    """A story, or an episode's own notes, as a filter and a word see it."""

    id: str
    day: dt.date
    hosts: frozenset[str]
    sites: frozenset[str]
    page: str | None
    text: str
    impacts: dict[str, int]

    @property
    def episode(self) -> str:
        """The id of the episode it belongs to."""
        return self.id.partition("#")[0]

    def passes(self, chosen: Filters) -> bool:
        """Whether all filters let it through."""
        return (
            (chosen.since is None or self.day >= chosen.since)
            and (chosen.until is None or self.day <= chosen.until)
            and (chosen.host is None or normalize(chosen.host) in self.hosts)
            and (chosen.site is None or chosen.site in self.sites)
        )


class Corpus:
    """Documents of one kind, and what a word finds in them."""

    def __init__(self, documents: Iterable[Document], stories: int | None = None) -> None:
        self.documents = {document.id: document for document in documents}
        self.stories = len(self.documents) if stories is None else stories
        self.postings: dict[str, dict[str, int]] = defaultdict(dict)
        for document in self.documents.values():
            for term, impact in document.impacts.items():
                self.postings[term][document.id] = impact
        self.runs = [term[1:] for term in self.postings if term[0] == "="]

    def information(self, holding: int) -> float:
        """Inverse document frequency of BM25."""
        total = self.stories or 1
        return math.log(1 + (total - holding + 0.5) / (holding + 0.5)) if holding <= total else 0.01

    def term(self, term: str, share: float = 1.0) -> Scores:
        """The documents of one exact term."""
        return {id_: impact * share for id_, impact in self.postings.get(term, {}).items()}

    def word(self, text: str, *, phrase: bool = False) -> Scores:  # noqa: PLR0911  (a case each)
        """The documents that hold a word or phrase, with their impacts."""
        runs = [(run, is_cjk) for run, is_cjk, _, _ in tokens(text)]
        if not runs:
            return {}
        run, is_cjk = runs[0]
        if len(runs) > 1 or (phrase and not is_cjk):
            return self._standing(text, _exactly(text))
        if not is_cjk:
            return self._latin(run)
        if len(run) == 1:
            return _greatest(self.term(term) for term in self.postings if term[0] == run)
        if not _ONE_SCRIPT.fullmatch(run):
            return self._standing(run, _exactly(run))
        if len(run) == 2:
            whole = self.postings.get("=" + run, {})
            return {id_: impact + WHOLE_RUN * whole.get(id_, 0) for id_, impact in self.term(run).items()}
        return self._inside_runs(run)

    def side_by_side(self, words: Sequence[str]) -> Scores:
        """Latin words that stand together, with at most three of white space, ``-./_'`` between any two letters."""
        gap = r"[\s\-./_']{0,3}"
        letters = gap.join(re.escape(letter) for word in words for letter in word)
        pattern = re.compile(rf"(?<![0-9a-z]){letters}(?![0-9a-z])")
        return self._standing(" ".join(words), lambda text: pattern.search(text) is not None)

    def _latin(self, word: str) -> Scores:
        words = parts(word)
        if len(words) > 1:
            return _greatest([*(self.term(whole) for whole in joined(words)[:1]), self.side_by_side(words)])
        found = [self.term(words[0]), *(self.term(other, OTHER_SPELLING) for other in other_numbers(word))]
        for cut in range(2, len(word) - 1) if len(word) >= 5 else ():
            found.append(self.side_by_side([word[:cut], word[cut:]]))
        return _greatest(found)

    def _inside_runs(self, word: str) -> Scores:
        part, sound = drop_final_long_vowel(word), fold_katakana(word)
        found = [self.term("=" + run, 1 + WHOLE_RUN if run == word else 1.0) for run in self.runs if part in run]
        if _KATAKANA_WORD.fullmatch(word):
            found += [self.term("=" + run, OTHER_SPELLING) for run in self.runs if fold_katakana(run) == sound]
        return _greatest(found)

    def _standing(self, text: str, stands: Callable[[str], bool]) -> Scores:
        """Documents with every term of ``text`` in which it also stands; the least of the impacts counts."""
        needed = [
            term
            for run, is_cjk, _, _ in tokens(text)
            for term in ((bigrams(run) if len(run) > 1 else []) if is_cjk else parts(run))
        ]
        if not needed or any(term not in self.postings for term in needed):
            return {}
        lists = sorted((self.postings[term] for term in needed), key=len)
        return {
            id_: float(min(impacts[id_] for impacts in lists))
            for id_ in lists[0]
            if all(id_ in impacts for impacts in lists) and stands(self.documents[id_].text)
        }


def _exactly(needle: str) -> Callable[[str], bool]:
    """Whether a text holds ``needle`` with no Latin letter or digit running on at either end."""
    left = r"(?<![0-9a-z])" if re.match("[0-9a-z]", needle) else ""
    right = r"(?![0-9a-z])" if re.match("[0-9a-z]", needle[-1]) else ""
    pattern = re.compile(left + re.escape(needle) + right)
    return lambda text: pattern.search(text) is not None


def other_numbers(word: str) -> list[str]:
    """The plural of a singular and the singular of a plural."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return []
    if word.endswith("ies"):
        return [word[:-3] + "y"]
    if word.endswith("s") and word[-2:] not in ("ss", "us", "is"):
        return [word[:-1]]
    return [word[:-1] + "ies" if word.endswith("y") else word + "s"]


def _greatest(found: Iterable[Scores]) -> Scores:
    merged: Scores = {}
    for scores in found:
        for id_, impact in scores.items():
            merged[id_] = max(impact, merged.get(id_, 0.0))
    return merged


@dataclass(frozen=True)
class Unit:
    """One word of a plan."""

    text: str
    documents: Scores
    weight: float


@dataclass
class Planned:
    """What a query asks for, as ``zunda_mcp.search.plan`` describes it."""

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
    """An engine over ``episodes``. ``forgotten`` are whole runs that only deleted documents of an index hold."""

    def __init__(self, episodes: Sequence[Episode], averages: Averages, forgotten: Iterable[str] = ()) -> None:
        self.episodes = {episode.id: episode for episode in episodes}
        stories, notes = [], []
        for episode in episodes:
            hosts = frozenset(normalize(host) for host in episode.hosts)
            for story in episode.stories:
                title, summary = normalize(story.title), normalize(story.summary)
                link = link_words(story.url) if story.url else ""
                stories.append(
                    Document(
                        id=story.id,
                        day=episode.date,
                        hosts=hosts,
                        sites=frozenset(sites_of(story.site) if story.site else ()),
                        page=canonical_url(story.url) if story.url else None,
                        text=f"{title}\n{summary}\n{link}",
                        impacts=bm25f(
                            (title, 3.0, averages.title), (summary, 1.0, averages.summary), (link, 0.4, len(link) or 1)
                        ),
                    )
                )
            said, prose = normalize(episode.description), normalize(episode.prose)
            own = bm25f((said, 1.0, averages.summary), (prose, 1.0, averages.summary))
            notes.append(Document(episode.id, episode.date, hosts, frozenset(), None, f"{said}\n{prose}", own))
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
            gone = self._excluded(self.stories, query)
            return Answer(dict.fromkeys(allowed - gone, 0.0), 0, {})
        ranked = self._without(self.stories, query, self.rank(self.plan(words, self.stories), allowed))
        episodes: Scores = {}
        if linked is None:
            noted = {id_ for id_, document in self.notes.documents.items() if document.passes(chosen)}
            plan = self.plan(words, self.notes)
            if not plan.open:
                own = self._without(self.notes, query, self.rank(plan, noted))
                covered = {self.stories.documents[id_].episode for id_ in ranked.holding_all}
                episodes = {id_: score for id_, score in own.scores.items() if id_ in own.holding_all - covered}
            if not ranked.scores and not episodes:
                stand = [_exactly(word.text) for word in words]
                titles = {id_: normalize(self.episodes[id_].title) for id_ in noted}
                episodes = {id_: 0.0 for id_, title in titles.items() if all(stands(title) for stands in stand)}
        return Answer(ranked.scores, ranked.full, episodes)

    def holding_all(self, query: Query, chosen: Filters) -> set[str]:
        """The stories that hold every word and no excluded one."""
        allowed = {id_ for id_, document in self.stories.documents.items() if document.passes(chosen)}
        ranked = self.rank(self.plan(list(query.words), self.stories), allowed)
        return ranked.holding_all - self._excluded(self.stories, query)

    def _excluded(self, corpus: Corpus, query: Query) -> set[str]:
        return {id_ for word in query.excluded for id_ in corpus.word(word.text, phrase=word.phrase)}

    def _without(self, corpus: Corpus, query: Query, ranked: Ranked) -> Ranked:
        gone = self._excluded(corpus, query)
        kept = {id_: score for id_, score in ranked.scores.items() if id_ not in gone}
        return Ranked(kept, len(ranked.holding_all - gone))

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
        telling = [word for word in words if word.phrase or not is_question_word(word.text)]
        words = telling or list(words)
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
        for name in _names(words):
            if found := corpus.word("-".join(name)):
                plan.names.append(Unit(" ".join(name), found, corpus.information(len(found))))
        return plan

    def _pieces(self, text: str, corpus: Corpus) -> list[Unit]:
        runs = [(run, is_cjk) for run, is_cjk, _, _ in tokens(text)]
        if not any(is_cjk for _, is_cjk in runs):
            return []
        cut = [piece for run, is_cjk in runs for piece in (self._cut(run, corpus) if is_cjk else [run])]
        units: list[Unit] = []
        for piece in dict.fromkeys([] if cut == [text] else cut):
            if is_question_word(piece):
                continue
            found = corpus.word(piece)
            if found or not has_cjk(piece):
                units.append(Unit(piece, found, corpus.information(len(found))))
                continue
            pairs = {pair: corpus.term(pair) for pair in bigrams(piece) if pair in corpus.postings}
            for pair, held in pairs.items():
                weight = corpus.information(len(held)) * LOOSE_WEIGHT / math.sqrt(len(pairs))
                units.append(Unit(pair, held, weight))
        return units

    def _cut(self, run: str, corpus: Corpus) -> list[str]:
        found: list[str] = []
        for kanji, ending, kana, other in _CUT.findall(run):
            if kana:
                found += [kana] if len(kana) >= 3 else []
            elif len(kanji) == 1:
                found += [] if is_question_word(kanji) else [kanji + ending]
            else:
                word = kanji or other
                found.append(word)
                if len(word) > 2:
                    found += self._known_parts(word, corpus)
        return found

    def _known_parts(self, word: str, corpus: Corpus) -> list[str]:
        """The first of the shortest ways to cut ``word`` into known whole runs that are shorter than it."""
        best: list[list[str] | None] = [[]] + [None] * len(word)
        for end in range(2, len(word) + 1):
            for start in range(end - 1):
                head, piece = best[start], word[start:end]
                if head is None or piece == word:
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
    return text.isascii() and text.isalnum()


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


def episodes_of(archive: ArchiveReader) -> list[Episode]:
    """All episodes as the archive reads them, without any index."""
    return read_archive(archive)[0]

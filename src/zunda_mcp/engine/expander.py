"""Expansions of a word as typed: the other forms in which the archive may have it.

An expansion counts less than an exact match, and the answer names it. The user's aliases, the glosses of the archive
and the same word in the other script (guardrail, ガードレール) apply to every word; other translations of the
dictionary only to a word that the archive hardly has; likeness of sound, spelling or form only to one that is absent,
or rare compared with the word it is like.

``ExpandingFinder`` looks up a typed word and its expansions as one word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from zunda_mcp.engine.readers import TermReader
from zunda_mcp.engine.terms import WordFinder
from zunda_mcp.index import schema
from zunda_mcp.index.vocabulary import dotted_words
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import (
    ALIAS,
    DICTIONARY,
    FORM,
    GLOSS,
    LOAN,
    SOUND,
    TERM,
    TYPO,
    Clause,
    Expansion,
    PostingList,
)
from zunda_mcp.query.names import is_seldom_used
from zunda_mcp.text.frequencies import lexicon
from zunda_mcp.text.inflection import same_word, singular, stem_to_search
from zunda_mcp.text.japanese_english import english_of, is_gloss, japanese_of, terms_of
from zunda_mcp.text.japanese_names import in_hiragana, in_japanese, is_name, other_writings, readings_of, romanized
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import HAN, HIRAGANA, KATAKANA
from zunda_mcp.text.phonetics import edits, is_katakana, is_soundable, likeness, likeness_in_turn, sound_keys
from zunda_mcp.text.tokenizer import fewest_pieces, parts, run_term
from zunda_mcp.topics.glossary import GlossMention, trusted_glosses

__all__ = ["Expander", "ExpandingFinder"]

_SHARES = {
    ALIAS: tuning.ALIAS_SHARE,
    GLOSS: tuning.GLOSS_SHARE,
    DICTIONARY: tuning.DICTIONARY_SHARE,
    FORM: tuning.FORM_SHARE,
    LOAN: tuning.SOUND_SHARE,
    TERM: tuning.DICTIONARY_SHARE,
    SOUND: tuning.SOUND_SHARE,
    TYPO: tuning.TYPO_SHARE,
}

_MIXED = lazy_pattern(rf"(?P<before>[a-z0-9]{{2,}})?(?P<kana>[{KATAKANA}]{{3,}})(?P<after>[a-z0-9]{{2,}}|\d[\d.]*)?")
_INFLECTED = lazy_pattern(rf".*[{HAN}][{HIRAGANA}]*[いうくぐすつぬぶむる]")
"""Japanese verbs and adjectives in dictionary form; the translation of an English plural is neither."""


class Expander:
    """The expansions of one generation. ``aliases`` are the user's own: a normalised name and its other names."""

    def __init__(self, reader: TermReader, aliases: Mapping[str, tuple[str, ...]]) -> None:
        self._reader = reader
        self._aliases = aliases
        self._cache: dict[tuple[str, int, bool], tuple[list[Expansion], list[Expansion]]] = {}

    def expansions(self, word: str, frequency: int, *, seldom: bool) -> tuple[list[Expansion], list[Expansion]]:
        """Return ``sure`` and, for a word that is ``seldom`` enough, ``likely`` and ``joints``; cached."""
        key = (word, frequency, seldom)
        expansions = self._cache.get(key)
        if expansions is None:
            joined = word.replace("-", "").replace(" ", "").replace("・", "")
            several = joined != word  # slips occur in a word, not across words
            words = parts(word) if several else []
            likely = (
                [*self.joints(word, frequency), *self.likely(joined, frequency, slips=not several)] if seldom else []
            )
            if several:
                sounding = [e for e in likely if e.how in (LOAN, SOUND) and _sounds_so(words, e.text)]
                likely = [e for e in likely if e.how == FORM] + [e._replace(how=LOAN) for e in sounding]
                likely += self._translated(" ".join(words)) if words and frequency <= tuning.HARDLY_THERE else ()
            terms = terms_of(words if several else [word]) if seldom else ()
            likely = [*(Expansion(term, _SHARES[TERM], TERM) for term in terms), *likely]
            if len(self._cache) >= tuning.CACHED_EXPANSIONS:
                self._cache = {}
            expansions = self._cache[key] = (self.sure(word), likely)
        return expansions

    def sure(self, word: str) -> list[Expansion]:
        """Return the other names of a normalised word or name, and of its singular, that apply at any frequency."""
        name = word.replace("-", " ") if word.isascii() else word
        names = [name, *(form for form in singular(name) if len(form) >= tuning.MIN_WORD)]
        reasons = {other: ALIAS for form in names for other in self._aliases.get(form, ())}
        for form in names:
            for other in self.other_names(form):
                reasons.setdefault(other, GLOSS)
            for other in other_writings(form):
                reasons.setdefault(other, DICTIONARY)
        return [Expansion(other, _SHARES[how], how) for other, how in reasons.items() if other not in names]

    def likely(self, word: str, frequency: int, *, slips: bool = True) -> list[Expansion]:
        """Return what a rare or absent word may stand for, likeliest first; with ``slips`` it may be misspelled."""
        best: dict[str, Expansion] = {}
        for expansion in self._candidates(word, frequency, slips):
            before = best.get(expansion.text)
            if before is None or before.share < expansion.share:
                best[expansion.text] = expansion
        for alike in [one for one in best.values() if one.how in (LOAN, SOUND, TYPO)]:
            for other in self.other_names(alike.text):  # nvida, エヌビディア, NVIDIA
                best.setdefault(other, Expansion(other, alike.share * _SHARES[GLOSS], alike.how))
        return sorted(best.values(), key=lambda one: (one.how != LOAN, -one.share, one.text))

    def joints(self, name: str, frequency: int) -> list[Expansion]:
        """Return other ways to join the words of a Latin name, or its singular or plural (mock-serviceworker)."""
        words = parts(name)
        if not name.isascii() or not words:
            return []
        forms = []
        for form in (*singular(words[-1]), f"{words[-1]}s") if len(words) > 1 else ():
            forms.append(Expansion(" ".join([*words[:-1], form]), _SHARES[FORM], FORM))
        if not frequency and len(name) >= tuning.MIN_RUN_TOGETHER:
            cut = fewest_pieces("".join(words), tuning.MIN_WORD, self._reader.has_term)
            forms += [Expansion(" ".join(cut), _SHARES[FORM], FORM)] if cut and cut != words else []
        return forms

    # --- the kinds

    def other_names(self, name: str) -> list[str]:
        """Return the other names that the archive itself gives a normalised name, if they can be trusted."""
        glosses = self._glosses(name)
        return trusted_glosses(name, glosses, lambda other: _share(self._glosses(other), name)) if glosses else []

    def _glosses(self, name: str) -> dict[str, GlossMention]:
        mentions: dict[str, GlossMention] = {}
        for key in self._reader.terms(schema.gloss_prefix(name), schema.KEY):
            _, other, proof = key.split("\t")
            if stories := self._reader.frequency(key, schema.KEY):
                one = mentions.setdefault(other, GlossMention())
                one.stories += stories
                one.proofs.add(proof)
        return mentions

    def _candidates(self, word: str, frequency: int, slips: bool) -> Iterator[Expansion]:
        if word.isascii() and word.isalpha() and len(word) > 2:
            for other in self._reader.terms(stem_to_search(word)):
                if other != word and same_word(word, other) and not _is_name_of(word, other):
                    yield Expansion(other, _SHARES[FORM], FORM)
        if frequency <= (tuning.HARDLY_THERE if word.isascii() else 0):  # Japanese notes quote English titles
            yield from self._translated(word)
        if (mixed := _MIXED.fullmatch(word)) and mixed["kana"] != word:
            yield from self._in_letters(mixed["before"] or "", mixed["kana"], mixed["after"] or "")
        for other in romanized(word), in_hiragana(word):
            if len(other) >= tuning.MIN_ROMANIZED and is_seldom_used(other if other.isascii() else word):
                yield Expansion(other, _SHARES[LOAN], LOAN)
        if is_soundable(word):
            yield from self._sounding_alike(word, frequency, slips)
        for form in singular(word):
            yield from (one for one in self._sounding_alike(form, frequency, False) if one.how != TYPO)

    def _translated(self, word: str) -> Iterator[Expansion]:
        """What the dictionary has for a word, or for words side by side, in the language of the archive. In Japanese
        texts Latin words are names (Apple is not リンゴ), which may be asked for in katakana.
        """
        if word.isascii() != self._reader.vocabulary.mostly_cjk:
            names = readings_of(word) if is_katakana(word) else ()
            yield from (Expansion(name, _SHARES[DICTIONARY], DICTIONARY) for name in names if is_name(name, word))
            return
        if word.isascii():
            *before, last = word.split(" ")
            for one in (last, *singular(last)):
                for other, place in japanese_of(" ".join([*before, one])):
                    if place < tuning.FIRST_GLOSSES and (one == last or not _INFLECTED.fullmatch(other)):
                        yield Expansion(other, _SHARES[DICTIONARY], DICTIONARY)
            for name in in_japanese(word):
                if is_name(word, name):
                    yield Expansion(name, _SHARES[DICTIONARY], DICTIONARY)
        else:
            for other in (*english_of(word)[: tuning.FIRST_GLOSSES], *readings_of(word)):
                yield Expansion(other, _SHARES[DICTIONARY], DICTIONARY)

    def _in_letters(self, before: str, kana: str, after: str) -> Iterator[Expansion]:
        """All in Latin letters, a name written partly in katakana: サカナAI is Sakana AI."""
        for one in (*self.sure(kana), *self.likely(kana, 0)):
            if one.text.isascii() and one.how != TYPO:
                name = " ".join(filter(None, (before, one.text, after)))
                yield Expansion(name, one.share * _SHARES[SOUND], SOUND)

    def _sounding_alike(self, word: str, frequency: int, slips: bool) -> Iterator[Expansion]:
        """Words that sound like ``word``: in the other script, or if it is absent misspellings in its own. With
        ``slips``, also misspellings that do not sound alike.
        """
        vocabulary, keys = self._reader.vocabulary, sound_keys(word)
        usual = tuning.KATAKANA_SOUND_LIKENESS if is_katakana(word) else tuning.SOUND_LIKENESS
        exact = {
            other: tuning.SHORT_SOUND_LIKENESS if len(key) <= tuning.SHORT_SOUND_KEY else usual
            for key in keys
            for other in vocabulary.sounding(key)
        }
        expansions = list(self._alike(word, exact, frequency))
        if not expansions and frequency <= tuning.HARDLY_THERE:
            near = {
                o for key in keys if len(key) >= tuning.MIN_NEAR_SOUND_KEY for o in vocabulary.sounding_near(key)
            } - exact.keys()
            expansions = list(self._alike(word, dict.fromkeys(near, tuning.NEAR_SOUND_LIKENESS), frequency))
        if slips and not (expansions or frequency) and word.isascii() and _slips(word) and word not in lexicon("en"):
            expansions = list(self._misspelt(word))
        yield from expansions

    def _misspelt(self, word: str) -> Iterator[Expansion]:
        """Words of the archive with the same first letter that differ by a slip or two."""
        slips, letters, digits = _slips(word), set(word), _digits(word)
        for other in self._reader.vocabulary.beginning_like(word, slips):
            if abs(len(other) - len(word)) > slips or len(letters.symmetric_difference(other)) > 2 * slips:
                continue
            if _digits(other) != digits:
                continue
            if (made := edits(word, other)) <= _slips_between(word, other, slips):
                yield Expansion(other, _SHARES[TYPO] * (1 - tuning.SLIP_COST * made), TYPO)

    def _alike(self, word: str, candidates: Mapping[str, float], frequency: int) -> Iterator[Expansion]:
        kana = is_katakana(word)
        is_long = min(map(len, sound_keys(word)), default=0) >= tuning.MIN_LOAN_KEY
        for other, least in candidates.items():
            joined = other.replace(" ", "")
            if joined == word or _digits(joined) != _digits(word):
                continue
            alike = likeness(word, joined)
            if kana != is_katakana(joined):
                loan = _is_loan(word, joined, alike)
                if loan or (alike >= least and self._mutual_sound(word, joined, alike)):
                    loan = loan or (is_long and alike >= tuning.LOAN_LIKENESS)
                    how = LOAN if loan else SOUND
                    yield Expansion(other, _SHARES[how] * alike, how)
            elif frequency or kana or not _slips(word) or word in lexicon("en"):
                continue
            elif edits(word, joined) <= _slips_between(
                word, joined, 2 if alike >= tuning.SAME_SOUND_LIKENESS else _slips(word)
            ):
                yield Expansion(other, _SHARES[TYPO] * alike, TYPO)

    def _mutual_sound(self, word: str, other: str, alike: float) -> bool:
        """Whether ``word`` may be meant by ``other``, which sounds like it in the other script.

        If the dictionary knows the katakana, it decides (news is ニュース, nurse is not). If not, no word of the
        archive in the script of ``word`` may sound more like ``other`` (tableau is not テーブル in an archive that has
        table), unless it is of another origin: クラウド sounds more like claude than クロード does.
        """
        kana = is_katakana(word)
        latin, katakana = (other, word) if kana else (word, other)
        gloss = is_gloss(latin, katakana)
        if gloss is not None:
            return gloss
        if alike < tuning.GENERAL_SOUND_LIKENESS and latin in lexicon("en"):
            return False
        rivals = {rival for key in sound_keys(other) for rival in self._reader.vocabulary.sounding(key)} - {word}
        return all(
            likeness(rival, other) <= alike + tuning.SOUND_TIE or (kana and is_gloss(other, rival) is False)
            for rival in rivals
            if " " not in rival and is_katakana(rival) == kana
        )


def _is_loan(word: str, other: str, alike: float) -> bool:
    """Whether the dictionary has two words that sound alike as one word in two scripts: guardrail is ガードレール.
    Katakana with several such origins does not decide between them: ラスト is last as well as rust.
    """
    latin, katakana = (other, word) if is_katakana(word) else (word, other)
    if alike < tuning.GLOSSED_LOAN_LIKENESS or not is_gloss(latin, katakana):
        return False
    origins = (one for one in english_of(katakana.replace("・", "")) if " " not in one)
    return not any(
        likeness(one, katakana) >= alike - tuning.ORIGINS_APART and not same_word(one, latin) for one in origins
    )


def _is_name_of(word: str, other: str) -> bool:
    """Whether ``word`` is a name made from a common word ``other``, and not a form of it: Fastly is not fast."""
    general = lexicon("en")
    return word not in general and general.zipf(other) >= tuning.COMMON_ZIPF


def _share(mentions: Mapping[str, GlossMention], name: str) -> float:
    """The share of ``name`` among these other names, by the stories that give them."""
    return mentions[name].stories / sum(one.stories for one in mentions.values()) if name in mentions else 0.0


def _slips(word: str) -> int:
    """How many slips a word of this length may have; digits do not count."""
    letters = sum(map(str.isalpha, word))
    return 2 if letters > tuning.TWO_SLIPS_LENGTH else 1 if letters > tuning.ONE_SLIP_LENGTH else 0


def _slips_between(word: str, other: str, slips: int) -> int:
    """How many of ``slips`` may separate two words: at most one if one begins the other (serverlessai, serverless)."""
    return min(slips, 1) if word.startswith(other) or other.startswith(word) else slips


def _digits(word: str) -> str:
    """The digits of a word: names that differ in them name two things (H100 and H200)."""
    return "".join(filter(str.isdigit, word))


def _sounds_so(row: Sequence[str], name: str) -> bool:
    """Whether a row of words is one name that sounds like ``name``: each word sounds like a stretch of it, and none is
    a grammatical word, which any row may have (to pick is not トピック).
    """
    if not row:  # katakana separated by dots
        return True
    general, joined = lexicon("en"), name.replace("・", "").replace(" ", "")
    if any(general.zipf(word) >= tuning.GRAMMAR_WORD for word in row):
        return False
    rows = [row, *([*row[:-1], form] for form in singular(row[-1]))]
    if len(cut := name.split("・")) == len(row):
        return any(min(map(likeness, words, cut)) >= tuning.WORD_BY_WORD_LIKENESS for words in rows)
    return any(likeness_in_turn(words, joined) >= tuning.IN_TURN_LIKENESS for words in rows)


class ExpandingFinder(WordFinder):
    """Finds words, and with an ``expander`` what else they may mean. ``beside`` finds words in the main text field: how
    rare a word is there decides whether it is expanded.
    """

    def __init__(
        self, reader: TermReader, field: str, expander: Expander | None = None, beside: WordFinder | None = None
    ) -> None:
        super().__init__(reader, field)
        self._expander = expander
        self._beside = beside

    def expanded(self, text: str, also: tuple[str, ...] = ()) -> Clause:
        """Return the clause of a word as ``clause`` does, with the postings of its expansions (see ``Expander``)."""
        expander = self._expander
        if expander is None:
            return self.clause(text, also=also)
        key = (text, "expanded", also)
        clause = self._clauses.get(key)
        return clause or self._keep(key, self._expand(expander, text, self.clause(text, also=also)))

    def _expand(self, expander: Expander, word: str, clause: Clause) -> Clause:
        """``clause`` of ``word`` with the documents that its expansions add; unchanged if they add none."""
        frequency = len((self._beside.clause(word) if self._beside else clause).postings)
        sure, likely = expander.expansions(word, frequency, seldom=frequency * tuning.SELDOM <= self.stories)
        taken = [(expansion, postings) for expansion in sure if len(postings := self._under(expansion.text))]
        for expansion in likely:
            postings = self._under(expansion.text)
            if not len(postings):
                continue  # a dictionary has more words than an archive
            if expansion.how in (FORM, LOAN, TERM) or _stands_for(clause.postings, postings, self.stories):
                taken.append((expansion, postings))
            if len(taken) >= tuning.MAX_EXPANSIONS:
                break
        merged, used = clause.postings, []
        for expansion, postings in taken:
            if postings.goes_beyond(merged):
                used.append(expansion)
            merged = merged.added(postings, expansion.share)
        if not used:
            return clause
        return Clause(clause.text, merged, self.information(len(merged)), tuple(used))

    def _under(self, name: str) -> PostingList:
        """The postings of another name. Latin words match side by side, however joined. Short katakana of the
        dictionary matches only as a whole run (ライン in オンライン is not lines), but ソニー also in ソニーグループ.
        """
        if name.isascii():
            return self.clause(name.replace(" ", "-")).postings
        if is_katakana(name) and len(name) <= tuning.SHORT_KATAKANA and english_of(name):
            postings = self._term(run_term(name))
            for run in self.reader.vocabulary.runs_with(name):
                if name in dotted_words([run]):
                    postings = postings.best(self._term(run_term(run)))
            return postings
        return self.clause(name).postings


def _stands_for(typed: PostingList, other: PostingList, stories: int) -> bool:
    """Whether a word like the typed one may replace it: the typed one is absent or nearly so, or it is rarer and both
    occur in the same stories far more often than by chance.
    """
    if len(typed) <= tuning.HARDLY_THERE:
        return len(typed) * tuning.RARER <= len(other)
    return len(typed) * tuning.RARER <= len(other) and typed.together([other]) >= max(
        tuning.STANDS_FOR_LIFT * len(other) / stories, tuning.STANDS_FOR_SHARE
    ) * len(typed)

"""From a word as typed to the same thing as the archive writes it.

An expansion is weighted below an exact match and named in what was understood. The user's own aliases and the glosses
of the archive itself hold for every word, and so does the same word in the other script (guardrail, ガードレール); what
else a dictionary has for it, where the archive hardly has it; likeness of sound, of spelling and of form is believed
only where it is absent, or rare beside what it is like.

Words found under their other names as well: where a typed word and its expansions lead, taken as one word.
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

_MIXED = lazy_pattern(rf"(?P<before>[a-z0-9]{{2,}})?(?P<kana>[{KATAKANA}]{{3,}})(?P<after>[a-z0-9]{{2,}})?")
_INFLECTED = lazy_pattern(rf".*[{HAN}][{HIRAGANA}]*[いうくぐすつぬぶむる]")
"""Verbs and adjectives of Japanese as the dictionary has them; what a plural means is neither."""


class Expander:
    """The expansions of one generation. ``aliases`` are the user's own: a normalised name to its other names."""

    def __init__(self, reader: TermReader, aliases: Mapping[str, tuple[str, ...]]) -> None:
        self._reader = reader
        self._aliases = aliases
        self._cache: dict[tuple[str, int, bool], tuple[list[Expansion], list[Expansion]]] = {}

    def expansions(self, word: str, frequency: int, *, seldom: bool) -> tuple[list[Expansion], list[Expansion]]:
        """``sure`` and, for a word that is ``seldom`` enough, ``likely`` and ``joints``; remembered."""
        key = (word, frequency, seldom)
        expansions = self._cache.get(key)
        if expansions is None:
            joined = word.replace("-", "").replace(" ", "").replace("・", "")
            several = joined != word  # a slip is made in a word, not in words that happen to stand side by side
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
        """The other names of a normalised word or name, and of its singular, that hold however frequent it is."""
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
        """What a rare or absent word may stand for, likeliest first; with ``slips``, also what it is misspelt of."""
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
        """Other ways to join a Latin name, and its singular or plural (mock-serviceworker, github-action)."""
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
        """The other names of a normalised name that the archive itself gives, where they are trustworthy."""
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
        """What the dictionary has for a word, or for words side by side, of the language that the archive is not in:
        Latin words in Japanese texts are names (Apple is no リンゴ), which may be asked for in katakana.
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
        """A name written half in katakana, all in letters: サカナAI is Sakana AI."""
        for one in (*self.sure(kana), *self.likely(kana, 0)):
            if one.text.isascii() and one.how != TYPO:
                name = " ".join(filter(None, (before, one.text, after)))
                yield Expansion(name, one.share * _SHARES[SOUND], SOUND)

    def _sounding_alike(self, word: str, frequency: int, slips: bool) -> Iterator[Expansion]:
        """Words that sound like ``word``: in the other script, or where it is absent in the same one, misspelt (with
        ``slips`` that do not sound so).
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
        """Words of the archive with the same first letter and a slip or two elsewhere."""
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
        """Whether a word may be the one that sounds like it in the other script. Where the dictionary knows the
        katakana, it says so (news is ニュース, nurse is not); else no word of the archive in the script of ``word`` may
        sound more like ``other`` (tableau is no テーブル where there is a table), unless it is of another origin:
        クラウド sounds more like claude than クロード does.
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
    """Whether the dictionary has two words that sound alike as one, written in two scripts: guardrail is ガードレール.
    Katakana that is several such words tells none of them apart: ラスト is last as well as rust.
    """
    latin, katakana = (other, word) if is_katakana(word) else (word, other)
    if alike < tuning.GLOSSED_LOAN_LIKENESS or not is_gloss(latin, katakana):
        return False
    origins = (one for one in english_of(katakana.replace("・", "")) if " " not in one)
    return not any(
        likeness(one, katakana) >= alike - tuning.ORIGINS_APART and not same_word(one, latin) for one in origins
    )


def _is_name_of(word: str, other: str) -> bool:
    """Whether a word is a name made from one that everybody uses, and no form of it: Fastly is not fast."""
    general = lexicon("en")
    return word not in general and general.zipf(other) >= tuning.COMMON_ZIPF


def _share(mentions: Mapping[str, GlossMention], name: str) -> float:
    """How usual ``name`` is among these other names."""
    return mentions[name].stories / sum(one.stories for one in mentions.values()) if name in mentions else 0.0


def _slips(word: str) -> int:
    """How many slips are believed in a word of so many letters; digits are none."""
    letters = sum(map(str.isalpha, word))
    return 2 if letters > tuning.TWO_SLIPS_LENGTH else 1 if letters > tuning.ONE_SLIP_LENGTH else 0


def _slips_between(word: str, other: str, slips: int) -> int:
    """How many of so many slips are believed between two words: one at the end, where one goes on after the other
    (serverlessai is no slip in serverless).
    """
    return min(slips, 1) if word.startswith(other) or other.startswith(word) else slips


def _digits(word: str) -> str:
    """The digits of a word: names that differ in them are names of two things (H100 and H200)."""
    return "".join(filter(str.isdigit, word))


def _sounds_so(row: Sequence[str], name: str) -> bool:
    """Whether a row of words is one name that sounds like ``name``: each word sounds like a stretch of it, and none is
    grammar, which stands in every row (to pick is no トピック).
    """
    if not row:  # katakana with dots between
        return True
    general, joined = lexicon("en"), name.replace("・", "").replace(" ", "")
    if any(general.zipf(word) >= tuning.GRAMMAR_WORD for word in row):
        return False
    rows = [row, *([*row[:-1], form] for form in singular(row[-1]))]
    if len(cut := name.split("・")) == len(row):
        return any(min(map(likeness, words, cut)) >= tuning.WORD_BY_WORD_LIKENESS for words in rows)
    return any(likeness_in_turn(words, joined) >= tuning.IN_TURN_LIKENESS for words in rows)


class ExpandingFinder(WordFinder):
    """Finds words, and with an ``expander`` what else may be meant by them. ``beside`` finds words in the field that
    most is written in: how rare a word is there says whether it may stand for another.
    """

    def __init__(
        self, reader: TermReader, field: str, expander: Expander | None = None, beside: WordFinder | None = None
    ) -> None:
        super().__init__(reader, field)
        self._expander = expander
        self._beside = beside

    def expanded(self, text: str, also: tuple[str, ...] = ()) -> Clause:
        """As ``clause``, and where else the same may stand in other words (see ``Expander``)."""
        expander = self._expander
        if expander is None:
            return self.clause(text, also=also)
        key = (text, "expanded", also)
        clause = self._clauses.get(key)
        return clause or self._keep(key, self._expand(expander, text, self.clause(text, also=also)))

    def _expand(self, expander: Expander, word: str, clause: Clause) -> Clause:
        """``clause`` of ``word`` with the documents that its expansions lead to; itself where there are none."""
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
        """Where another name stands: Latin words side by side, however joined; short katakana of the dictionary as a
        whole run (ライン in オンライン is not what lines means), but ソニー also in ソニーグループ.
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
    """Whether a word like the typed one may be taken for it: the typed one is absent, or nearly so, or it is rarer and
    the two are together far more often than by chance.
    """
    if len(typed) <= tuning.HARDLY_THERE:
        return len(typed) * tuning.RARER <= len(other)
    return len(typed) * tuning.RARER <= len(other) and typed.together([other]) >= max(
        tuning.STANDS_FOR_LIFT * len(other) / stories, tuning.STANDS_FOR_SHARE
    ) * len(typed)

"""Keeps names in Korean and Chinese questions whole that the word tables lack.

A table cuts an unknown name into shorter words and syllables (뤼/튼, 업/스테이지, 零/一/万物).

- Korean has spaces: an unknown word is a name, perhaps with particles at its end. The particles are a closed class, and
  many have one form after a consonant and another after a vowel (은/는), so they are cut off without a dictionary.
- Chinese has no spaces: there the archive decides, because it hardly ever has the characters of a name apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zunda_mcp.query.stop_words import STOP_WORDS
from zunda_mcp.query.word_kinds import COMMON, GRAMMAR, Context, Kind

__all__ = [
    "COMMON_NOUN",
    "DONE",
    "VERB_ENDINGS",
    "KoreanWord",
    "chinese_names",
    "chinese_words",
    "is_chinese_content",
    "is_korean_particle",
    "korean_name",
]

#: Zipf value from which on a noun in Han or Hangul is common: higher than ``COMMON``, as words are cut shorter.
COMMON_NOUN = 5.0

_CASES = "에서 에게서 에게 한테 께서 에 으로 로 와 과 부터 까지 처럼 보다 만 하고".split()
_OTHERS = "이 가 을 를 마다 조차 밖에 이라는 라는 이랑 이나 나".split()
_TOPICS = "은 는 도 만 의 부터 까지".split()
#: Single particles, and particles of case with one of topic.
_PARTICLES = frozenset([*_CASES, *_OTHERS, *_TOPICS, *(case + topic for case in _CASES for topic in _TOPICS)])
_AFTER_CONSONANT = ("은", "이", "을", "과")
_AFTER_VOWEL = ("는", "가", "를", "와", "라는", "나")
#: The first syllable of the Unicode block, how many in a row differ only by their last consonant, and the number of ㄹ.
_FIRST_SYLLABLE, _FINALS, _FINAL_L = 0xAC00, 28, 8
#: Endings of verbs that are not as frequent as grammar.
VERB_ENDINGS = frozenset("까 까요 을까 을까요 죠 음 봐 신 실".split())

#: A name is in at least this share of the stories with the rarest of its words. Judgement: the lowest share of eleven
#: names in an archive, that of 面壁智能, which shares each of its words with another name.
_TOGETHER = 0.5
#: Zipf value of the characters that Chinese grammar consists of (的 7.8, 和 6.9, 了 7.1); names begin with 月 (6.4).
_CHINESE_GRAMMAR = 6.5
#: Most words of a Chinese name, and fewest characters. Judgement.
_LONGEST, _SHORTEST = 6, 2
#: Characters that say in Chinese that something was done: 聊过, 发布了.
DONE = frozenset("到过過了")


class KoreanWord(NamedTuple):
    """A Korean word cut in two: 뤼튼에서 is the name 뤼튼 with the particle 에서."""

    name: str
    particles: str
    kind: int


def korean_name(word: str, context: Context) -> KoreanWord | None:
    """``word`` as a name with particles at its end; None if the table explains it, as nouns or as a verb."""
    stem, particles = _without_particles(word)
    if particles and _is_noun(word, context):
        stem, particles = word, ""  # 다나와: 와 belongs to it
    pieces = context.table.segment(stem)
    if not {word, stem, pieces[0]}.isdisjoint(STOP_WORDS["ko"]) or _is_explained(stem, pieces, context):
        return None
    begins_with_word = len(pieces[0]) > 1 and context.table.zipf(pieces[0]) >= COMMON
    if context.archive.frequency(stem):
        return KoreanWord(stem, particles, Kind.CONTENT if begins_with_word else Kind.NAME)
    if begins_with_word or context.table.zipf(pieces[0]) >= GRAMMAR:
        return None  # a usual noun with a suffix, or a verb
    return KoreanWord(stem, particles, Kind.FOREIGN if context.foreign else Kind.CONTENT)


def _is_explained(stem: str, pieces: Sequence[str], context: Context) -> bool:
    """Whether a word without particles is one syllable, a compound of words in the table, or a verb. A verb has the
    ending of one, and begins with a common word or never has a particle of nouns after it in the archive.
    """
    if len(stem) == 1 or all(len(piece) > 1 and piece in context.table for piece in pieces):
        return True
    begins_with_word = len(pieces[0]) > 1 and context.table.zipf(pieces[0]) >= COMMON
    return _is_verb(pieces, context) and (begins_with_word or not _is_noun(stem, context))


def is_korean_particle(text: str) -> bool:
    """Whether ``text`` is one or two particles that follow a noun (에서, 에서는), not the ending of a verb."""
    return text in _PARTICLES


def _without_particles(word: str) -> tuple[str, str]:
    """A Korean word without the particles at its end, but of two syllables at least; and these particles.

    >>> _without_particles("클로드에서는"), _without_particles("사피온이"), _without_particles("루나은")
    (('클로드', '에서는'), ('사피온', '이'), ('루나은', ''))
    """
    for end in range(2, len(word)):
        if word[end:] in _PARTICLES and _may_follow(word[:end], word[end:]):
            return word[:end], word[end:]
    return word, ""


def _may_follow(stem: str, particles: str) -> bool:
    """Whether particles have the right form for the last sound of ``stem``."""
    final = _final(stem)
    if particles.startswith("으로"):
        return final not in (0, _FINAL_L)
    if particles.startswith("로"):
        return final in (0, _FINAL_L)
    return not particles.startswith(_AFTER_VOWEL if final else _AFTER_CONSONANT)


def _is_noun(word: str, context: Context) -> bool:
    """Whether the archive has ``word`` with a particle that only nouns take."""
    return any(context.archive.frequency(word + one) for one in (("이", "을") if _final(word) else ("가", "를")))


def _final(text: str) -> int:
    """The number of the consonant that the last syllable ends in; 0 for a vowel."""
    return (ord(text[-1]) - _FIRST_SYLLABLE) % _FINALS


def _is_verb(pieces: Sequence[str], context: Context) -> bool:
    """Whether the last piece of a word is the ending of a verb or an adjective."""
    last = pieces[-1]
    return last in VERB_ENDINGS or context.table.zipf(last) >= (GRAMMAR if len(last) == 1 else COMMON_NOUN)


def chinese_words(run: str, context: Context) -> list[str]:
    """The words of a Chinese text. The table takes an unknown name and the usual words before it as one unknown word
    (讨论过阶跃星辰). Of that, a name in the archive is one word; else the rest without words that ask is one.
    """
    names: set[str] = set()
    for piece in context.table.segment(run):
        if piece not in context.table and len(piece) > _SHORTEST:
            names.update(_held_in(piece, context) or filter(None, [_without_asking(piece)]))
    return context.table.segment(run, names.__contains__)


def _held_in(text: str, context: Context) -> list[str]:
    """The longest part of an unknown word, of two characters or more, that the archive has; nothing if it has none."""
    for size in range(len(text), _SHORTEST - 1, -1):
        for start in range(len(text) - size + 1):
            if context.archive.frequency(text[start : start + size]):
                return [text[start : start + size]]
    return []


def _without_asking(text: str) -> str:
    """An unknown word without the words at its beginning that ask; "" if it does not begin with one."""
    stop, begin = STOP_WORDS["zh"], 0
    while begin < len(text):
        end = next((end for end in range(min(len(text), begin + 3), begin, -1) if text[begin:end] in stop), begin)
        if end == begin and (begin == 0 or text[begin] not in DONE):
            break
        begin = max(end, begin + 1)
    return text[begin:] if begin else ""


def chinese_names(pieces: Sequence[str], context: Context) -> Iterator[tuple[int, int]]:
    """The slices of ``pieces``, the words of a Chinese text, that are names in the archive: begin and end.

    Several pieces are a name if the archive has them together and hardly ever apart, and one of them is rare. A single
    piece is a name if the archive has it and the table does not.
    """
    stop = STOP_WORDS["zh"]
    begin = 0
    while begin < len(pieces):
        end = min(len(pieces), begin + _LONGEST)
        while end > begin and not _is_chinese_name(pieces[begin:end], context, stop):
            end -= 1
        if end > begin:
            yield begin, end
        begin = max(end, begin + 1)


def _is_chinese_name(pieces: Sequence[str], context: Context, stop: frozenset[str]) -> bool:
    """Whether pieces form one name: 零/一/万物 and 智/谱 do, 谱/的 and 发布/新/模型 do not."""
    if len(pieces) == 1:
        return len(pieces[0]) > 1 and pieces[0] not in context.table and context.archive.frequency(pieces[0]) > 0
    if not any(_is_rare(piece, context) for piece in pieces) or not all(map(str.isalnum, pieces)):
        return False
    for edge in (pieces[0], pieces[-1]):
        if edge in stop or context.table.zipf(edge) >= (_CHINESE_GRAMMAR if len(edge) == 1 else COMMON_NOUN):
            return False
    together = context.archive.frequency("".join(pieces))
    return together >= max(1, _TOGETHER * min(map(context.archive.frequency, pieces)))


def is_chinese_content(pieces: Sequence[str], at: int, context: Context) -> bool:
    """Whether a single character is part of a name that the archive lacks: it is rare, and next to another rare
    character or word (宇/树 in 宇树科技, 昆仑/芯).
    """
    beside = [pieces[one] for one in (at - 1, at + 1) if 0 <= one < len(pieces)]
    return len(pieces[at]) == 1 and _is_rare(pieces[at], context) and any(_is_rare(one, context) for one in beside)


def _is_rare(piece: str, context: Context) -> bool:
    """Whether a word is in the table, but rare enough to be part of a name."""
    return piece.isalnum() and 0 < context.table.zipf(piece) < (COMMON_NOUN if len(piece) == 1 else COMMON)

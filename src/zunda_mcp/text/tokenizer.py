"""The tokenizer turns normalised text into terms, for indexes and queries alike.

It needs no dictionary. Text without spaces becomes overlapping pairs of characters (bigrams), so that a word of two
characters is one exact term; text with spaces becomes words. On this kind of archive, bigrams, rules for Latin and
terms of whole runs ranked as well as a dictionary of 200 MB.

Kinds of term, all lower case:

- ``tensorrt``: a word; ``c++``, ``c#`` and ``2.5`` keep their signs.
- ``tensorrtllm``: the parts of a compound joined (``TensorRT-LLM``, ``gpt-4o``), whole and by neighbouring pairs.
- ``qwen``: the letters before the digits in ``qwen2.5``, so that a name finds its versions.
- ``v18.1``, ``v18``: the releases that ``v18.1.0`` belongs to. A number of two parts (``2.5``) is a name of its own.
- ``~cafe``: ``café`` without its accent, in addition to the word itself, so that either spelling finds both.
- ``学習``: a bigram; ``習``: the last character of a run, so that the terms that begin with a character are exactly its
  occurrences.
- ``=エージェント``: a whole run of katakana or kanji, to prefer a word to a part of a longer one.

Runs of hiragana are cut into grammar and content. Japanese writes most content in kanji, katakana and Latin, and
grammar in hiragana, but some content as well (ぬいぐるみ, ずんだもん). A run is cut at the lowest cost into words of a
closed list (particles, auxiliaries, their usual forms, words that only point) and unknown stretches, which are content.
This is minimum-cost segmentation (Nagata, "A stochastic Japanese morphological analyzer", COLING 1994) with a few fixed
costs in place of a trained model.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from operator import add

from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import CJK, HAN, KATAKANA, LETTER, fold_accents, has_han

__all__ = [
    "ACCENT_MARK", "MAX_WORD", "PARTICLES", "bigrams", "content_words", "count_terms", "fewest_pieces", "is_grammar",
    "is_word", "joined", "parts", "run_term", "tokens", "unaccented_term",
]  # fmt: skip

#: The first character of terms of words without their accents.
ACCENT_MARK = "~"

_WORD = rf"(?:{LETTER}|(?<=\d)\.(?=\d))+(?:[+#]+(?!{LETTER}))?"
_TOKEN = lazy_pattern(rf"([{CJK}]+)|({_WORD}(?:[-./_'&]{_WORD})*)")
_PART = lazy_pattern(_WORD)
_NAME_AND_DIGITS = lazy_pattern(r"([a-z]{2,})[0-9]")
_RELEASE = lazy_pattern(r"[a-z]*\d+(?:\.\d+){2,}")
_RUN = lazy_pattern(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}(?:・[{KATAKANA}]{{2,}})*")

MAX_WORD = 64
_MAX_JOINED_PARTS = 4


def tokens(text: str) -> Iterator[tuple[str, bool, int, int]]:
    """The runs of normalised text, in order: ``(run, is_cjk, start, end)``. A Latin run is a whole compound."""
    for match in _TOKEN.finditer(text):
        yield match.group(), match.group(1) is not None, match.start(), match.end()


def parts(compound: str) -> list[str]:
    """The words of a compound: ``["tensorrt", "llm"]`` for ``tensorrt-llm``; a plain word alone."""
    return [part[:MAX_WORD] for part in _PART.findall(compound)]


def joined(words: list[str]) -> list[str]:
    """The words of a compound joined: all of them, and if they are three or more each neighbouring pair."""
    if not 2 <= len(words) <= _MAX_JOINED_PARTS:
        return []
    whole = ["".join(words)]
    if len(words) > 2:
        whole += [first + second for first, second in pairwise(words)]
    return [word for word in whole if len(word) <= MAX_WORD and not word.isdigit()]


def bigrams(run: str) -> list[str]:
    """The overlapping pairs of characters in a run of CJK; a single character alone."""
    return list(map(add, run, run[1:])) or [run]


def run_term(run: str) -> str:
    """The term of a whole run of katakana or kanji."""
    return "=" + run[:MAX_WORD]


def unaccented_term(word: str) -> str:
    """The term shared by all words with accents that differ from ``word`` only in their accents."""
    return ACCENT_MARK + fold_accents(word)


def is_word(term: str) -> bool:
    """Whether a term is a word or a part of one, not the term of a run or of a word without its accents."""
    return term[0] not in ("=", ACCENT_MARK)


def count_terms(text: str) -> Counter[str]:
    """The terms of normalised ``text`` with their numbers of occurrences, for the index."""
    terms: list[str] = [run_term(run) for run in _RUN.findall(text)]
    for run, compound in _TOKEN.findall(text):
        if run:
            terms += map(add, run, run[1:])
            terms.append(run[-1])
            continue
        if compound.isalnum():
            words = [compound[:MAX_WORD]]
        else:
            words = parts(compound)
            if len(words) > 1:
                terms += joined(words)
        if not compound.isascii():
            terms += [unaccented_term(word) for word in (*words, *joined(words)) if fold_accents(word) != word]
        terms += words
        for word in words:
            if name := _NAME_AND_DIGITS.match(word):
                terms.append(name.group(1))
            if "." in word and _RELEASE.fullmatch(word):
                terms += _series(word)
    return Counter(terms)


def _series(release: str) -> list[str]:
    """The releases to which one of three parts or more belongs: ``3.11`` for ``3.11.4``, but not the bare ``3``."""
    numbers = release.split(".")
    series = [".".join(numbers[:end]) for end in range(1, len(numbers))]
    return [shorter for shorter in series if not shorter.isdigit()]


_WORDS = """
は が を に へ と で の も や か ね よ な わ ぞ さ し から まで より ので のに のは のが
のを のも けど けれど けれども でも ても ては では には とは にも へは への との での からの までの
として とか など なんか なんて って ってる という といった といって いう いった いって について
に対して によって により による よって において における おける にて ため ための ために こと ことが
ことを ことに もの ものが ものを ところ とき よう ような ように ようだ みたい みたいな みたいに
みたいだ そう そうな そうに らしい ほど くらい ぐらい だけ だけで しか ばかり さえ すら こそ ずつ
まま つつ ながら たり だり たりした たりする たりして た だ て ない なく なかった なくて なければ
なくなる なくなった ぬ ず ずに ん んだ ます ました ません ましょう ましたか ますか です でした
でしょう ですか だろう だった である であり であった する した して しない します しました したら
すれば しよう される された されて させる させた させて せる せた せて られる られた られて れる れた
れて いる いた いて いない います いました ている ていた ていて てる てた ておく てしまう てしまった
てしまい ちゃう ちゃった ある あった あり あって あります ありました ありましたか ありますか なる なった
なって なり なります なれば になる になった おく おいた しまう しまった しまって しまい くる きた きて
いく くれる くれた くれて もらう もらった もらって もらえる もらえた あげる あげた ください ほしい たい
たく たかった やすい にくい すぎる すぎた できる できた できて でき できない できます やる やった
やって やり やらせる やらせて やらせた この その あの どの これ それ あれ どれ ここ そこ どこ こう
どう こんな そんな あんな どんな だれ なに なぜ いつ とても すごく もっと また まだ もう ただ ただの
すぐ そして しかし だから それで それから なので および あるいは または いろいろ たくさん どおり とおり
おり ごと たち さん ちゃん さま げ み がち っぽい たら なら ば れば もらっ しまっ なっ あっ やっ
いっ だっ くれ たか のか るか なのか せたら ませて ざる べき はず わけ つもり うち あと まえ せい
せいで おかげ おかげで まつわる めぐる いただき いただく いただいた いただいて いただける いただけ
かもしれない かもしれません しれない いたします くださる くださった
"""
_GRAMMAR = frozenset(_WORDS.split())
_LONGEST = max(map(len, _GRAMMAR))
_GRAMMAR_COST, _PARTICLE_COST, _NAME_COST = 1.0, 0.5, 0.5
_UNKNOWN_COST, _LETTER_COST, _OKURIGANA_COST = 2.0, 0.6, 0.5
_MAX_UNKNOWN = 24
_OBJECT = "を"
_LEAST = 2
_LEAST_NAME = 3
PARTICLES = frozenset("はがをにへとでのもやか")


def is_grammar(text: str) -> bool:
    """Whether text in hiragana is a word of Japanese grammar."""
    return text in _GRAMMAR


def content_words(run: str, *, after: str = "", is_word: Callable[[str], bool] | None = None) -> list[str]:
    """The stretches of two characters or more in a run of hiragana that are not grammar, in order.

    ``is_word`` says whether a stretch is a name in the archive. The run comes ``after`` this text: the first characters
    after a kanji end its word (okurigana) and are not words; after nothing, a particle is unlikely.

    >>> content_words("したりした"), content_words("かわいい")
    ([], ['かわいい'])
    """
    size = len(run)
    best: list[tuple[float, int, bool]] = [(0.0, 0, False)] + [(math.inf, 0, False)] * size
    for end in range(1, size + 1):
        for start in range(max(0, end - _MAX_UNKNOWN), end):
            cost, content = _cost(run[start:end], after if start == 0 else None, is_word)
            best[end] = min(best[end], (best[start][0] + cost, start, content))
    pieces: list[str] = []
    end = size
    while end > 0:
        _, start, content = best[end]
        if content and end - start >= _LEAST:
            pieces.append(run[start:end])
        end = start
    return pieces[::-1]


def fewest_pieces(run: str, shortest: int, is_piece: Callable[[str], bool]) -> list[str]:
    """``run`` cut into the fewest pieces of ``shortest`` characters or more; nothing if it cannot be cut."""
    best: list[list[str] | None] = [[]] + [None] * len(run)
    for end in range(shortest, len(run) + 1):
        for start in range(end - shortest + 1):
            before, now = best[start], best[end]
            if before is None or (now is not None and len(before) + 1 >= len(now)):
                continue
            if is_piece(run[start:end]):
                best[end] = [*before, run[start:end]]
    return best[-1] or []


def _cost(piece: str, after: str | None, is_word: Callable[[str], bool] | None) -> tuple[float, bool]:
    """The cost of a stretch, and whether it is content; ``after`` is the text before the first stretch, else None."""
    if _OBJECT in piece and len(piece) > 1:
        return math.inf, False  # を is never inside a word
    okurigana = after is not None and has_han(after)
    if len(piece) <= _LONGEST and piece in _GRAMMAR:
        return (_PARTICLE_COST if piece in PARTICLES and after != "" else _GRAMMAR_COST), False
    if is_word is not None and len(piece) >= _LEAST_NAME and is_word(piece):
        return _NAME_COST, True
    if okurigana and len(piece) <= _LEAST:
        return _OKURIGANA_COST, False
    return _UNKNOWN_COST + _LETTER_COST * max(_LEAST, len(piece)), not okurigana

"""The tokenizer: normalised text in, terms out. One for indexing and for asking.

No dictionary. Text without spaces becomes overlapping pairs of characters (bigrams), the form in which a
two-character word is one exact term; text with spaces becomes words. Measured on this kind of archive, bigrams
with Latin rules and whole-run terms ranked as well as a 200 MB dictionary.

Kinds of term, all lower case:

- ``tensorrt``: a word; ``c++``, ``c#`` and ``2.5`` keep their signs.
- ``tensorrtllm``: the parts of a compound joined (``TensorRT-LLM``, ``gpt-4o``), whole and by neighbouring pairs.
- ``qwen``: the letters before the digits of ``qwen2.5``, so that a name finds its versions.
- ``学習``: a bigram; ``習``: the last character of a run, so that the terms that begin with a character are
  exactly the places where it stands.
- ``=エージェント``: a whole run of katakana or kanji, to prefer a word over a part of a longer one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from operator import add

from zunda_mcp.text.scripts import CJK, HAN, KATAKANA, LETTER

_WORD = rf"(?:{LETTER}|(?<=\d)\.(?=\d))+(?:[+#]+(?!{LETTER}))?"
_TOKEN = re.compile(rf"([{CJK}]+)|({_WORD}(?:[-./_'&]{_WORD})*)")
_PART = re.compile(_WORD)
_NAME_AND_DIGITS = re.compile(r"([a-z]{2,})[0-9]")
_RUN = re.compile(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}(?:・[{KATAKANA}]{{2,}})*")

_MAX_WORD = 64
_MAX_JOINED_PARTS = 4


def tokens(text: str) -> Iterator[tuple[str, bool, int, int]]:
    """Runs of normalised text in order: ``(run, is_cjk, start, end)``. A Latin run is a whole compound."""
    for match in _TOKEN.finditer(text):
        yield match.group(), match.group(1) is not None, match.start(), match.end()


def parts(compound: str) -> list[str]:
    """``tensorrt-llm`` as ``["tensorrt", "llm"]``; a plain word as itself."""
    return [part[:_MAX_WORD] for part in _PART.findall(compound)]


def joined(words: list[str]) -> list[str]:
    """The parts of a compound written together: the whole, and neighbouring pairs of three or more."""
    if not 2 <= len(words) <= _MAX_JOINED_PARTS:
        return []
    whole = ["".join(words)]
    if len(words) > 2:
        whole += [first + second for first, second in pairwise(words)]
    return [word for word in whole if len(word) <= _MAX_WORD and not word.isdigit()]


def bigrams(run: str) -> list[str]:
    """Overlapping pairs of a run of CJK; a lone character as itself."""
    return list(map(add, run, run[1:])) or [run]


def whole_runs(text: str) -> list[str]:
    """Terms for the katakana and kanji runs that stand in ``text`` as wholes."""
    return [run_term(run) for run in _RUN.findall(text)]


def run_term(run: str) -> str:
    """The term of one whole katakana or kanji run."""
    return "=" + run[:_MAX_WORD]


def count_terms(text: str) -> Counter[str]:
    """Every term of normalised ``text`` with how often it stands there, for the index."""
    found: list[str] = whole_runs(text)
    for run, compound in _TOKEN.findall(text):
        if run:
            found += map(add, run, run[1:])
            found.append(run[-1])
            continue
        if compound.isalnum():
            words = [compound[:_MAX_WORD]]
        else:
            words = parts(compound)
            if len(words) > 1:
                found += joined(words)
        found += words
        for word in words:
            if name := _NAME_AND_DIGITS.match(word):
                found.append(name.group(1))
    return Counter(found)

"""The words of an archive as documents of a cluster: what ``zunda_mcp.index.vocabulary`` keeps in files at home."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from zunda_mcp.engine.opensearch.units import exact_units
from zunda_mcp.index.vocabulary import Vocabulary
from zunda_mcp.text.normalize import KATAKANA, fold_katakana

__all__ = ["HIRAGANA", "NAME", "RUN", "WORD", "word_documents", "word_id"]

_KANA = re.compile(rf"[{KATAKANA}]")

RUN, WORD, HIRAGANA, NAME = "run", "word", "hiragana", "name"


def word_id(kind: str, word: str) -> str:
    """The id of a word's document."""
    return f"{kind}:{blake2b(word.encode('utf-8', 'surrogatepass'), digest_size=12).hexdigest()}"


def word_documents(vocabulary: Vocabulary) -> Iterator[tuple[str, dict[str, Any]]]:
    """Ids and bodies of all words: runs of katakana or kanji, words of other scripts, names in hiragana, and names of
    several Latin words.
    """
    sounds: dict[str, list[str]] = {}
    for line in vocabulary.sounds:
        key, _, word = line.partition("\t")
        sounds.setdefault(word, []).append(key)
    kinds = ((RUN, vocabulary.runs), (WORD, vocabulary.words), (HIRAGANA, sorted(vocabulary.names)))
    for kind, words in kinds:
        for word in words:
            yield word_id(kind, word), _document(kind, word, sounds.pop(word, []))
    for word, keys in sounds.items():
        yield word_id(NAME, word), _document(NAME, word, keys)


def _document(kind: str, word: str, sounds: list[str]) -> dict[str, Any]:
    written = word.encode("utf-8", "replace").decode("utf-8")
    result: dict[str, Any] = {"word": written, "kind": kind, "sound": sounds}
    if kind == RUN:
        result["letters"] = " ".join(exact_units(word))
        if _KANA.match(word):
            folded = fold_katakana(word)
            result |= {"kana": folded, "kana_letters": " ".join(exact_units(folded))}
    return result

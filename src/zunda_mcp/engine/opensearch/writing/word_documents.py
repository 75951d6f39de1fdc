"""The words of an archive as documents of a cluster: what ``zunda_mcp.index.vocabulary`` keeps in files at home."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any

from zunda_mcp.engine.opensearch.units import exact_units
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.index.schema import NOTES, SPOKEN, TEXT
from zunda_mcp.text.normalize import KATAKANA, fold_katakana, has_cjk
from zunda_mcp.text.tokenizer import ACCENT_MARK, is_word, run_term

__all__ = ["RUN", "WORD", "word_documents", "word_of"]

_KANA = re.compile(rf"[{KATAKANA}]")

RUN, WORD, _HIRAGANA, _NAME, _UNACCENTED, _IN_SPEECH = "run", "word", "hiragana", "name", "unaccented", "spoken"


def word_of(term: str, field: str) -> str | None:
    """The id of the document of the word that a term of a field stands for; None where such terms have none."""
    if term[0] == ACCENT_MARK:
        return _id(_UNACCENTED, term)
    if term == run_term(term[1:]):
        return None if field == SPOKEN else _id(RUN, term[1:])
    return _id(_IN_SPEECH if field == SPOKEN else WORD, term) if _is_listed(term) else None


def _is_listed(term: str) -> bool:
    return len(term) > 2 and is_word(term) and not has_cjk(term)


def _id(kind: str, word: str) -> str:
    return f"{kind}:{blake2b(word.encode('utf-8', 'surrogatepass'), digest_size=12).hexdigest()}"


def word_documents(reader: IndexReader) -> Iterator[tuple[str, dict[str, Any]]]:
    """Ids and bodies of all words: runs of katakana or kanji, words of other scripts and those of them with accents as
    they are without, names in hiragana, and names of several Latin words; and words of other scripts in what is spoken.
    """
    vocabulary = reader.vocabulary
    sounds: dict[str, list[str]] = {}
    for line in vocabulary.sounds:
        key, _, word = line.partition("\t")
        sounds.setdefault(word, []).append(key)
    kinds: tuple[tuple[str, Iterable[str]], ...] = (
        (RUN, vocabulary.runs),
        (WORD, vocabulary.words),
        (_HIRAGANA, sorted(vocabulary.names)),
        (_UNACCENTED, sorted({term for field in (TEXT, NOTES, SPOKEN) for term in reader.terms(ACCENT_MARK, field)})),
        (_IN_SPEECH, filter(_is_listed, reader.terms("", SPOKEN))),
    )
    for kind, words in kinds:
        for word in words:
            yield _id(kind, word), _document(kind, word, sounds.pop(word, []))
    for word, keys in sounds.items():
        yield _id(_NAME, word), _document(_NAME, word, keys)


def _document(kind: str, word: str, sounds: list[str]) -> dict[str, Any]:
    written = word.encode("utf-8", "replace").decode("utf-8")
    result: dict[str, Any] = {"word": written, "kind": kind, "sound": sounds}
    if kind == RUN:
        result["letters"] = " ".join(exact_units(word))
        if _KANA.match(word):
            folded = fold_katakana(word)
            result |= {"kana": folded, "kana_letters": " ".join(exact_units(folded))}
    return result

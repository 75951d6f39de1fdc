"""Forms of one English word: evaluate, evaluating, evaluation; host, hosted, hosting.

Two words are forms of one if they begin alike and end in two endings of one list, so that no word is cut to a stem that
is not a word. This is conflation by pairs of suffixes, as in Xu and Croft ("Corpus-based stemming using cooccurrence of
word variants", TOIS 1998), except that the corpus only says which forms exist.
"""

from __future__ import annotations

__all__ = ["other_number", "same_word", "singular", "stem_to_search"]

_VERBAL = ["ed", "ing", "ings", "er", "ers", "or", "ors", "ion", "ions", "ation", "ations", "able", "ability", "ably"]
#: Endings that one stem may have: stems of words in a consonant, in e, and in y.
_FAMILIES = tuple(
    frozenset(family)
    for family in (
        ["", "s", "es", "ment", "ments", "ly", *_VERBAL],
        ["e", "es", "ement", "ements", "ely", *_VERBAL],
        ["y", "ies", "ied", "ying", "yer", "yers"],
    )
)
_PLAIN = frozenset(["", "s", "e", "es", "ed", "ing", "y", "ies"])  # endings after a stem of three letters
_LEAST, _LEAST_SHORT, _SHORT = 4, 3, 5
_LONGEST_ENDING = 7


def stem_to_search(word: str) -> str:
    """The letters with which every form of ``word`` begins, by which to look up candidates."""
    return word[: max(_LEAST_SHORT, len(word) - _LONGEST_ENDING)]


def singular(word: str) -> tuple[str, ...]:
    """The singular of an English plural, judged by its ending; empty if the word does not look like a plural."""
    if not word.isascii() or not word.isalpha() or len(word) < _LEAST or not word.endswith("s"):
        return ()
    if word.endswith(("ss", "us", "is")):
        return ()
    return (word[:-3] + "y",) if word.endswith("ies") else (word[:-1],)


def other_number(word: str) -> tuple[str, ...]:
    """The plural or singular of an English noun, by the s-stemmer of Harman ("How effective is suffixing?", 1991)."""
    if len(word) < _LEAST or not word.isascii() or not word.isalpha():
        return ()
    return singular(word) or ((word[:-1] + "ies") if word.endswith("y") else word + "s",)


def same_word(first: str, second: str) -> bool:
    """Whether two lower-case English words are forms of one word.

    >>> same_word("evaluate", "evaluation"), same_word("run", "running"), same_word("organ", "organic")
    (True, True, False)
    """
    if not (first.isascii() and first.isalpha() and second.isascii() and second.isalpha()):
        return False
    size, most = 0, min(len(first), len(second))
    while size < most and first[size] == second[size]:
        size += 1
    least = min(_least(first), _least(second))
    while size >= least:
        rests = one, two = first[size:], second[size:]
        related = [family for family in _FAMILIES if one in family and two in family]
        if related and (size >= _LEAST or _PLAIN.issuperset(rests)):
            return True
        if "" in rests and _doubled(first[:size], max(rests)):
            return True
        size -= 1
    return False


def _least(word: str) -> int:
    return _LEAST_SHORT if len(word) <= _SHORT else _LEAST


def _doubled(stem: str, rest: str) -> bool:
    """Whether ``rest`` repeats the last letter of ``stem`` before an ending: run and running."""
    return rest[:1] == stem[-1:] and rest[1:] in (("ing",) if len(stem) < _LEAST else ("ing", "ed", "er", "ers"))

"""A regular expression that a caller typed: normalised like the texts that it is matched with, compiled by RE2, and
analysed.

RE2 takes time in proportion to the text, whatever the pattern (https://github.com/google/re2), so anybody's pattern may
be run. It has no look-around and no back-references (https://github.com/google/re2/wiki/Syntax). Full-width letters,
dashes, quotes and spaces become those of normalised text; an alternative without capitals matches in any case.

Only texts that contain certain strings can match, and only these are read, as Russ Cox describes for Google Code Search
("Regular Expression Matching with a Trigram Index", https://swtch.com/~rsc/regexp/regexp4.html, 2012). There the
strings become trigrams; here each is looked up by the terms of our own index.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from zunda_mcp.answers import Case
from zunda_mcp.errors import ArgumentError
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import CJK, HAN, HIRAGANA, KATAKANA, LETTER, continues, normalize
from zunda_mcp.text.tokenizer import PARTICLES

__all__ = ["Required", "TextPattern", "required_literals"]

Required = list[frozenset[str]]
"""Every text that matches contains at least one string of each set."""


_MEMORY = 4 << 20
"""Most bytes that RE2 may use for one pattern; one that needs more is refused."""
_LONGEST = 500
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
_IGNORING_CASE = re.compile(r"\(\?[msU]*i")
_END_OF_TEXT = {"\\A": "^", "\\z": "$", "\\Z": "$"}
_CLASSES = tuple(lazy_pattern(text) for text in (LETTER, f"[{HAN}]", f"[{KATAKANA}]", f"[{HIRAGANA}]"))
_HIRAGANA_CLASS = 3
_FOLLOWING = PARTICLES | set("だでさっしすな")
"""Characters that may follow a word in hiragana: particles, and the first ones of です, だ, する, さん, って."""
_CJK_LETTER, _OTHER_LETTER = lazy_pattern(f"[{CJK}]"), lazy_pattern(LETTER)
_DEEPEST = 50
_LEAST_WORD = 5
"""Fewest characters of a word that may be misspelt; parts of words in a pattern are mostly shorter."""
_PIECE = re.compile(
    r"(?P<quoted>\\Q.*?(?:\\E|\Z))"
    r"|(?P<escape>\\(?:[pP]\{[^}]*\}|[pP].|x\{[0-9A-Fa-f]*\}|x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.|\Z))"
    r"|(?P<class>\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\])"
    r"|(?P<open>\((?:\?(?:P?<\w*>|[imsU-]*:?))?)"
    r"|(?P<close>\))"
    r"|(?P<repeat>(?:[*+?]|\{\d+(?:,\d*)?\})[?]?)"
    r"|(?P<bar>\|)"
    r"|(?P<anchor>[\^$.])"
    r"|(?P<literal>.)",
    re.DOTALL,
)
_FLAGS_ALONE = re.compile(r"\(\?[imsU-]+\Z")
_NEVER = re.compile(r"[*?]|\{0")


class TextPattern:
    """A compiled pattern. Thread-safe.

    Raises ``ArgumentError`` if the pattern is empty, too long or matches the empty text, or if RE2 cannot read it.
    """

    def __init__(self, pattern: str, *, case: Case = "smart", whole_words: bool = False) -> None:
        if not pattern.strip():
            msg = 'pattern is empty; write what to look for, such as pattern="Claude ?Code|Codex".'
            raise ArgumentError("pattern", msg)
        if len(pattern) > _LONGEST:
            msg = f"pattern is {len(pattern)} characters long and at most {_LONGEST} are read; look for less at once."
            raise ArgumentError("pattern", msg)
        self._pattern = pattern
        self.case = case
        tokens = _with_marks(_tokens(pattern))
        capitals = case == "match" or (case == "smart" and _has_capitals(tokens))
        self.keeps_case = capitals and not _IGNORING_CASE.match(pattern)
        """Whether capitals count, so that texts must be matched with their capitals."""
        self.whole_words = whole_words
        self.folded = _folded(tokens, fold_case=not self.keeps_case)
        """The normalised pattern, which is compiled."""
        if self.keeps_case and case == "smart":
            self.folded = "|".join(map(_smart_case, _alternatives(tokens)))
        self._regexp = _compiled(self.folded, self.keeps_case, pattern)
        if self._regexp.fullmatch(b"") is not None:
            msg = f'pattern="{pattern[:40]}" matches everything, the empty text too; name what must stand there.'
            raise ArgumentError("pattern", msg)

    def ignoring_case(self) -> TextPattern:
        """The same pattern in any case."""
        return TextPattern(self._pattern, case="ignore", whole_words=self.whole_words)

    @cached_property
    def literals(self) -> Required:
        """The strings, without capitals, that a normalised text must contain for the pattern to match it."""
        return [frozenset(normalize(text) for text in choice) for choice in required_literals(self.folded)]

    @cached_property
    def _needles(self) -> list[list[bytes]]:
        return [[text.encode("utf-8", "surrogatepass") for text in choice] for choice in self.literals]

    @cached_property
    def words(self) -> list[str]:
        """The words that are a whole alternative of the pattern, and so may be misspelt in it."""
        pattern = self.ignoring_case() if self.keeps_case else self
        texts = (text for choice in pattern.literals for text in choice if len(text) >= _LEAST_WORD and " " not in text)
        return sorted(text for text in texts if pattern._regexp.fullmatch(text.encode("utf-8", "surrogatepass")))

    def may_match(self, folded: bytes) -> bool:
        """Whether a text may match, given its form without capitals: cheap, and never wrongly False."""
        if not self.keeps_case:
            return self._regexp.search(folded) is not None
        return all(any(text in folded for text in choice) for choice in self._needles)

    def spans(self, plain: str) -> list[tuple[int, int]]:
        """The matches in a normalised text (with capitals if they count), in order, as offsets in characters."""
        data = plain.encode("utf-8", "surrogatepass")
        matches = list(self._in_bytes(data))
        if not matches or len(data) == len(plain):
            return [span for span in matches if self._stands(plain, *span)]
        inside = [(len(data[:start].decode("utf-8", "surrogatepass")), start, end) for start, end in matches]
        spans = [(at, at + len(data[start:end].decode("utf-8", "surrogatepass"))) for at, start, end in inside]
        return [span for span in spans if self._stands(plain, *span)]

    def lines(self, data: bytes) -> Iterator[tuple[int, int]]:
        """The matches in UTF-8 text, as offsets in bytes; whether they are whole words is not checked."""
        return self._in_bytes(data)

    def _in_bytes(self, data: bytes) -> Iterator[tuple[int, int]]:
        for match in self._regexp.finditer(data):
            start, end = match.span()
            if end > start:
                yield start, end

    def _stands(self, plain: str, start: int, end: int) -> bool:
        if not self.whole_words:
            return True
        return not (_joined(plain, start) or (_joined(plain, end) and not _ends_here(plain, end)))


def _compiled(folded: str, keeps_case: bool, pattern: str) -> Any:
    import re2  # a library of C++, loaded when the first pattern is compiled

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = keeps_case
    options.max_mem = _MEMORY
    try:
        compiled = re2.compile(f"(?m){folded}".encode("utf-8", "surrogatepass"), options)
    except re2.error as error:
        raise ArgumentError("pattern", _message(pattern, error)) from None
    re2.purge()  # else it keeps 128 patterns with their memory
    return compiled


def _message(pattern: str, error: Exception) -> str:
    cause = error.args[0] if error.args else error
    cause = cause.decode("utf-8", "replace") if isinstance(cause, bytes) else str(cause)
    shown = f'pattern="{pattern[:60]}"'
    if "perl operator: (?" in cause or "escape sequence: \\" in cause:
        return (
            f"{shown} has what this kind of regular expression (RE2) does not ({cause}): there is no look-around and "
            'no back-reference. Write the words themselves, such as pattern="GPT-?5|Claude"; whole_word=true for '
            "word boundaries."
        )
    return (
        f"{shown} is not a regular expression (RE2: {cause}); put a backslash before each sign that stands for itself."
    )


def _alternatives(tokens: Sequence[_Token]) -> list[list[_Token]]:
    """The alternatives of a whole pattern, each as its pieces: those of ``a|b``, but not those inside a group."""
    alternatives: list[list[_Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if token.kind == "bar" and not depth:
            alternatives.append([])
        else:
            alternatives[-1].append(token)
    return alternatives


def _smart_case(alternative: list[_Token]) -> str:
    """One alternative of a pattern that has capitals somewhere: if this one has none, it matches in any case."""
    if _has_capitals(alternative):
        return _folded(alternative, fold_case=False)
    return f"(?i:{_folded(alternative, fold_case=True)})"


def _has_capitals(tokens: list[_Token]) -> bool:
    shown = (token.literal or (token.text if token.kind == "class" else "") for token in tokens)
    return any(character.isupper() for text in shown for character in re.sub(r"\\.", "", text))


def _with_marks(tokens: Iterable[_Token]) -> list[_Token]:
    """The pieces of a pattern, each letter joined with the marks after it, so that a repetition repeats both."""
    joined: list[_Token] = []
    for token in tokens:
        if token.kind == "literal" and continues(token.text) and joined and (letter := joined[-1].literal):
            joined[-1] = _Token("quoted", f"\\Q{letter}{token.text}\\E")
        else:
            joined.append(token)
    return joined


def _folded(tokens: list[_Token], *, fold_case: bool) -> str:
    """The pattern with its characters normalised."""
    pieces: list[str] = []
    for at, token in enumerate(tokens):
        literal = token.literal
        if literal is not None and literal != " ":
            normal = normalize(literal, fold_case=fold_case)
            several = len(normal) > 1 and tokens[at + 1 : at + 2] and tokens[at + 1].kind == "repeat"
            pieces.append(f"(?:{_escaped(normal)})" if several else _escaped(normal))
        elif literal == " ":
            pieces.append("" if _closes_up(tokens, at) else " ")
        elif token.kind == "class":
            pieces.append("".join(_in_class(character) for character in token.text))
        else:
            pieces.append(_END_OF_TEXT.get(token.text, token.text))
    return "".join(pieces)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _in_class(character: str) -> str:
    if character.isascii():
        return character
    normal = normalize(character, fold_case=False)
    return character if len(normal) != 1 else (f"\\{normal}" if normal in "\\]^-[" else normal)


def _closes_up(tokens: list[_Token], at: int) -> bool:
    """Whether a space is where normalised text has none: after another space, or between Japanese and Latin."""
    before, after = (tokens[i].literal or "" if 0 <= i < len(tokens) else "" for i in (at - 1, at + 1))
    if at + 1 < len(tokens) and tokens[at + 1].kind == "repeat":
        return False
    if before.endswith(" "):
        return True
    left, right = before[-1:], after[:1]
    return bool(
        (_CJK_LETTER.match(left) and _OTHER_LETTER.match(right))
        or (_OTHER_LETTER.match(left) and _CJK_LETTER.match(right))
    )


def _joined(text: str, at: int) -> bool:
    """Whether a place is inside a word: letters of one kind (Latin, kanji, katakana, hiragana) are on both sides."""
    if not 0 < at < len(text):
        return False
    return any(kind.match(text[at - 1]) and kind.match(text[at]) for kind in _CLASSES)


def _ends_here(text: str, at: int) -> bool:
    """Whether a word in hiragana can end at a place in more hiragana, by the character that follows."""
    hiragana = _CLASSES[_HIRAGANA_CLASS]
    return bool(hiragana.match(text[at - 1]) and hiragana.match(text[at]) and text[at] in _FOLLOWING)


# --- the pieces of a pattern

_Kind = Literal["quoted", "escape", "class", "open", "close", "repeat", "bar", "anchor", "literal"]


class _Token(NamedTuple):
    """One piece of a regular expression as it is written."""

    kind: _Kind
    text: str

    @property
    def literal(self) -> str | None:
        """The characters that the piece matches literally; None if it is anything but literal."""
        if self.kind == "literal":
            return self.text
        if self.kind == "quoted":
            return self.text.removeprefix("\\Q").removesuffix("\\E")
        if self.kind == "escape" and len(self.text) == 2 and not self.text[1].isalnum():
            return self.text[1]
        return None


def _tokens(pattern: str) -> Iterator[_Token]:
    """The pieces of a regular expression, in order; joined, they are the whole of it."""
    for match in _PIECE.finditer(pattern):
        yield _Token(match.lastgroup, match.group())  # type: ignore[arg-type]  # its groups are named as the kinds


# --- what a text must contain


@dataclass(slots=True)
class _Sequence:
    """A row of pieces that is being read: ``run`` are the literal characters read since the last other piece."""

    required: Required
    run: str = ""
    pure: bool = True
    """Whether the row is only ``run``."""

    def break_run(self) -> None:
        if self.run:
            self.required.append(frozenset((self.run,)))
        self.run, self.pure = "", False


@dataclass(frozen=True, slots=True)
class _Node:
    """The strings that a piece requires; ``literal`` if it is a single string."""

    required: Required
    literal: str | None = None


def required_literals(pattern: str) -> Required:
    """The strings that a text must contain for ``pattern`` to match it; nothing if they cannot be known."""
    tokens = list(_tokens(pattern))
    depth = deepest = 0
    for token in tokens:
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        return []
    node, _ = _group(tokens, 0)
    return node.required if node.literal is None else _only(node.literal)


def _only(literal: str) -> Required:
    return [frozenset((literal,))] if literal else []


def _group(tokens: Sequence[_Token], at: int) -> tuple[_Node, int]:
    """What the pieces from ``at`` to the end of their group require, and where it ends."""
    branches: list[_Node] = []
    while True:
        branch, at = _row(tokens, at)
        branches.append(branch)
        if at >= len(tokens) or tokens[at].kind == "close":
            break
        at += 1
    if len(branches) == 1:
        return branches[0], at
    return _Node(_either(branches)), at


def _either(branches: Iterable[_Node]) -> Required:
    """What a match of any branch contains: one of the strings that each requires; nothing if one requires none."""
    strings: set[str] = set()
    for branch in branches:
        choices = branch.required if branch.literal is None else _only(branch.literal)
        if not choices:
            return []
        strings |= max(choices, key=lambda choice: min(map(len, choice)))
    return [frozenset(strings)]


def _row(tokens: Sequence[_Token], at: int) -> tuple[_Node, int]:
    row = _Sequence([])
    while at < len(tokens) and tokens[at].kind not in ("bar", "close"):
        node, at = _one(tokens, at)
        repeat = ""
        if at < len(tokens) and tokens[at].kind == "repeat":
            repeat = tokens[at].text
            at += 1
        if not repeat and node.literal is not None:
            row.run += node.literal
            continue
        row.break_run()
        if not _NEVER.match(repeat):
            row.required += node.required if node.literal is None else _only(node.literal)
    if row.pure:
        return _Node([], row.run), at
    row.break_run()
    return _Node(row.required), at


def _one(tokens: Sequence[_Token], at: int) -> tuple[_Node, int]:
    """What one piece or group requires, without its repetition, and where the next piece begins."""
    token = tokens[at]
    if token.kind == "open" and not _FLAGS_ALONE.match(token.text):
        node, at = _group(tokens, at + 1)
        return node, min(at + 1, len(tokens))
    if token.kind == "open":
        return _Node([]), min(at + 2, len(tokens))
    literal = token.literal
    return (_Node([]) if literal is None else _Node([], literal)), at + 1

"""A regular expression as it is asked for: read like the texts it is held against, compiled by RE2, and taken apart.

RE2 takes time in proportion to the text whatever the pattern is (https://github.com/google/re2), so a pattern of
anybody may be run. It has no look-around and no back-references (https://github.com/google/re2/wiki/Syntax). Full-width
letters, dashes, quotes and spaces in a pattern become what they are in a normalised text; an alternative without
capitals matches in any case.

Which strings must stand in a text before it can match says what is read at all, as Russ Cox describes for Google Code
Search ("Regular Expression Matching with a Trigram Index", https://swtch.com/~rsc/regexp/regexp4.html, 2012). There the
strings become trigrams; here each is looked up with the terms of our own index.
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
"""Of each set, at least one string stands in every text that matches."""


_MEMORY = 4 << 20
"""Bytes that RE2 may use for one pattern; a longer one is refused."""
_LONGEST = 500
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
_IGNORING_CASE = re.compile(r"\(\?[msU]*i")
_END_OF_TEXT = {"\\A": "^", "\\z": "$", "\\Z": "$"}
_CLASSES = tuple(lazy_pattern(text) for text in (LETTER, f"[{HAN}]", f"[{KATAKANA}]", f"[{HIRAGANA}]"))
_HIRAGANA_CLASS = 3
_FOLLOWING = PARTICLES | set("だでさっしすな")
"""What may follow a word in hiragana that ends there: particles, and the beginnings of です, だ, する, さん, って."""
_CJK_LETTER, _OTHER_LETTER = lazy_pattern(f"[{CJK}]"), lazy_pattern(LETTER)
_DEEPEST = 50
_LEAST_WORD = 5
"""Letters of a word that may be misspelt; what a pattern looks for in part is mostly shorter."""
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

    Raises ``ArgumentError`` if there is nothing to look for, or RE2 cannot read it.
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
        """Whether capitals count, so that a text is to be looked at as it was written."""
        self.whole_words = whole_words
        self.folded = _folded(tokens, fold_case=not self.keeps_case)
        """The pattern as it is compiled."""
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
        """Strings that a folded text (see ``normalize``) contains if the pattern matches it."""
        return [frozenset(normalize(text) for text in choice) for choice in required_literals(self.folded)]

    @cached_property
    def _needles(self) -> list[list[bytes]]:
        return [[text.encode("utf-8", "surrogatepass") for text in choice] for choice in self.literals]

    @cached_property
    def words(self) -> list[str]:
        """The words each of which is all that an alternative asks for: what may be misspelt in the pattern."""
        pattern = self.ignoring_case() if self.keeps_case else self
        texts = (text for choice in pattern.literals for text in choice if len(text) >= _LEAST_WORD and " " not in text)
        return sorted(text for text in texts if pattern._regexp.fullmatch(text.encode("utf-8", "surrogatepass")))

    def may_match(self, folded: bytes) -> bool:
        """Whether a text can match of which only the folded form is at hand: cheap, and never wrongly False."""
        if not self.keeps_case:
            return self._regexp.search(folded) is not None
        return all(any(text in folded for text in choice) for choice in self._needles)

    def spans(self, plain: str) -> list[tuple[int, int]]:
        """Where the pattern matches a normalised text (with its capitals where these count): characters, in order."""
        data = plain.encode("utf-8", "surrogatepass")
        matches = list(self._in_bytes(data))
        if not matches or len(data) == len(plain):
            return [span for span in matches if self._stands(plain, *span)]
        inside = [(len(data[:start].decode("utf-8", "surrogatepass")), start, end) for start, end in matches]
        spans = [(at, at + len(data[start:end].decode("utf-8", "surrogatepass"))) for at, start, end in inside]
        return [span for span in spans if self._stands(plain, *span)]

    def lines(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Where the pattern matches some lines of text in UTF-8: bytes, whole words or not."""
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
    re2.purge()  # it keeps 128 patterns with their memory otherwise
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
    """The alternatives of a whole pattern, each in its pieces: ``a|b``, but not those inside a group."""
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
    """One alternative of a pattern in which others have capitals: without any it matches in every case."""
    if _has_capitals(alternative):
        return _folded(alternative, fold_case=False)
    return f"(?i:{_folded(alternative, fold_case=True)})"


def _has_capitals(tokens: list[_Token]) -> bool:
    shown = (token.literal or (token.text if token.kind == "class" else "") for token in tokens)
    return any(character.isupper() for text in shown for character in re.sub(r"\\.", "", text))


def _with_marks(tokens: Iterable[_Token]) -> list[_Token]:
    """The pieces of a pattern, each letter in one with the marks after it: what repeats it repeats them, too."""
    joined: list[_Token] = []
    for token in tokens:
        if token.kind == "literal" and continues(token.text) and joined and (letter := joined[-1].literal):
            joined[-1] = _Token("quoted", f"\\Q{letter}{token.text}\\E")
        else:
            joined.append(token)
    return joined


def _folded(tokens: list[_Token], *, fold_case: bool) -> str:
    """The pattern with its characters as in a normalised text."""
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
    """Whether a space stands where normalised texts have none: after another one, or between Japanese and Latin."""
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
    """Whether a word runs on over a place: letters of one kind (Latin, kanji, katakana, hiragana) on both sides."""
    if not 0 < at < len(text):
        return False
    return any(kind.match(text[at - 1]) and kind.match(text[at]) for kind in _CLASSES)


def _ends_here(text: str, at: int) -> bool:
    """Whether a word in hiragana can end before what follows it."""
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
        """The characters it stands for, where it stands for itself; None for everything else."""
        if self.kind == "literal":
            return self.text
        if self.kind == "quoted":
            return self.text.removeprefix("\\Q").removesuffix("\\E")
        if self.kind == "escape" and len(self.text) == 2 and not self.text[1].isalnum():
            return self.text[1]
        return None


def _tokens(pattern: str) -> Iterator[_Token]:
    """The pieces of a regular expression, in order; together they are the whole of it."""
    for match in _PIECE.finditer(pattern):
        yield _Token(match.lastgroup, match.group())  # type: ignore[arg-type]  # its groups are named as the kinds


# --- what must stand in a text


@dataclass(slots=True)
class _Sequence:
    """A row of pieces that is being read: ``run`` are the characters that surely stand next to each other now."""

    required: Required
    run: str = ""
    pure: bool = True
    """Whether it is nothing but ``run``."""

    def break_run(self) -> None:
        if self.run:
            self.required.append(frozenset((self.run,)))
        self.run, self.pure = "", False


@dataclass(frozen=True, slots=True)
class _Node:
    """What a piece asks for; ``literal`` where it is one string and nothing else."""

    required: Required
    literal: str | None = None


def required_literals(pattern: str) -> Required:
    """What must stand in a text for ``pattern`` to match it; nothing if that cannot be known."""
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
    """What stands from ``at`` up to the end of the group, and where it ends."""
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
    """What stands wherever any of the branches does: one string of each, where each has one."""
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
    """One piece without what repeats it, and where the next begins."""
    token = tokens[at]
    if token.kind == "open" and not _FLAGS_ALONE.match(token.text):
        node, at = _group(tokens, at + 1)
        return node, min(at + 1, len(tokens))
    if token.kind == "open":
        return _Node([]), min(at + 2, len(tokens))
    literal = token.literal
    return (_Node([]) if literal is None else _Node([], literal)), at + 1

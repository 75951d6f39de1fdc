"""Regular expressions taken apart: which strings must stand in a text before it can match.

So that an index can choose what is read at all, as Russ Cox describes for Google Code Search ("Regular Expression
Matching with a Trigram Index", https://swtch.com/~rsc/regexp/regexp4.html, 2012). There the strings become trigrams;
here each is looked up with the terms of our own index. The syntax is that of RE2
(https://github.com/google/re2/wiki/Syntax). A pattern that is wrong is not noticed here: compiling it says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = ["Required", "Token", "required_literals", "tokenize"]

Required = list[frozenset[str]]
"""Of each set, at least one string stands in every text that matches."""

_DEEPEST = 50
_TOKEN = re.compile(
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

_Kind = Literal["quoted", "escape", "class", "open", "close", "repeat", "bar", "anchor", "literal"]


class Token(NamedTuple):
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


def tokenize(pattern: str) -> Iterator[Token]:
    """The pieces of a regular expression, in order; together they are the whole of it."""
    for match in _TOKEN.finditer(pattern):
        yield Token(match.lastgroup, match.group())  # type: ignore[arg-type]


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
    """What must stand in a text for ``pattern`` to match it; nothing where that cannot be known."""
    tokens = list(tokenize(pattern))
    depth = deepest = 0
    for token in tokens:
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        return []
    node, _ = _alternatives(tokens, 0)
    return node.required if node.literal is None else _only(node.literal)


def _only(literal: str) -> Required:
    return [frozenset((literal,))] if literal else []


def _alternatives(tokens: Sequence[Token], at: int) -> tuple[_Node, int]:
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


def _row(tokens: Sequence[Token], at: int) -> tuple[_Node, int]:
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


def _one(tokens: Sequence[Token], at: int) -> tuple[_Node, int]:
    """One piece without what repeats it, and where the next begins."""
    token = tokens[at]
    if token.kind == "open" and not _FLAGS_ALONE.match(token.text):
        node, at = _alternatives(tokens, at + 1)
        return node, min(at + 1, len(tokens))
    if token.kind == "open":
        return _Node([]), min(at + 2, len(tokens))
    literal = token.literal
    return (_Node([]) if literal is None else _Node([], literal)), at + 1

"""Strings that make a backtracking regular expression work: a piece that matches in many ways, many times, then a stop.

The pieces are taken from the product's own patterns: of each repetition in a pattern, a letter that its body takes, and
the literal text that may stand before it. What grows faster than its input on one of them is a catastrophic pattern, in
the sense of Davis et al., "The Impact of Regular Expression Denial of Service" (ESEC/FSE 2018).
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import re._constants as sre  # type: ignore[import-not-found]
import re._parser as sre_parser  # type: ignore[import-not-found]
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import zunda_mcp


class Attack(NamedTuple):
    """``before`` once, ``piece`` many times, ``after`` once."""

    before: str
    piece: str
    after: str

    def text(self, size: int) -> str:
        """So many characters of it."""
        room = max(1, size - len(self.before) - len(self.after))
        return self.before + (self.piece * (room // len(self.piece) + 1))[:room] + self.after


#: What is bad for readers of text rather than for one pattern.
USUAL = [
    *(
        Attack("", piece, "")
        for piece in (
            "a",
            "豆",
            "ア",
            "ー",
            " ",
            "\n",
            "\t",
            "　",
            "\u0301",
            "が",
            "ﷺ",
            "0",
            "1",
            "-",
            ".",
            "_",
            "/",
            "'",
            '"',
            "`",
            "*",
            "**",
            "~",
            "#",
            "&",
            "<",
            ">",
            "<a ",
            "</a>",
            "<!--",
            "<![CDATA[",
            "<p>",
            "<a href=x>",
            "[",
            "]",
            "[](",
            "![",
            "[a](",
            "[a](b)",
            "(",
            ")",
            "((",
            "{",
            "{%",
            "{{",
            "「",
            "」",
            "（",
            "）",
            "a.",
            "a-",
            "a b ",
            "ア・",
            "a ア",
            "豆 a",
            "http://a.",
            "https://a.example/ ",
            "www.",
            "a@",
            "a@b.",
            "site:a ",
            '"a" ',
            "-a ",
            "\\",
            "\\\\",
            "\\[",
            "- ",
            "- a\n",
            "1. a\n",
            "> ",
            ">",
            "# a\n",
            "## 12:00 a\n",
            "---\n",
            "```\n",
            "~~~\n",
            "| a ",
            "a: b\n",
            "a:\n",
            "\n\n",
            "\r\n",
            "\x1b[",
            "\x1b]",
            "%E8",
            "%",
            "=",
            "a=b&",
            "00:00:01 ",
            "00:00 --> ",
            "00:01.000 --> 00:02.000\na\n\n",
            "A: a\n",
            "**A:** a\n",
            "検索（RAG）",
            "RAG (a b) ",
            "去年の",
            "2025年",
            "2025-07-08 ",
            "第",
            "第1",
            "の",
            "、",
            "。",
            "…",
            "・・・",
            "...",
            "引用元: ",
            "引用元: https://a.example\n",
            "&amp;",
            "&#1;",
            "&a;",
            "&a",
            "<iframe src='",
            "import a from 'b'\n",
            "{{< a >}}\n",
            "a\u3000",
            "\u200b",
            "﹁",
            "①",
            "🎉",
            "👨‍👩‍👧",
            "İ",
            "ß",
        )
    ),
    *(
        Attack("", piece, "!")
        for piece in ("a", " ", "0", "豆", "-", "a b ", "[", "<a ", "\n ", " \n", "\t ", "(a", "ア・")
    ),
    Attack("<a ", "a=b ", ""),
    Attack("[", "a", "]"),
    Attack("[", "\\]", "]("),
    Attack("[a](", "b", ""),
    Attack("[a](<", "b ", ""),
    Attack("https://", "a.", ""),
    Attack("https://a/", "%E8", ""),
    Attack("https://a/?", "a=b&", ""),
    Attack("https://a/", "(", ""),
    Attack("---\n", "a: b\n", "---\n"),
    Attack("---\na: '", "b ", "'\n---\n"),
    Attack("---\n", "a: b\n", ""),
    Attack("+++\n", "a = 1\n", "+++\n"),
    Attack("a ", " ", "b"),
    Attack("a", "\n", "b"),
    Attack("```\n", "a\n", ""),
    Attack("<!--", "-", ""),
    Attack("{%", "a", ""),
    Attack("「", "a", ""),
    Attack("<rss><channel><item><description>", "&lt;p&gt;", "</description></item></channel></rss>"),
    Attack("<rss>", "<a>", ""),
    Attack("<rss ", "a='b' ", ">"),
    Attack("WEBVTT\n\n", "00:01.000 --> 00:02.000\n<v a>a\n\n", ""),
    Attack("WEBVTT\n\n00:01.000 --> 00:02.000\n", "<v a", ""),
    Attack('{"a":', "[", ""),
]

_ANY = {
    sre.CATEGORY_DIGIT: "1",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_WORD: "a",
    sre.CATEGORY_NOT_DIGIT: "a",
    sre.CATEGORY_NOT_SPACE: "a",
    sre.CATEGORY_NOT_WORD: "-",
}


def patterns() -> dict[str, re.Pattern[str]]:
    """Every pattern that a module of the product keeps, by module and name; ``bytes`` patterns as text."""
    found: dict[str, re.Pattern[str]] = {}
    for module in pkgutil.walk_packages(zunda_mcp.__path__, "zunda_mcp."):
        if module.name.endswith("__main__"):
            continue
        loaded = importlib.import_module(module.name)
        for name, value in vars(loaded).items():
            for number, pattern in enumerate(_inside(value)):
                key = f"{module.name.removeprefix('zunda_mcp.')}.{name}" + (f"[{number}]" if number else "")
                if isinstance(pattern.pattern, str):
                    found.setdefault(key, pattern)
    return found


def _inside(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list) and depth < 2:
        for one in value:
            yield from _inside(one, depth + 1)
    elif isinstance(value, dict) and depth < 2:
        for one in value.values():
            yield from _inside(one, depth + 1)


def attacks_on(pattern: re.Pattern[str]) -> list[Attack]:
    """For each repetition in a pattern: what leads to it, what it repeats, and something that ends a match badly."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = sre_parser.parse(pattern.pattern, pattern.flags)
    found = dict.fromkeys(_repeated(tree, ""))
    return [Attack(*once, stop) for once in found for stop in ("", "\x00", "!\n")]


def _repeated(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    for operator, argument in tree:
        if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            low, high, body = argument
            piece = _sample(body)
            if high is sre.MAXREPEAT or high > 20:
                for one in {piece, *_letters(body)} - {""}:
                    yield before, one
                    yield "", one
            yield from _repeated(body, before)
            before += piece * min(low, 3)
        elif operator is sre.SUBPATTERN:
            yield from _repeated(argument[-1], before)
            before += _sample(argument[-1])
        elif operator is sre.BRANCH:
            for branch in argument[1]:
                yield from _repeated(branch, before)
            before += _sample(argument[1][0])
        elif operator not in (sre.ASSERT, sre.ASSERT_NOT):
            before += _sample([(operator, argument)])


def _letters(body: Any) -> set[str]:
    """Single letters that a repeated class takes, one for each part of it."""
    if len(body) != 1 or body[0][0] is not sre.IN:
        return set()
    return {_sample([(sre.IN, [part])]) for part in body[0][1][:6] if part[0] is not sre.NEGATE}


def _sample(tree: Any) -> str:
    """A text that a tree matches, more or less."""
    text = ""
    for operator, argument in tree:
        if operator is sre.LITERAL:
            text += chr(argument)
        elif operator is sre.NOT_LITERAL:
            text += "a" if argument != ord("a") else "b"
        elif operator is sre.ANY:
            text += "a"
        elif operator is sre.IN:
            text += _member(argument)
        elif operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            text += _sample(argument[2]) * max(1 if argument[1] else 0, min(argument[0], 3))
        elif operator is sre.SUBPATTERN:
            text += _sample(argument[-1])
        elif operator is sre.BRANCH:
            text += _sample(argument[1][0])
        elif operator is sre.ATOMIC_GROUP:
            text += _sample(argument)
    return text


def _member(parts: Any) -> str:
    if parts[0][0] is sre.NEGATE:
        banned = {argument for operator, argument in parts[1:] if operator is sre.LITERAL}
        return next(letter for letter in "a1 豆-x" if ord(letter) not in banned)
    operator, argument = parts[0]
    if operator is sre.LITERAL:
        return chr(argument)
    return chr(argument[0]) if operator is sre.RANGE else _ANY.get(argument, "a")

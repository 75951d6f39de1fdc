"""Breeding cases: texts, bytes and JSON values that are nearly right, and now and then nothing like it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

LONGEST = 6000

#: What trips readers of text: ends of things, beginnings without ends, letters that change when they are normalised.
SHARP = [
    *"\n\t\r\0\x0b\x1b\x7f\x85\u2028\ufeff\ufffd\u202e\u200d\ufdfa\u0301\U0001f468\ud800\udc80",
    *" 　・ー「」『』（）［］【】",
    "\r\n",
    "\n\n",
    "---",
    "---\n",
    "+++",
    "...",
    "```",
    "~~~",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "](",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "{%",
    "%}",
    "{{",
    "}}",
    "&",
    "&amp;",
    "&#x0;",
    "&#xD800;",
    "&#99999999;",
    "&bogus;",
    "<",
    ">",
    "</",
    "/>",
    "'",
    '"',
    '"""',
    "'''",
    "\\",
    "\\\\",
    "\\u0000",
    "\\ud800",
    "\\x",
    "|",
    ">-",
    "!!python/object:os.system",
    "&a",
    "*a",
    "<<:",
    "? ",
    ": ",
    ":",
    "- ",
    "# ",
    "#",
    "%",
    "%zz",
    "%00",
    "%ff",
    "=",
    "==",
    ";",
    ",",
    ",,",
    ".",
    "..",
    "../",
    "/",
    "//",
    "http://",
    "https://",
    "https://[",
    "https://a.example/",
    "https://[::1]:99999/",
    "site:",
    "-",
    '-"',
    "*",
    "?",
    "~",
    "^",
    "0",
    "-1",
    "1e999",
    "NaN",
    "Infinity",
    "9" * 30,
    "0" * 20,
    "٣",
    "²",
    "①",
    "true",
    "null",
    "2025-07-08",
    "2025-13-45",
    "0000-00-00",
    "9999-12-31",
    "9999-12-31T23:59:59+14:00",
    "0001-01-01",
    "24:00:00",
    "12:60",
    "+99:99",
    "令和7年7月8日",
    "昨日",
    "先月",
    "2月30日",
    "W53",
    "Q5",
    "date:",
    "title:",
    "00:00:01.000 --> 00:00:02.000",
    "-->",
    "WEBVTT",
    "<v ずんだ>",
    "豆",
    "ｶﾞ",
    "が",
    "𠮷",
    "ﷺ",
    "İ",
    "ß",
    "ŉ",
    "①②",
    "㌔",
    "﷽",
]

Text = Callable[[random.Random, list[Any]], str]


def mutated(draw: random.Random, pool: Sequence[str], tokens: Sequence[str] = SHARP, most: int = 6) -> str:
    """A text of the pool, changed in up to ``most`` places."""
    text = draw.choice(pool)
    for _ in range(draw.randint(1, most)):
        at = draw.randint(0, len(text))
        until = min(len(text), at + _length(draw))
        match draw.randrange(10):
            case 0 | 1 | 2:
                text = text[:at] + draw.choice(tokens) + text[at:]
            case 3:
                text = text[:at] + text[until:]
            case 4:
                text = text[:at] + draw.choice(tokens) + text[until:]
            case 5:
                text = text[:at] + text[at:until] * draw.randint(2, 9) + text[until:]
            case 6:
                other = draw.choice(pool)
                begin = draw.randint(0, len(other))
                text = text[:at] + other[begin : begin + draw.randint(1, 400)] + text[draw.choice((at, until)) :]
            case 7:
                text = text[:at] + letter(draw) + text[at + draw.randint(0, 1) :]
            case 8:
                text = text[:at] if draw.random() < 0.3 else _lines_moved(draw, text)
            case _:
                digits = [place for place, sign in enumerate(text) if sign.isdigit()]
                if digits:
                    place = draw.choice(digits)
                    text = text[:place] + draw.choice("0123456789") + text[place + 1 :]
    return text[:LONGEST]


def mutated_bytes(draw: random.Random, pool: Sequence[bytes], most: int = 6) -> bytes:
    """Bytes of the pool, changed in up to ``most`` places."""
    data = bytearray(draw.choice(pool))
    for _ in range(draw.randint(1, most)):
        at = draw.randint(0, len(data))
        match draw.randrange(6):
            case 0:
                data[at : at + 1] = bytes([draw.randrange(256)])
            case 1:
                del data[at : at + _length(draw)]
            case 2:
                data[at:at] = draw.randbytes(draw.randint(1, 4))
            case 3:
                data[at:at] = draw.choice(SHARP).encode("utf-8", "surrogatepass")
            case 4:
                other = draw.choice(pool)
                begin = draw.randint(0, len(other))
                data[at:at] = other[begin : begin + 200]
            case _:
                data[at:at] = data[at : at + _length(draw)] * draw.randint(1, 5)
    return bytes(data[: 3 * LONGEST])


def words(draw: random.Random, vocabulary: Sequence[str], most: int = 8, glue: str = " ") -> str:
    """Some words of a vocabulary and sharp pieces, in any order."""
    return "".join(
        draw.choice(vocabulary if draw.random() < 0.7 else SHARP) + draw.choice((glue, glue, ""))
        for _ in range(draw.randint(1, most))
    )


def letter(draw: random.Random) -> str:
    """One letter of anywhere in Unicode, the odd planes and the surrogates included."""
    low, high = draw.choice(
        (
            (0, 0x7F),
            (0x80, 0x2FF),
            (0x300, 0x36F),
            (0x2000, 0x206F),
            (0x3040, 0x30FF),
            (0x4E00, 0x9FFF),
            (0xD800, 0xDFFF),
            (0xFB00, 0xFFFF),
            (0x10000, 0x10FFFF),
        )
    )
    return chr(draw.randint(low, high))


def value(draw: random.Random, texts: Text, depth: int = 0) -> Any:  # noqa: PLR0911  (one for each kind of JSON)
    """Any JSON value; texts come from ``texts``."""
    match draw.randrange(14 if depth < 3 else 10):
        case 0:
            return None
        case 1:
            return draw.choice((True, False))
        case 2:
            return draw.choice((0, 1, -1, 7, 10**6, -(10**9), 2**53, 2**63, 10**18, 10**400, -(10**400)))
        case 3:
            return draw.choice((0.0, -0.0, 1.5, 1e300, -1e300, 5e-324, 10.0, float("inf"), float("nan")))
        case 10 | 11:
            return [value(draw, texts, depth + 1) for _ in range(draw.randint(0, 4))]
        case 12 | 13:
            return {texts(draw, [])[:80]: value(draw, texts, depth + 1) for _ in range(draw.randint(0, 4))}
    return texts(draw, [])


def mutated_json(draw: random.Random, data: Any, texts: Text) -> Any:  # noqa: PLR0911  (one for each change)
    """A JSON value with one part of it changed, dropped, doubled or put elsewhere."""
    if isinstance(data, dict) and data and draw.random() < 0.9:
        name = draw.choice(list(data))
        match draw.randrange(6):
            case 0:
                return {key: kept for key, kept in data.items() if key != name}
            case 1:
                return {**data, texts(draw, [])[:60]: value(draw, texts)}
            case 2:
                return {(texts(draw, [])[:60] if key == name else key): kept for key, kept in data.items()}
        return {**data, name: mutated_json(draw, data[name], texts)}
    if isinstance(data, list) and data and draw.random() < 0.9:
        place = draw.randrange(len(data))
        match draw.randrange(4):
            case 0:
                return data[:place] + data[place + 1 :]
            case 1:
                return [*data, value(draw, texts)]
        return [*data[:place], mutated_json(draw, data[place], texts), *data[place + 1 :]]
    return value(draw, texts)


def _length(draw: random.Random) -> int:
    return draw.choice((1, 1, 2, 4, 8, 30, 200))


def _lines_moved(draw: random.Random, text: str) -> str:
    lines = text.split("\n")
    line = lines.pop(draw.randrange(len(lines)))
    lines.insert(draw.randint(0, len(lines)), line)
    return "\n".join(lines)

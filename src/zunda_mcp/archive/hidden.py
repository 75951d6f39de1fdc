"""What a file holds that no reader of the page sees: comments, template tags, a program's import lines.

Everything is blanked and not cut, so that line numbers stay those of the file.
"""

from __future__ import annotations

import re
from bisect import bisect_right

_LINE = 2000

_TAGS = re.compile(
    r"^[ \t]*(?:\{%(?:[^%]|%(?!\})){0,2000}%\}|\{\{[<%](?:[^}]|\}(?!\})){0,2000}\}\})[ \t]*$", re.MULTILINE
)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
_MODULE = re.compile(
    r"^(?:import\s.+\sfrom\s+['\"].+['\"];?|import\s+['\"].+['\"];?|export\s+(?:const|let|default)\s.*)$", re.MULTILINE
)


def without_hidden(body: str, *, modules: bool = False) -> str:
    """Blank HTML comments and lines that are nothing but template tags; with ``modules`` the imports of MDX too.

    Comments and tags in fenced code are code, and a comment's sign between backticks is a word.
    """
    if "<!--" not in body and "{%" not in body and "{{" not in body and not modules:
        return body
    body = _without_comments(body)
    for pattern in (_TAGS, _MODULE) if modules else (_TAGS,):
        body = _blanked(body, pattern, _fenced(body))
    return body


def fenced_lines(body: str) -> frozenset[int]:
    """Return the lines (from 0) of fenced code."""
    spans = ((body.count("\n", 0, start), body.count("\n", 0, end)) for start, end in _fenced(body))
    return frozenset(line for first, last in spans for line in range(first, last + 1))


def _without_comments(body: str) -> str:
    code = _fenced(body)
    parts: list[str] = []
    done = 0
    place = body.find("<!--")
    while place >= 0:
        end = body.find("-->", place + 4)
        if end < 0:
            break
        before = body[max(body.rfind("\n", 0, place) + 1, place - _LINE) : place]
        if _inside(code, place) or before.count("`") % 2:
            end = place + 1
        else:
            parts += [body[done:place], "\n" * body.count("\n", place, end)]
            done = end = end + 3
        place = body.find("<!--", end)
    return "".join((*parts, body[done:]))


def _blanked(body: str, pattern: re.Pattern[str], code: list[tuple[int, int]]) -> str:
    return pattern.sub(lambda match: match[0] if _inside(code, match.start()) else "\n" * match[0].count("\n"), body)


def _inside(spans: list[tuple[int, int]], place: int) -> bool:
    at = bisect_right(spans, place, key=lambda span: span[0]) - 1
    return at >= 0 and spans[at][0] <= place < spans[at][1]


def _fenced(body: str) -> list[tuple[int, int]]:
    """Return where fenced code stands; an open fence goes on to the end."""
    spans: list[tuple[int, int]] = []
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(body):
        if opening is None:
            opening = fence
        elif fence[1].startswith(opening[1]):
            spans.append((opening.start(), fence.end()))
            opening = None
    return [*spans, (opening.start(), len(body))] if opening else spans

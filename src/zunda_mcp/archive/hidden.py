"""What a file holds that no reader of the page sees: comments, template tags, a program's import lines.

Everything is blanked and not cut, so that line numbers stay those of the file.
"""

from __future__ import annotations

import re

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAGS = re.compile(r"^[ \t]*(?:\{%(?:[^%]|%(?!\})){0,2000}%\}|\{\{[<%](?:[^}]|\}(?!\})){0,2000}\}\})[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
_MODULE = re.compile(r"^(?:import\s.+\sfrom\s+['\"].+['\"];?|import\s+['\"].+['\"];?|export\s+(?:const|let|default)\s.*)$", re.MULTILINE)


def without_hidden(body: str, *, modules: bool = False) -> str:
    """Blank HTML comments and lines that are nothing but template tags; with ``modules`` the imports of MDX too.

    Comments and tags in fenced code are code, and a comment's sign between backticks is a word.
    """
    if "<!--" not in body and "{%" not in body and "{{" not in body and not modules:
        return body
    code = _fenced(body)

    def blank(match: re.Match[str]) -> str:
        inside = any(start <= match.start() < end for start, end in code)
        before = body[body.rfind("\n", 0, match.start()) + 1 : match.start()]
        return match[0] if inside or before.count("`") % 2 else "\n" * match[0].count("\n")

    patterns = [_COMMENT, _TAGS, *([_MODULE] if modules else [])]
    for pattern in patterns:
        body = pattern.sub(blank, body)
        code = _fenced(body)
    return body


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

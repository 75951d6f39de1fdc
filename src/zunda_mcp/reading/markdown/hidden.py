"""Remove from Markdown what readers of the page do not see, and convert the HTML and YAML in it.

Comments, template tags and the imports of MDX are blanked, and HTML is converted line by line, so that line numbers
stay those of the file. ``undo_yaml`` reads summaries that were pasted with the quotes and escapes of a YAML file: they
are put back between their quotes and parsed.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from itertools import pairwise

import yaml

from zunda_mcp.reading.markdown.plain_lists import with_lists

__all__ = ["as_markdown", "fenced_lines", "undo_yaml", "without_hidden"]

_LINE = 2000  # characters before a comment in which backticks are counted

_TAGS = re.compile(
    r"^[ \t]*(?:\{%(?:[^%]|%(?!\})){0,2000}%\}|\{\{[<%](?:[^}]|\}(?!\})){0,2000}\}\})[ \t]*$", re.MULTILINE
)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
_MODULE = re.compile(
    r"^(?:import\s.+\sfrom\s+['\"].+['\"];?|import\s+['\"].+['\"];?|export\s+(?:const|let|default)\s.*)$", re.MULTILINE
)


def without_hidden(body: str, *, modules: bool = False) -> str:
    """Blank HTML comments and lines of only template tags; with ``modules``, also the imports of MDX.

    Comments and tags in fenced code stay, and so does ``<!--`` between backticks.
    """
    if "<!--" not in body and "{%" not in body and "{{" not in body and not modules:
        return body
    body = _without_comments(body)
    for pattern in (_TAGS, _MODULE) if modules else (_TAGS,):
        body = _blanked(body, pattern, _fenced(body))
    return body


def fenced_lines(body: str) -> frozenset[int]:
    """Return the lines of fenced code, counted from 0."""
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
    """Return where fenced code begins and ends; an unclosed fence ends with the text."""
    spans: list[tuple[int, int]] = []
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(body):
        if opening is None:
            opening = fence
        elif fence[1].startswith(opening[1]):
            spans.append((opening.start(), fence.end()))
            opening = None
    return [*spans, (opening.start(), len(body))] if opening else spans


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def undo_yaml(text: str) -> str | None:
    """Return a summary without the YAML quoting it was pasted with; ``None`` if it has none.

    ``text`` is indented as in the file.
    """
    stripped = text.strip()
    if _double_quoted(stripped):
        return _read(f'"{_unquoted(stripped, chr(34))}"') or stripped.replace("\\n", "\n")
    if _single_quoted(text.rstrip()):
        return _read(f"'{_unquoted(stripped, chr(39))}'")
    return None


def _double_quoted(text: str) -> bool:
    """Detect a fold (a line ends with a backslash, and the next begins with one), or escaped paragraph breaks."""
    if "\\" not in text:
        return False
    lines = text.split("\n")
    if any(line.endswith("\\") and after.lstrip().startswith("\\") for line, after in pairwise(lines)):
        return True
    outside_code = "".join(text.split("`")[::2])
    quoted = text.startswith('"') and text.endswith('"')
    return len(lines) == 1 and ("\\n\\n" in outside_code or (quoted and "\\n" in outside_code))


def _single_quoted(text: str) -> bool:
    """Detect a closing quote without an opening one after text that is all indented; quotes inside are doubled."""
    if not text.endswith("'"):
        return False
    inside = text.strip()[:-1].removeprefix("'")
    indented = all(line.startswith("  ") for line in text.split("\n") if line.strip())
    return indented and "'" not in inside.replace("''", "")


def _unquoted(text: str, quote: str) -> str:
    return text.removesuffix(quote).removeprefix(quote).strip()


def _read(quoted: str) -> str | None:
    try:
        value = yaml.load(quoted, Loader=_LOADER)  # noqa: S506 - a safe loader, and one scalar
    except (yaml.YAMLError, ValueError):
        return None
    return value.strip() if isinstance(value, str) else None


_BLOCK = re.compile(r"^[ \t]*<(?:h[1-6]|ul|ol|li)\b", re.IGNORECASE | re.MULTILINE)
_LINK = re.compile(
    r"<a\s[^<>]{0,1000}?href=[\"']([^\"'<>]{1,2000})[\"'][^<>]{0,1000}>([^\n]{0,2000}?)</a>", re.IGNORECASE
)
_HEADING = re.compile(r"[ \t]*<h([1-6])\b[^<>]*>(.*)", re.IGNORECASE)
_ITEM = re.compile(r"^[ \t]*(?:<[uo]l\b[^<>]*>[ \t]*)?<li\b[^<>]*>[ \t]*", re.IGNORECASE)
_FRAME = re.compile(r"</?(?:ul|ol|li|p|div|span|section|strong|b|em|i|u|br)\b[^<>]*>", re.IGNORECASE)


def as_markdown(body: str) -> str:
    """Return a body with its HTML links and plain lists as Markdown, and if it has HTML blocks, its headings and list
    items too.
    """
    code = fenced_lines(body)
    lines = body.split("\n")
    blocks = _BLOCK.search(body) is not None
    if blocks or "</a>" in body.lower():
        read = _line if blocks else _links
        lines = [line if place in code or "<" not in line else read(line) for place, line in enumerate(lines)]
    return "\n".join(with_lists(lines, code))


def _links(line: str) -> str:
    return _LINK.sub(_link, line)


def _link(match: re.Match[str]) -> str:
    url = html.unescape(match[1].strip())
    return f"[{_FRAME.sub('', match[2]).strip() or url}]({url})"


def _line(line: str) -> str:
    line = _links(line)
    heading = _HEADING.fullmatch(line)
    if heading:
        text = heading[2].strip()
        text = text[:-5] if text[-5:].lower() == f"</h{heading[1]}>" else text
        return f"{'#' * int(heading[1])} {_FRAME.sub('', text).strip()}"
    item = _ITEM.match(line)
    if item:
        return f"- {_FRAME.sub('', line[item.end() :]).strip()}"
    return _FRAME.sub("", line)

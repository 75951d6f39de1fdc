"""Posts that were moved from a blog and are HTML in a Markdown file: headings, lists and links in their Markdown form.

Line by line, so that line numbers stay those of the file. What is none of these stays as it is.
"""

from __future__ import annotations

import html
import re

from zunda_mcp.archive.hidden import fenced_lines

_BLOCK = re.compile(r"^[ \t]*<(?:h[1-6]|ul|ol|li)\b", re.IGNORECASE | re.MULTILINE)
_LINK = re.compile(
    r"<a\s[^<>]{0,1000}?href=[\"']([^\"'<>]{1,2000})[\"'][^<>]{0,1000}>([^\n]{0,2000}?)</a>", re.IGNORECASE
)
_HEADING = re.compile(r"[ \t]*<h([1-6])\b[^<>]*>(.*)", re.IGNORECASE)
_ITEM = re.compile(r"^[ \t]*(?:<[uo]l\b[^<>]*>[ \t]*)?<li\b[^<>]*>[ \t]*", re.IGNORECASE)
_FRAME = re.compile(r"</?(?:ul|ol|li|p|div|span|section|strong|b|em|i|u|br)\b[^<>]*>", re.IGNORECASE)


def as_markdown(body: str) -> str:
    """Return a body with its HTML links as Markdown, and where it has HTML blocks at all, headings and list items."""
    blocks = _BLOCK.search(body) is not None
    if not blocks and "</a>" not in body.lower():
        return body
    code = fenced_lines(body)
    lines = body.split("\n")
    read = _line if blocks else _links
    return "\n".join(line if place in code or "<" not in line else read(line) for place, line in enumerate(lines))


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

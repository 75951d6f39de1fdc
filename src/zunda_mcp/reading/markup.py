"""Pages that are no Markdown, made into what the rest reads: front matter and a body in Markdown.

``page_of`` chooses by the ending of the file. Whatever the page is written in, its text is split as any other.

reStructuredText (https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html), as far as posts use it: the
title, the fields below it, section titles, links, lists. Each line stays on its line.
"""

from __future__ import annotations

import re
from pathlib import Path

from zunda_mcp.config.files import read_regular
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.endings import kind_of
from zunda_mcp.reading.html.to_markdown import markdown_of
from zunda_mcp.reading.metadata.front_matter import NO_FRONT_MATTER, FrontMatter, Page


def page_of(text: str, path: Path, metadata: Path | None = None) -> Page:
    """Split a file into front matter and body; ``metadata`` may be a file of the former. Raises ``OSError`` for it."""
    page = _page_of(text, path)
    if metadata is None or page.front is not None:
        return page
    from zunda_mcp.reading.metadata.front_matter import read_page

    fence = {".toml": "+++\n", ".json": ""}.get(metadata.suffix.lower(), "---\n")
    beside = read_page(f"{fence}{decode(read_regular(metadata)).text or ''}\n{fence}")
    remarks = tuple((None, f"{metadata.name}: {cause}") for _, cause in beside.remarks)
    return Page(beside.front, page.body, page.start, remarks)


def _page_of(text: str, path: Path) -> Page:
    from zunda_mcp.reading.html.web_page import read_html
    from zunda_mcp.reading.mail import read_mail
    from zunda_mcp.reading.metadata.front_matter import read_page

    kind = kind_of(path.name)
    if kind == "mail":
        return read_mail(text)
    if kind == "rst":
        return read_rst(text)
    if kind == "html" and not text.startswith("---"):
        return read_html(text)
    page = read_page(text)
    if kind == "html":
        return page.__class__(page.front, markdown_of(page.body, "html").text, page.start, page.remarks)
    return page


_RULE = re.compile(r"([=\-`:'\"~^_*+#<>.])\1{2,}[ \t]*")
_FIELD = re.compile(
    r"(?::([\w ./-]{1,40}):|\.\.[ ]+(date|title|author|slug|tags|category|link|summary|description):)[ \t]*(.*)"
)
_LINK = re.compile(r"`([^`<>]*?)\s*<([^<>`\s]+)>`__?")
_TARGET = re.compile(r"\.\. _`?([^:`]+)`?:[ \t]+(\S+)\s*")
_NAMED = re.compile(r"(?:`([^`<>\n]+)`|\b([\w-]+))_(?!_|\w)")
_ROLE = re.compile(r":[a-z]+:`([^`<>]+?)(?:\s*<[^<>]+>)?`")
_LITERAL = re.compile(r"``([^`]+)``")


def read_rst(text: str) -> Page:
    """Read a post. Its front matter is ``None`` where it has neither title nor fields."""
    lines = text.split("\n")
    targets = {match[1].lower(): match[2] for line in lines if (match := _TARGET.fullmatch(line))}
    front = FrontMatter()
    out: list[str] = []
    levels: list[str] = []
    titled = False
    for place, line in enumerate(lines):
        below = lines[place + 1] if place + 1 < len(lines) else ""
        if _RULE.fullmatch(line):
            out.append("")  # the line under or over a title
        elif line.strip() and _RULE.fullmatch(below) and len(below.rstrip()) >= len(line.rstrip()) // 2:
            if not levels:
                titled = "title" in front.values  # then the first heading is a section's
            if below[0] not in levels:
                levels.append(below[0])
            level = levels.index(below[0]) + (2 if titled else 1)
            out.append(f"{'#' * min(level, 6)} {line.strip()}")
        elif (field := _FIELD.fullmatch(line)) and not any(row.strip() and not row.startswith("# ") for row in out):
            name = (field[1] or field[2]).strip().lower()
            front.values.setdefault(name, field[3].strip() or None)
            front.lines.setdefault(name, place + 1)
            out.append("")
        elif line.startswith(".. ") or _TARGET.fullmatch(line):
            out.append("")  # a directive or a comment
        else:
            out.append(_inline(line, targets))
    title = next((row[2:].strip() for row in out if row.startswith("# ")), "")
    if title:
        front.values.setdefault("title", title)
    if not front.values:
        return Page(None, "\n".join(out), 0, ((1, NO_FRONT_MATTER),))
    return Page(front, "\n".join(out), 0)


def _inline(line: str, targets: dict[str, str]) -> str:
    line = _LINK.sub(lambda match: f"[{match[1] or match[2]}]({match[2]})", line)
    line = _LITERAL.sub(r"`\1`", line)
    line = _ROLE.sub(r"\1", line)

    def named(match: re.Match[str]) -> str:
        words = match[1] or match[2]
        url = targets.get(words.lower())
        return f"[{words}]({url})" if url else match[0]

    return _NAMED.sub(named, line) if targets else line

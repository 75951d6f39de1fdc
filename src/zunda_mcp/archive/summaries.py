"""From the lines after a story head to its summary: a slice of the source without indent, labels and source line."""

from __future__ import annotations

import textwrap
import unicodedata
from typing import NamedTuple

from zunda_mcp.archive.blocks import Document
from zunda_mcp.archive.leaks import undo_yaml
from zunda_mcp.archive.stories import Head

SOURCE_LABELS = ("引用元", "出典")
TITLE_LABELS = ("タイトル",)
SUMMARY_LABELS = ("要約",)
_LIST_MARKS = "-*+0123456789"


class Body(NamedTuple):
    """A story's text, the URL of its source line, and its title where only a label line has one."""

    title: str
    source: str | None
    summary: str


def read_body(document: Document, head: Head, end: int) -> Body:
    """Read the lines from a head to line ``end``."""
    lines, source = _without_source(document.lines[head.body : end], head.body, document)
    text = undo_yaml("\n".join(lines))
    if text is None:
        numbered = enumerate(lines, start=head.body)
        text = "\n".join(_unindented(line, head.indent) if number < head.item else line for number, line in numbered)
    title, summary = _without_labels(head.title, _trimmed(textwrap.dedent(text)))
    return Body(title, source, summary)


def without_label(line: str, labels: tuple[str, ...]) -> str | None:
    """Return what stands after a label and its colon, ``None`` where the line has no such label."""
    name, colon, rest = line.replace("：", ":", 1).partition(":")
    if not colon or name.strip(" \t\u3000*") not in labels:
        return None
    return rest.removeprefix("**").strip()


def _without_source(lines: list[str], first: int, document: Document) -> tuple[list[str], str | None]:
    """Cut the last line off if it names the source and nothing else."""
    last = next((place for place in reversed(range(len(lines))) if lines[place].strip()), None)
    if last is None or first + last in document.code_lines:
        return lines, None
    named = without_label(lines[last], SOURCE_LABELS)
    if named is None:
        return lines, None
    url = named.removeprefix("<").removesuffix(">")
    if url and ("://" not in url or " " in url):
        return lines, None  # a name, not an address: worth keeping
    return lines[:last], url or None


def _without_labels(title: str, summary: str) -> tuple[str, str]:
    """Cut a first line that only repeats the title, and the word that announces the summary."""
    first, _, rest = summary.partition("\n")
    named = without_label(first, TITLE_LABELS)
    if named is not None and (not title or _same(named, title)):
        title = title or named
        summary = _trimmed(rest)
        first, _, rest = summary.partition("\n")
    announced = without_label(first, SUMMARY_LABELS)
    if announced is not None:
        summary = _trimmed(f"{announced}\n{rest}")
    return title, summary


def _same(one: str, other: str) -> bool:
    """Whether two titles are one: a site's name behind it, widths, spaces and signs do not count."""
    left, right = (
        "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold())) for text in (one, other)
    )
    return bool(left) and (left in right or right in left)


def _unindented(line: str, width: int) -> str:
    """Take up to ``width`` columns of white space off the front of a line."""
    column = 0
    for place, character in enumerate(line):
        if column >= width or character not in " \t":
            return " " * (column - width) + line[place:]
        column += 1 if character == " " else 4 - column % 4
    return ""


def _trimmed(text: str) -> str:
    """Take blank lines off both ends, the white space of a trailing hard break, and the indent of a first paragraph."""
    lines = text.split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    if lines and lines[0].startswith(" ") and not lines[0].startswith("    "):
        first = lines[0].lstrip(" ")
        lines[0] = lines[0] if first[0] in _LIST_MARKS else first
    return "\n".join(lines).rstrip()

"""Convert documents of other kinds to pages in Markdown: org, reStructuredText, AsciiDoc, Word, OpenDocument, EPUB.

pandoc (https://pandoc.org) makes HTML of them, in which no words are lost: Markdown has no table within a table. This
module makes front matter of their keys and properties, and Markdown of the HTML.

pandoc is under the GPL, comes with the extra ``formats`` as the wheel ``pypandoc_binary``, and runs as a separate
program, without files or network (``--sandbox``). Its time and heap are limited; so is the time for all documents
together, by a limit that grows while the process runs. A pandoc on the ``PATH`` is not used: clients start servers with
another ``PATH`` than a terminal has, and the archive would change with it. Without the extra, these documents have no
format; they are read once it is installed.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from html import unescape
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from zunda_mcp.reading.endings import EXTRA, pandoc_program
from zunda_mcp.reading.html.tags import Tag, tokens
from zunda_mcp.reading.html.to_markdown import Markdown
from zunda_mcp.reading.metadata.front_matter import NO_FRONT_MATTER, FrontMatter, Page, Value, read_page
from zunda_mcp.text.calendar_days import read_day

__all__ = ["HEAP", "SLOW_SECONDS", "converted_page", "is_packed"]

_PACKED = frozenset({"docx", "odt", "epub"})
_TEMPLATE = Path(__file__).with_name("pandoc_page.html")
_SECONDS = 10  # processor time for one document; a book of 1,000 pages takes two seconds
_WAIT_SECONDS = 120  # in case the system cannot limit processor time, or the machine is very busy
_FREE_SECONDS = 1  # processor time of a document that does not count as slow; nearly all take less
SLOW_SECONDS = 60  # processor time for all slow documents together
_SLOW_SHARE = 0.1  # plus this share of the time that the process has run
HEAP = "512m"
_MOST = 64 * 1024 * 1024  # bytes of HTML that a document may become


_slow_seconds = 0.0
_started = time.monotonic()


def is_packed(kind: str) -> bool:
    """Whether documents of a kind are zip files, which are not text and have no lines."""
    return kind in _PACKED


def _html_of(data: bytes, kind: str) -> tuple[str, str]:
    """Convert a document to a line of JSON with its metadata, and its HTML below. Return this and ``""``, or ``""`` and
    why there is none. Raises ``OSError`` if slow documents have used up their time for now.
    """
    global _slow_seconds  # noqa: PLW0603 - the process has one
    program = pandoc_program()
    if program is None:
        return "", f"it takes {EXTRA}"
    if _slow_seconds > SLOW_SECONDS + (time.monotonic() - _started) * _SLOW_SHARE:
        raise TimeoutError(errno.ETIMEDOUT, "slow documents have used up the time for converting")
    before = _computed()
    try:
        return _run(program, data, kind)
    finally:
        _slow_seconds += max(_computed() - before - _FREE_SECONDS, 0)


def _computed() -> float:
    """Return the processor seconds of children that have ended; on Windows, which does not count them, the clock's."""
    times = os.times()
    return time.monotonic() if sys.platform == "win32" else times.children_user + times.children_system


def _run(program: Path, data: bytes, kind: str) -> tuple[str, str]:
    command = [str(program), "--sandbox", "--quiet", "--wrap=none", "--from", kind, "--to", "html"]
    more = ["--template", str(_TEMPLATE), "--syntax-highlighting=none", "+RTS", f"-M{HEAP}", "-RTS"]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    try:
        with subprocess.Popen([*command, *more], **pipes) as run:  # noqa: S603 - ours; no word of the document is among them
            _limit_computing(run.pid)
            try:
                html, errors = run.communicate(data, _WAIT_SECONDS)
            except subprocess.TimeoutExpired:
                run.kill()
                return "", f"it takes longer than {_WAIT_SECONDS} s"
    except OSError as error:
        return "", f"pandoc cannot be started: {error.strerror or error}"
    if run.returncode:
        message = errors.decode("utf-8", "replace").split("\n", maxsplit=1)[0]
        if "heap exhausted" in message.lower():
            return "", f"it takes more than {HEAP.upper()}B of memory"
        killed = f"it takes more than {_SECONDS} s of computing" if run.returncode < 0 else f"error {run.returncode}"
        return "", " ".join(message.split())[:200] or killed
    if len(html) > _MOST:
        return "", f"it becomes more than {_MOST // 1024 // 1024} MiB of text"
    return html.decode("utf-8", "replace").replace("\r\n", "\n"), ""


def _limit_computing(pid: int) -> None:
    """Limit the processor time of a process: a limit by the clock would let a busy machine change what is read."""
    if sys.platform == "linux":
        import resource  # not on Windows

        with suppress(OSError):  # it has ended already
            resource.prlimit(pid, resource.RLIMIT_CPU, (_SECONDS, _SECONDS))


# --- documents as pages


_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_MAIL = re.compile(r"\s*[(<]{0,2}[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+[)>]{0,2}")
_INCLUDE = re.compile(r"^include::([^\[\n]*)\[[^\]\n]*\]", re.MULTILINE)
_TABLE_FILE = re.compile(r"^([ \t]+):(?:file|url):.*$", re.MULTILINE)
_BARE_INPUT = re.compile(r"\\(input|include)[ \t]+([^\s{}\\]+)")
_CONDITION = re.compile(r"^(?:ifn?def|ifeval|endif)::[^\n]*\][ \t]*$", re.MULTILINE)
_REVISION = re.compile(r"(?:v?[\d.]+,[ \t]*)?(.*?\d.*?)(?::[ \t].*)?")
_KEY = re.compile(r"(?:\.\. |#\+|:)(\w[\w -]{0,40}):(?:[ \t]+(.*))?")
_TAGS = {"filetags": "tags"}
_ADDRESS = re.compile(r":([\w-]+):[ \t]+(https?://\S+)[ \t]*")
_COMMAS = re.compile(r'(\b(?:https?://|link:)[^\s\[\]]+)\[([^\]\n"=]*,[^\]\n"=]*)\]')
"""A link whose text has a comma. Unless it has a ``=``, nothing in it is an attribute."""
_FENCES = ("---\n", "+++\n")
_VERBATIM = re.compile(r"(-{4,}|\.{4,}|/{4,}|\+{4,}|```)[^\n]*")
_STAMPED = re.compile(r"^(?:\*+ |#\+date:).*$", re.MULTILINE | re.IGNORECASE)
_STAMP = re.compile(r"[<\[](\d{4}-\d\d-\d\d)(?: [^\W\d]+\.?)?( \d\d:\d\d)?[^<>\[\]\n]{0,40}[>\]]")
_PROPERTY = re.compile(rb"<(dcterms:created|meta:creation-date|dc:title)\b[^<>]*>\s*([^<>]{1,400}?)\s*</", re.DOTALL)
_KEYS = {b"dc:title": "title", b"dcterms:created": "updated", b"meta:creation-date": "updated"}
"""Properties with their keys in front matter. Such a day is the last resort: documents are often made from old ones."""
_PROPERTIES = ("docProps/core.xml", "meta.xml")
_MOST_PROPERTIES = 1 << 20


def converted_page(text: str, kind: str) -> Page:
    """Return a document of a kind in ``CONVERTED`` as a page in Markdown. Its front matter comes from a block above the
    document, as site generators have it (https://gohugo.io/content-management/formats/), then from the document's own
    keys. If the document cannot be converted, the page is empty, and a remark says why.
    """
    packed = is_packed(kind)
    above = Page(None, text, 0) if packed or not text.startswith(_FENCES) else read_page(text)
    text = text if above.matter is None else above.body
    data = text.encode("latin-1", "replace") if packed else _prepared(text, kind).encode("utf-8", "replace")
    converted, why = _html_of(data, kind)
    if why:
        return Page(None, "", 0, ((None, f"This document cannot be converted ({why}); it was skipped."),))
    head, _, html = converted.partition("\n")
    body = Markdown(_without_jumps(tokens(html))).text
    matter = FrontMatter(_properties(data)) if packed else _header(text, kind)
    values = _plain(json.loads(head))
    matter.values |= values if isinstance(values, dict) else {}
    remarks: tuple[tuple[int | None, str], ...] = ()
    if above.matter is not None:
        matter.values |= above.matter.values
        matter.lines = {**{key: line + above.start for key, line in matter.lines.items()}, **above.matter.lines}
        remarks = above.remarks
    if not matter.values and not body.strip():
        return Page(None, "", 0, ((None, "This document is empty; it was skipped."),))
    return Page(matter, body, 0, remarks) if matter.values else Page(None, body, 0, ((None, NO_FRONT_MATTER),))


def _without_jumps(markup: Iterable[Tag | str]) -> Iterator[Tag | str]:
    """Yield a page without links to places in it, but with their words, and without the links back from footnotes."""
    link: Tag | None = None
    for token in markup:
        if isinstance(token, Tag) and token.name == "a":
            before, link = link, token if token.opens else None
            jumps = (link or before or token).attributes.get("href", "").startswith("#")
            if not jumps:
                yield token
        elif link is None or link.attributes.get("class") != "footnote-back":
            yield token


def _plain(value: object) -> Value:
    """Return a value of the metadata without markup and mail addresses; ``None`` if nothing is left."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    text = _MAIL.sub("", unescape(_TAG.sub("", str(value)))) if isinstance(value, str) else str(value)
    return " ".join(text.split()) or None


def _header(text: str, kind: str) -> FrontMatter:
    """Return the lines at the top of a text that have keys: ``#+date: …`` (org), ``.. date: …`` (Nikola), ``:date: …``
    below a title (AsciiDoc), where the first two lines without a key are the author and the revision.
    """
    matter = FrontMatter()
    lines = text.split("\n")
    start, end = _asciidoc_header(lines) if kind == "asciidoc" else (0, 0)
    for place, line in enumerate(lines, start=1):
        match = _KEY.fullmatch(line.rstrip())
        if start < place - 1 < end and match is None:
            if "author" in matter.values and (revision := _REVISION.fullmatch(line.strip())):
                matter.values.setdefault("date", revision[1])
                matter.lines.setdefault("date", place)
            else:
                key, value = _author_or_day(line.strip())
                matter.values.setdefault(key, value)
                matter.lines.setdefault(key, place)
        elif match is None and line.strip() and place - 1 != start:
            break
        if match and match[2]:
            name = match[1].strip().lower()
            matter.values.setdefault(_TAGS.get(name, name), _STAMP.sub(r"\1\2", match[2].strip()))
            matter.lines.setdefault(name, place)
    return matter


def _author_or_day(line: str) -> tuple[str, Value]:
    """Return the key and value of the line below a title in AsciiDoc: the authors, or if they are left out, the day."""
    if read_day(line):
        return "date", line
    return "author", [_MAIL.sub("", one).strip() for one in line.split(";")]


def _prepared(text: str, kind: str) -> str:
    """Return the text of a document without markup that would change its words, or read other files."""
    if kind == "org":  # snake_case is a name, not a subscript; a day in a heading needs no brackets
        stamped = _STAMPED.sub(lambda line: _STAMP.sub(r"\1\2", line[0]), text)
        return f"#+OPTIONS: ^:nil\n{stamped}"
    if kind == "asciidoc":  # other files are not read, and must not make the conversion fail
        lines = text.split("\n")
        start, end = _asciidoc_header(lines)
        lines[start + 1 : end] = [line for line in lines[start + 1 : end] if line.startswith(":")]
        _lower_titles(lines, start)
        for key, value in (match.groups() for match in map(_ADDRESS.fullmatch, lines[start:end]) if match):
            lines = [line.replace(f"{{{key}}}", value) for line in lines]
        text = _COMMAS.sub(r'\1["\2"]', _CONDITION.sub("", "\n".join(lines)))
        return _INCLUDE.sub(r"link:\1[\1]", text)
    if kind == "rst":  # a table in another file
        return _TABLE_FILE.sub("", text)
    if kind == "latex":
        return _BARE_INPUT.sub(r"\\\1{\2}", text)
    return text


def _asciidoc_header(lines: Sequence[str]) -> tuple[int, int]:
    """Return the lines of the title and after the header, from 0; ``(0, 0)`` if the document has no title
    (https://docs.asciidoctor.org/asciidoc/latest/document/header/).
    """
    start = next(
        (place for place, line in enumerate(lines) if line.strip() and not line.startswith((":", "//", "["))), 0
    )
    if not lines[start].startswith("= "):
        return 0, 0
    return start, next((place for place in range(start, len(lines)) if not lines[place].strip()), len(lines))


def _lower_titles(lines: list[str], title: int) -> None:
    """Turn the titles after that of a document (the parts of a book), which are errors to pandoc, into sections."""
    verbatim = ""
    for place in range(title + 1, len(lines)):
        line = lines[place]
        if (fence := _VERBATIM.fullmatch(line)) and verbatim in ("", fence[1]):
            verbatim = "" if verbatim else fence[1]
        elif not verbatim and line.startswith("= "):
            lines[place] = f"={line}"


def _properties(data: bytes) -> dict[str, Value]:
    """Return the title and the day in a packed document's properties (ECMA-376 part 2, OpenDocument 1.2 part 1)."""
    try:
        with ZipFile(io.BytesIO(data)) as opened:
            name = next((name for name in _PROPERTIES if name in opened.namelist()), "")
            if not name or opened.getinfo(name).file_size > _MOST_PROPERTIES:
                return {}
            properties = _PROPERTY.findall(opened.read(name))
    except (BadZipFile, ValueError, OSError, RuntimeError, EOFError, NotImplementedError):  # pandoc says what is wrong
        return {}
    return {_KEYS[key]: unescape(value.decode("utf-8", "replace")) for key, value in properties}

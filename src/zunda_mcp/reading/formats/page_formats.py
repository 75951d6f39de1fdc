"""Reads pages in Markdown, HTML, plain text, mail or a language that pandoc converts: one episode, or one for each day
of a diary. Every page becomes front matter and a body in Markdown (`page_of`).

A mail message (RFC 5322, MIME) is in a file of its own or in an mbox. It stays bytes until its text is chosen, since
each part has its own charset. Names of charsets mean what they mean on the web
(https://encoding.spec.whatwg.org/#names-and-labels). If the bytes do not match, the charset is guessed, with a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import BinaryIO

from zunda_mcp.config.files import read_regular
from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Drafts
from zunda_mcp.reading.encoding import Decoded, decode, with_newlines
from zunda_mcp.reading.endings import CONVERTED, kind_of
from zunda_mcp.reading.formats import Format
from zunda_mcp.reading.html.to_markdown import markdown_of
from zunda_mcp.reading.html.web_page import read_html
from zunda_mcp.reading.markdown.cleaning import fenced_lines, with_hash_headings
from zunda_mcp.reading.markdown.pandoc import converted_page, is_packed
from zunda_mcp.reading.metadata.fields import DATE, Fields, day_of
from zunda_mcp.reading.metadata.front_matter import NO_FRONT_MATTER, FrontMatter, Page, read_page
from zunda_mcp.reading.metadata.labels import with_labels
from zunda_mcp.reading.page_reader import draft_of_page, drafts_of_pages
from zunda_mcp.reading.splitting.diary import days_of
from zunda_mcp.text.calendar_days import find_days

__all__ = ["ConvertedPage", "MarkdownPage", "MarkupPage", "Mbox", "PlainText", "leads_on", "opening_day", "page_of"]

_LONGEST_TITLE = 120
_FIRST_LINES, _LONGEST_LINE = 6, 300
"""How many lines of a text may state its day, and how long they may be: later lines and prose mention other days."""
_MAILBOX = re.compile(r"From [^\n]{1,200}\d{4}\n(?:From|Date|Subject|Message-ID): ")
"""How a month of a mailing list begins in an archive of Mailman (``2024-January.txt``)."""


class MarkdownPage(Format):
    """Markdown with front matter of any kind or none: Jekyll, Hugo, Astro, Eleventy, Pelican and the like."""

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read one page, or each day of a diary. A page without a date counts if it looks like an episode."""
        if not text.strip():
            return [], [origin.problem("This file is empty; it was skipped.", skipped=True)]
        return _drafts(page_of(text, origin.path, origin.metadata), origin)


_LINES = ("title", "slug", "date", "tags", "link", "description", "type")
"""The fields in the lines of a ``.meta`` file without names (https://getnikola.com/handbook.html#metadata-fields)."""
_RUN_ON = re.compile(r"</(?:p|li|h[1-6]|ul|ol)>[ \t]*<(?:p|li|h[1-6]|ul|ol)\b", re.IGNORECASE)


_REFRESH = re.compile(r"<meta\s(?=[^<>]*http-equiv\s*=\s*[\"']?refresh)[^<>]*url\s*=", re.IGNORECASE)


class MarkupPage(Format):
    """Pages in HTML, and newsletters saved as mail."""

    fallback = True

    def decoded(self, data: bytes, name: str) -> Decoded:
        """Return the text of a page. A message keeps its bytes (`_as_text`), since each part has its own charset."""
        return Decoded(_as_text(data), None) if kind_of(name) == "mail" else super().decoded(data, name)

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read one page, which is an episode if it or its name has a day, or one message, with or without a day."""
        is_mail = kind_of(origin.path.name) == "mail"
        if leads_on(text):
            return [], []
        own = replace(origin, conventions=replace(origin.conventions, undated=is_mail))
        draft, problems = draft_of_page(_with_labels(page_of(text, origin.path, origin.metadata), origin), own)
        if draft is None or (draft.date is None and not is_mail):
            return [], []
        if draft.date is None:
            problems = [*problems, origin.problem("This message has no date; it was kept without one.")]
        return [draft], problems


def leads_on(text: str) -> bool:
    """Whether the head of a page of HTML says that it only leads on to another address."""
    return _REFRESH.search(text[:4000]) is not None


class PlainText(Format):
    """Plain text with a day in its name or first lines, read as Markdown: minutes, letters, diaries, months of mailing
    lists. A scan does not list transcripts as such pages.
    """

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read one text, or each day of a diary. One without a day gives nothing unless the whole archive has none."""
        if _MAILBOX.match(text):
            return Mbox().read(text, origin)
        text = text if text.startswith(("---", "+++", ".. ")) else _titled(text)
        page = page_of(text, origin.path, origin.metadata)
        if page.matter is None:  # nobody expects any of a text, nor a title
            page = replace(page, remarks=())
            origin = replace(origin, conventions=replace(origin.conventions, untitled=True))
        if origin.conventions.opening_days and not days_of(page, origin):
            page = replace(page, matter=opening_day(page, origin) or page.matter)
        drafts, problems = _drafts(page, origin)
        own = origin.conventions.undated or any(draft.date for draft in drafts)
        return (drafts, problems) if own else ([], [])


def opening_day(page: Page, origin: Origin) -> FrontMatter | None:
    """Return front matter with the only day in the short first lines of a text; ``None`` if its day is known."""
    matter = page.matter or FrontMatter()
    lines = [(place, line) for place, line in enumerate(page.body.split("\n"), page.start + 1) if line.strip()]
    short = ((place, line) for place, line in lines[:_FIRST_LINES] if len(line) <= _LONGEST_LINE)
    days = {match.day: place for place, line in short for match in find_days(line, origin.conventions.order)}
    if len(days) != 1 or origin.date is not None or Fields(matter).texts(*DATE):
        return None
    ((day, place),) = days.items()
    return FrontMatter({**matter.values, "date": day.isoformat()}, {**matter.lines, "date": place}, matter.remarks)


class ConvertedPage(Format):
    """Documents that pandoc converts to Markdown, with the extra ``formats``: org, reStructuredText, Word, EPUB, …"""

    def decoded(self, data: bytes, name: str) -> Decoded:
        """Return the text of a document; a packed one (Word, EPUB) keeps its bytes, as Latin-1."""
        packed = is_packed(kind_of(name))
        return Decoded(data.decode("latin-1"), None) if packed else super().decoded(data, name)

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read one document, or each day of a journal. What cannot be converted is a problem."""
        page = page_of(text, origin.path, origin.metadata)
        if page.matter is None and not page.body.strip():
            return [], [origin.problem(cause, skipped=True) for _, cause in page.remarks]
        return _drafts(page, origin)


def page_of(text: str, path: Path, metadata: Path | None = None) -> Page:
    """Split a text into front matter and body. ``metadata`` is a file with the former. Raises ``OSError`` for it."""
    return _with_metadata(_page_of(text, path), metadata)


def _with_metadata(page: Page, metadata: Path | None) -> Page:
    """Return a page with the front matter of ``metadata`` if it has none itself. Raises ``OSError``."""
    if metadata is None or page.matter is not None:
        return page
    text = decode(read_regular(metadata)).text or ""
    ending = metadata.suffix.lower()
    if ending != ".meta":
        fence = {".toml": "+++\n", ".json": ""}.get(ending, "---\n")
        text = f"{fence}{text}\n{fence}"
    elif not text.startswith((".. ", "---", "+++")):
        text = "\n".join(f".. {name}: {line}" for name, line in zip(_LINES, text.split("\n"), strict=False))
    beside = read_page(text)
    remarks = tuple((None, f"{metadata.name}: {cause}") for _, cause in beside.remarks)
    return Page(beside.matter, page.body, page.start, remarks)


def _page_of(text: str, path: Path) -> Page:
    kind = kind_of(path.name)
    if kind == "mail":
        return _read_mail(text)
    if kind in CONVERTED:
        return converted_page(text, kind)
    if kind == "html" and not text.startswith("---"):
        return read_html(text)
    page = read_page(text)
    page = replace(page, body=with_hash_headings(page.body))
    if kind != "html" and not _RUN_ON.search(page.body):
        return page
    lines, code = page.body.split("\n"), fenced_lines(page.body)
    # HTML that programs write has several paragraphs in a line. If all text is inside tags, lists may span lines.
    if kind == "html" or all(line.lstrip()[:1] in ("", "<") for line in lines):
        return replace(page, body=markdown_of(page.body, "html").text)
    for place, line in enumerate(lines):
        if line.lstrip().startswith("<") and _RUN_ON.search(line) and place not in code:
            lines[place] = f"{markdown_of(line, 'html').text}\n"
    return replace(page, body="\n".join(lines))


def _with_labels(page: Page, origin: Origin) -> Page:
    usual = origin.conventions
    return with_labels(page, usual.order, origin.date, people="people" not in usual.mapping.rules)


def _drafts(page: Page, origin: Origin) -> Drafts:
    """Return the draft of a page, or of each day of a diary, and the problems."""
    parts = days_of(page, origin) or [(page, origin)]
    return drafts_of_pages((_with_labels(part, own), own) for part, own in parts)


def _titled(text: str) -> str:
    """Return a text with its first line as a heading if it looks like a title: short, alone, and not a sentence."""
    lines = text.split("\n")
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    line, alone = lines[first], not "".join(lines[first + 1 : first + 2]).strip()
    if alone and len(line) <= _LONGEST_TITLE and line[:1].isalnum() and line.strip()[-1] not in ".:。：":
        lines[first] = f"# {line}"
    return "\n".join(lines)


# --- mail


_CHARSETS = {
    **dict.fromkeys(("iso-2022-jp", "iso-2022-jp-ms", "cp50220"), "iso2022_jp_2004"),
    **dict.fromkeys(("shift_jis", "shift-jis", "x-sjis", "windows-31j"), "cp932"),
    "euc-jp": "euc_jis_2004",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
}
"""Python's supersets of the charsets that mail names."""

_KANJI = re.compile(rb"\x1b\$[@B]")
_BETWEEN = re.compile(rb"(?:\A|\n)From [^\n]{1,200}\d{4}[^\n]{0,20}\n(?=[A-Za-z][\w-]*:)")
_OBSCURED = re.compile(r"^From: (\S{1,100}) at (\S{1,100}) \(([^()\n]{1,200})\)$", re.MULTILINE)
"""How public archives of Mailman obscure the address of a sender."""
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_ANSWERS = re.compile(r"^(?:(?:re|fwd?|aw|sv)\s*:\s*)+")


class Mbox(Format):
    """Messages in one file, as mail programs and archives of mailing lists keep them (RFC 4155). Each is an episode."""

    source = "stream"

    def read_stream(self, stream: BinaryIO, origin: Origin) -> Drafts:
        """Read all messages. The id of each is its day and its subject."""
        drafts, problems = drafts_of_pages(_pages_of(stream.read(), origin))
        if not drafts:
            problems.append(origin.problem("This mbox holds no message that can be read.", skipped=True))
        return drafts, problems


def _pages_of(data: bytes, origin: Origin) -> Iterator[tuple[Page, Origin]]:
    """Yield each message as a page, with its own id."""
    whole = data.replace(b"\r\n", b"\n")
    begins = list(_BETWEEN.finditer(whole))
    ends = [*(match.start() for match in begins[1:]), len(whole)]
    conventions = replace(origin.conventions, undated=True)
    for match, end in zip(begins, ends, strict=False):
        page = _read_mail(_as_text(_QUOTED.sub(rb"\1", whole[match.end() : end])))
        fields = Fields(page.matter or FrontMatter())
        moment = day_of(fields.text("date") or "")
        slug = re.sub(r"[^\w]+", "-", _ANSWERS.sub("re ", fields.plain("title").lower()))
        day = moment.placed(origin.zone).day.isoformat() if moment else origin.id
        name = f"{day}-{slug.strip('-')[:60]}".strip("-")
        yield page, replace(origin, id=name, slug=name, date=None, number=None, guess=None, conventions=conventions)


def _as_text(data: bytes) -> str:
    """Return the bytes of a message as text, which `_read_mail` turns back into bytes."""
    return with_newlines(data.decode("ascii", "surrogateescape"))


def _read_mail(text: str) -> Page:
    """Read the text, subject, date and sender of a message, without its attachments. Never raises."""
    text = _OBSCURED.sub(r"From: \3 <\1@\2>", text, count=1)
    try:
        message = message_from_bytes(text.encode("utf-8", "surrogateescape"), EmailMessage, policy=policy.default)
        subject, date, sender = (_header(message, name) for name in ("Subject", "Date", "From"))
        part = message.get_body(("html", "plain"))
        payload = part.get_payload(decode=True) if part is not None else b""
        charset = (part.get_content_charset() if part is not None else None) or ""
        kind = "html" if part is not None and part.get_content_subtype() == "html" else "text"
    except (ValueError, LookupError, TypeError, AttributeError, IndexError, KeyError):
        return Page(None, "", 0, ((1, "This message cannot be read."),))
    body, remark = _decoded(payload if isinstance(payload, bytes) else b"", charset)
    remarks = ((1, remark),) if remark else ()
    body = markdown_of(with_newlines(body), kind).text
    if not date and not subject:
        return Page(None, body, 0, (*remarks, (1, NO_FRONT_MATTER)))
    name, address = parseaddr(sender)
    values = {"title": subject, "date": date, "author": name or address}
    values = {key: value for key, value in values.items() if value}
    return Page(FrontMatter(dict(values), {}, list(remarks)), body, 0, remarks)


def _header(message: EmailMessage, name: str) -> str:
    """Return a header on one line. Raw bytes in it are decoded as their most likely encoding."""
    value = str(message.get(name) or "")
    if any("\udc80" <= sign <= "\udcff" for sign in value):
        value = decode(value.encode("utf-8", "surrogateescape")).text or value.encode("ascii", "replace").decode()
    return " ".join(value.split())


def _decoded(payload: bytes, charset: str) -> tuple[str, str]:
    """Return the text of a part, and a remark about its charset (``""`` if it is as stated)."""
    name = _CHARSETS.get(charset.lower(), charset)
    if name == "iso2022_jp_2004":
        payload = _KANJI.sub(b"\x1b$(Q", payload)  # JIS X 0213 has the characters that mail adds to JIS X 0208
    for codec in filter(None, (name, charset)):
        with suppress(LookupError, ValueError):
            return payload.decode(codec), ""
    guess = decode(payload).text
    remark = f"The text is not in the charset {charset[:40]} that it names; it was guessed." if charset else ""
    return guess if guess is not None else payload.decode("cp1252", "replace"), remark

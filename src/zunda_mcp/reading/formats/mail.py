"""Messages as they were mailed (RFC 5322, MIME): one in a file, or many in an mbox, each part in its own charset.

A message is kept as bytes until its part is known, since the charset of one part is not that of another. What a charset
is called is taken as the web takes it (https://encoding.spec.whatwg.org/#names-and-labels); where the bytes do not fit,
they are guessed, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import BinaryIO

from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Drafts
from zunda_mcp.reading.encoding import decode, with_newlines
from zunda_mcp.reading.formats.format import Format
from zunda_mcp.reading.html.to_markdown import markdown_of
from zunda_mcp.reading.metadata.fields import Fields, day_of
from zunda_mcp.reading.metadata.front_matter import NO_FRONT_MATTER, FrontMatter, Page
from zunda_mcp.reading.page_reader import drafts_of_pages

__all__ = ["Mbox", "as_text", "read_mail"]

_CHARSETS = {
    "iso-2022-jp": "iso2022_jp_2004",
    "iso-2022-jp-ms": "iso2022_jp_2004",
    "cp50220": "iso2022_jp_2004",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "euc-jp": "euc_jis_2004",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
}
"""Supersets that Python knows of charsets that mail names."""

_KANJI = re.compile(rb"\x1b\$[@B]")
_BETWEEN = re.compile(rb"(?:\A|\n)From [^\n]{1,200}\d{4}[^\n]{0,20}\n(?=[A-Za-z][\w-]*:)")
_OBSCURED = re.compile(r"^From: (\S{1,100}) at (\S{1,100}) \(([^()\n]{1,200})\)$", re.MULTILINE)
"""How public archives of Mailman write a sender."""
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_ANSWERS = re.compile(r"^(?:(?:re|fwd?|aw|sv)\s*:\s*)+")


class Mbox(Format):
    """Messages one after the other, as mail programs and archives of lists keep them (RFC 4155): each is an episode."""

    source = "stream"

    def read_stream(self, stream: BinaryIO, origin: Origin) -> Drafts:
        """Read all messages; the id of each is its day and its subject."""
        drafts, problems = drafts_of_pages(_pages_of(stream.read(), origin))
        if not drafts:
            problems.append(origin.problem("This mbox holds no message that can be read.", skipped=True))
        return drafts, problems


def _pages_of(data: bytes, origin: Origin) -> Iterator[tuple[Page, Origin]]:
    """Yield the messages as pages, each with an id of its own."""
    whole = data.replace(b"\r\n", b"\n")
    begins = list(_BETWEEN.finditer(whole))
    ends = [*(match.start() for match in begins[1:]), len(whole)]
    conventions = replace(origin.conventions, undated=True)
    taken: set[str] = set()
    for place, (match, end) in enumerate(zip(begins, ends, strict=False), start=1):
        page = read_mail(as_text(_QUOTED.sub(rb"\1", whole[match.end() : end])))
        fields = Fields(page.matter or FrontMatter())
        moment = day_of(fields.text("date") or "")
        slug = re.sub(r"[^\w]+", "-", _ANSWERS.sub("re ", fields.plain("title").lower()))
        day = moment.placed(origin.zone).day.isoformat() if moment else origin.id
        name = f"{day}-{slug.strip('-')[:60]}".strip("-")
        name = name if name not in taken else f"{name}-{place}"
        taken.add(name)
        own = replace(origin, id=name, slug=name, date=None, number=None, guess=None, conventions=conventions)
        yield page, own


def as_text(data: bytes) -> str:
    """Return the bytes of a message as text that `read_mail` makes bytes of again."""
    return with_newlines(data.decode("ascii", "surrogateescape"))


def read_mail(text: str) -> Page:
    """Read one message. Attachments and all other headers are left alone. Never raises."""
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
    """Return a header on one line; raw bytes in it are read as what they are most likely."""
    value = str(message.get(name) or "")
    if any("\udc80" <= sign <= "\udcff" for sign in value):
        value = decode(value.encode("utf-8", "surrogateescape")).text or value.encode("ascii", "replace").decode()
    return " ".join(value.split())


def _decoded(payload: bytes, charset: str) -> tuple[str, str]:
    """Return the text of a part, and what there is to say about its charset (``""`` for nothing)."""
    name = _CHARSETS.get(charset.lower(), charset)
    if name == "iso2022_jp_2004":
        payload = _KANJI.sub(b"\x1b$(Q", payload)  # JIS X 0213 has what mail puts into gaps of JIS X 0208
    for codec in filter(None, (name, charset)):
        try:
            return payload.decode(codec), ""
        except (LookupError, ValueError):
            continue
    guess = decode(payload).text
    text = guess if guess is not None else payload.decode("cp1252", "replace")
    if not charset:
        return text, ""
    return text, f"The text is not in the charset {charset[:40]} that it names; it was guessed."

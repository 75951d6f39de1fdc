"""A newsletter as it was mailed (RFC 5322, MIME): subject, day, sender, and its text, HTML where it has that."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

from zunda_mcp.archive.feeds.markup import markdown_of
from zunda_mcp.archive.front_matter import NO_FRONT_MATTER, FrontMatter, Page


def read_mail(text: str) -> Page:
    """Read one message. Attachments and all other headers are left alone. Never raises."""
    try:
        message = message_from_bytes(text.encode("utf-8", "surrogatepass"), EmailMessage, policy=policy.default)
        subject, date, sender = (" ".join(str(message.get(name) or "").split()) for name in ("Subject", "Date", "From"))
        part = message.get_body(("html", "plain"))
        body = str(part.get_content()) if part is not None else ""
        kind = "html" if part is not None and part.get_content_subtype() == "html" else "text"
    except (ValueError, LookupError, TypeError, AttributeError, IndexError, KeyError):
        return Page(None, "", 0, ((1, "This message cannot be read."),))
    if not date:
        return Page(None, body, 0, ((1, NO_FRONT_MATTER),))
    name, address = parseaddr(sender)
    values = {"title": subject, "date": date, "author": name or address}
    body = body.replace("\r\n", "\n").replace("\r", "\n")
    return Page(FrontMatter({key: value for key, value in values.items() if value}), markdown_of(body, kind).text, 0)

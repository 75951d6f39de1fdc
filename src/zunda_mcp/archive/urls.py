"""Small rules about URLs."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_STRAY_QUOTES = "\"'”“` \t\n"


def encoded(url: str) -> str:
    """Percent-encode what may not stand in a URL (Japanese, spaces); what is encoded already stays as it is."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    path, query, fragment = (_encoded(part) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, parts.netloc, path, query, fragment))


def encoded_path(path: str) -> str:
    """Percent-encode a file's path for a URL; a ``%`` in a file name is one."""
    return quote(path, safe="/~!$&'()+,;=@", errors="replace")


def is_web(url: str) -> bool:
    """Whether this is a whole ``http`` or ``https`` address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def story_url(written: str | None, page: str | None) -> str | None:
    """Return the address of a story: as written, without stray quotes or bold signs; a relative one as its page has it.

    ``None`` for what is no web address (``javascript:``, a relative link on an episode without a page).
    """
    url = (written or "").strip(_STRAY_QUOTES).removesuffix("**")
    if is_web(url):
        return url
    try:
        if not url or not page or urlsplit(url).scheme:
            return None
        return urljoin(page, url)
    except ValueError:
        return None


def _encoded(part: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe="/?%~!$&'()*+,;=:@", errors="replace")

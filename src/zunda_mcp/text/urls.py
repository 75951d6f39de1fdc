"""URLs: one spelling for each page, a site with its parent domains, the words of a path, and safe encoding."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

__all__ = [
    "canonical_url", "encoded", "encoded_path", "is_url", "is_web", "link_words", "linked", "looks_like_domain",
    "readable_url", "site", "sites_of", "story_url", "without_links",
]  # fmt: skip

_TRACKING = re.compile(r"^(utm_\w+|fbclid|gclid|ref|ref_src|s|t)$")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_DOMAIN = re.compile(r"^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}$", re.IGNORECASE)
_PATH_WORD = re.compile(r"[^\W\d_][\w]*", re.UNICODE)
_OPAQUE = re.compile(r"^(?=.*\d)[0-9a-z]{10,}$|^[0-9a-f]{8,}$")
_ESCAPED_LETTERS = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
_X = frozenset({"x.com", "twitter.com", "mobile.twitter.com", "mobile.x.com"})
_STATUS = re.compile(r"/(?:i/web|(\w+))/status/", re.ASCII)
_PHOTO = re.compile(r"(?<=[0-9])/(?:photo|video)/[0-9]+$")
_LINKED = re.compile(r"https?://[^\s\"<>「」『』（）、。，｜]+", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(html?|php|aspx?|md|pdf)$")


def canonical_url(url: str) -> str:
    """One spelling for all addresses of a page, without scheme, ``www.``, ``m.``, tracking parameters, fragment and
    final slash. A post on twitter.com, or a picture in it, is the post on x.com.
    """
    url = url.strip()
    try:
        split = urlsplit(url if _SCHEME.match(url) else f"https://{url}")
        host = (split.hostname or "").removeprefix("www.").removeprefix("m.")
        query = urlencode(
            [pair for pair in parse_qsl(split.query, keep_blank_values=True) if not _TRACKING.match(pair[0])]
        )
    except ValueError:
        return url.lower()
    path = unquote(split.path).rstrip("/")
    if host in _X:
        host, path = "x.com", _PHOTO.sub("", path)
    return host + path + (f"?{query}" if query else "")


def site(url: str) -> str | None:
    """The host of a URL without ``www.``, or None if there is none."""
    try:
        host = urlsplit(url.strip() if _SCHEME.match(url.strip()) else f"https://{url.strip()}").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def sites_of(host: str) -> list[str]:
    """A host and its parent domains, except a last label alone.

    >>> sites_of("k-tai.watch.impress.co.jp")
    ['k-tai.watch.impress.co.jp', 'watch.impress.co.jp', 'impress.co.jp', 'co.jp']
    """
    labels = host.lower().split(".")
    return [".".join(labels[i:]) for i in range(max(1, len(labels) - 1))]


def is_url(text: str) -> bool:
    """Whether ``text`` is a URL with a scheme."""
    return bool(_SCHEME.match(text)) and bool(site(text))


def looks_like_domain(text: str) -> bool:
    """Whether ``text`` could be a domain, perhaps with a path (``zenn.dev``, ``openai.com/blog``; also ``Node.js``)."""
    return bool(_DOMAIN.match(text.split("/", 1)[0]))


def link_words(url: str) -> str:
    """The words of a URL that a person would remember: those of host and path, but no ids; for a post, its author.

    >>> link_words("https://developer.nvidia.com/blog/llm-inference-benchmarking/")
    'developer nvidia com blog llm inference benchmarking'
    """
    try:
        split = urlsplit(url)
        host = (split.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if host in _X and (status := _STATUS.match(split.path)):
        return (status[1] or "").lower()
    path = _EXTENSION.sub("", unquote(split.path).lower())
    words = [word for word in _PATH_WORD.findall(path.replace("_", "-")) if not _OPAQUE.match(word)]
    return " ".join(host.split(".") + words)


def linked(text: str) -> list[str]:
    """The addresses of pages in a plain text, each once, without punctuation after them.

    >>> linked("見た https://example.com/a?x=1。 (https://example.org/)")
    ['https://example.com/a?x=1', 'https://example.org/']
    """
    return list(dict.fromkeys(url.rstrip(".,:;!?)]}'") for url in _LINKED.findall(text))) if "://" in text else []


def without_links(text: str) -> str:
    """A plain text without its addresses, for a heading; unchanged if no letter or digit would remain."""
    rest = _LINKED.sub("", text).strip() if "://" in text else text
    return rest if any(sign.isalnum() for sign in rest) else text


def readable_url(url: str | None) -> str | None:
    """A URL with the letters of other scripts decoded (an IRI, RFC 3987), which is a third as long to read.

    Only whole letters outside ASCII are decoded, so that the URL names the same page.
    """
    if url is None or "%" not in url:
        return url
    return _ESCAPED_LETTERS.sub(_decoded, url)


def _decoded(match: re.Match[str]) -> str:
    try:
        text = bytes.fromhex(match.group().replace("%", "")).decode("utf-8")
    except UnicodeDecodeError:
        return match.group()
    return (
        text
        if all(character.isalnum() or unicodedata.category(character) == "So" for character in text)
        else match.group()
    )


_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_STRAY_QUOTES = "\"'”“` \t\n"


def encoded(url: str) -> str:
    """Percent-encode characters that a URL may not contain (Japanese, spaces); encoded ones stay as they are."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    path, query, fragment = (_encoded(part) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, parts.netloc, path, query, fragment))


def encoded_path(path: str) -> str:
    """Percent-encode the path of a file for a URL; a ``%`` in its name is encoded as well."""
    return quote(path, safe="/~!$&'()+,;=@", errors="replace")


def is_web(url: str) -> bool:
    """Whether this is a complete ``http`` or ``https`` address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def story_url(written: str | None, page: str | None) -> str | None:
    """Return the address of a story without stray quotes or bold signs; a relative one is resolved against its page.

    Return ``None`` if it is not a web address (``javascript:``, a relative link in an episode without a page).
    """
    url = (written or "").strip(_STRAY_QUOTES).removesuffix("**")
    if url.startswith("//"):
        url = f"https:{url}"  # relative to the scheme of a page
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

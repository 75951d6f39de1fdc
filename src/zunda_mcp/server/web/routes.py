"""Find the page for a path and its parameters, with its status and headers.

Nothing here depends on a server. ``answer`` blocks, so call it in a thread.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from zunda_mcp.config.http_options import MCP_PATH
from zunda_mcp.errors import ArgumentError, NotFoundError, ZundaError
from zunda_mcp.server.web.episode_pages import episode_page, story_page
from zunda_mcp.server.web.layout import document, element
from zunda_mcp.server.web.overview_pages import connect_page, episodes_page, home_page, topics_page
from zunda_mcp.server.web.search_page import refused_page, search_page
from zunda_mcp.server.web.site_links import PHRASES, Links, PageContext, SearchForm, language_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from zunda_mcp.config.http_options import HttpOptions
    from zunda_mcp.library import Library

__all__ = ["ASSETS", "PageRequest", "PageResponse", "answer", "locked_page", "page_request", "read_asset"]

_logger = logging.getLogger(__name__)

ASSETS = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
"""The files that pages need, with their types."""
_LANGUAGE_COOKIE = "language"
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_LOOKS, _LOOK_SECONDS = 20, 0.1
"""How often to look for an index, and seconds between two looks, before a page says that it is being built."""
_MAX_TYPED = 2000
"""The most characters of a parameter, as in the search box; longer ones are cut."""


@dataclass(frozen=True)
class PageRequest:
    """The request of a browser. ``path`` is relative to the root of the site; ``endpoint`` is the public address of the
    MCP server, and ``guarded`` says whether that needs a token.
    """

    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    languages: str = ""
    language_cookie: str = ""
    root: str = "/"
    endpoint: str = ""
    guarded: bool = False
    public: bool = True

    @property
    def is_open(self) -> bool:
        """Whether no token is needed: the site is public, or the path reveals nothing of the archive."""
        return self.public or self.path in ("robots.txt", *(f"assets/{name}" for name in ASSETS))


def page_request(request: Request, options: HttpOptions, root: str) -> PageRequest:
    """Return an HTTP request, whose host was checked, as a ``PageRequest``."""
    here = f"http://{request.headers.get('host', '')}{MCP_PATH}"
    return PageRequest(
        path=str(request.scope["path"]).removeprefix("/"),
        parameters=dict(request.query_params),
        languages=request.headers.get("accept-language", ""),
        language_cookie=request.cookies.get("language", ""),
        root=root,
        endpoint=here if options.public_url is None else options.url,
        guarded=options.guarded,
        public=options.public_page or not options.guarded,
    )


@dataclass(frozen=True)
class PageResponse:
    """The response: a page, or a file that pages need."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def answer(opener: Callable[[], Library], request: PageRequest) -> PageResponse:
    """Return the page for a request. Errors become pages too; never raises."""
    if request.path.startswith("assets/"):
        name = request.path.removeprefix("assets/")
        if name in ASSETS:
            return _asset(name)
    if request.path == "robots.txt":
        return _robots(request)
    chosen = request.parameters.get("lang", "") or request.language_cookie
    language = language_of(chosen, request.languages)
    status, audio = 200, None
    say = PHRASES[language].messages.translated
    try:
        library = opener()
        if not _is_open(library):
            return _waiting_page(language)
        site = _site(library, request, language)
        try:
            text, audio = _page(site, library, request)
        except ArgumentError as error:
            status, text = 400, refused_page(site, library, _question(request), say(str(error)))
        except NotFoundError as error:
            title = element("h1", site.phrases.no_page)
            why = element("p", say(str(error)), dir="auto")
            status, text = 404, document(site, site.phrases.no_page, title, why, question=SearchForm())
    except ZundaError as error:
        status, text = 503, _bare(language, PHRASES[language].unavailable, say(str(error)))
    except Exception:
        _logger.exception("a page could not be made")
        status, text = 500, _bare(language, PHRASES[language].fault, "")
    headers = {**_html_headers(audio), "Cache-Control": _caching(request, status)}
    if request.parameters.get("lang") in PHRASES:
        headers["Cache-Control"] = "no-store"  # the cookie is this visitor's
        headers["Set-Cookie"] = (
            f"{_LANGUAGE_COOKIE}={language}; Path={request.root}; Max-Age=31536000; SameSite=Lax; HttpOnly"
        )
    return PageResponse(status, text.encode("utf-8", "replace"), headers)


def _is_open(library: Library) -> bool:
    """Wait up to two seconds for an existing index to open. Return False if the first is still being built."""
    for _ in range(_LOOKS):
        fresh = library.freshness()
        if fresh.episodes or fresh.state != "building":
            return True
        time.sleep(_LOOK_SECONDS)
    return False


def _waiting_page(language: str) -> PageResponse:
    """Return the page shown while the first index is being built. It reloads itself."""
    headers = {**_html_headers(None), "Cache-Control": "no-store", "Retry-After": "3", "Refresh": "3"}
    return PageResponse(503, _bare(language, PHRASES[language].building_page, "…").encode(), headers)


def locked_page(request: PageRequest, *, ask_for_token: bool) -> PageResponse:
    """Return the page for callers who may not see the site. It can ask for a token as the password of HTTP Basic
    authentication (RFC 7617), which browsers can send.
    """
    language = language_of(request.parameters.get("lang", "") or request.language_cookie, request.languages)
    phrases = PHRASES[language]
    text = _bare(language, phrases.locked, phrases.locked_how if ask_for_token else "")
    headers = {**_html_headers(None), "Cache-Control": "no-store"}
    if ask_for_token:
        headers["WWW-Authenticate"] = 'Basic realm="zunda-mcp", charset="UTF-8"'
    return PageResponse(401 if ask_for_token else 403, text.encode(), headers)


def _html_headers(audio: str | None) -> dict[str, str]:
    """Return the headers of a page. A player may fetch from any host over HTTPS, since recordings of podcasts are often
    behind several redirects. Nothing is fetched before a visitor plays it.
    """
    policy = _POLICY
    if audio and urlsplit(audio).scheme in ("http", "https"):
        policy += f"; media-src https: {'http:' if audio.startswith('http:') else ''}".rstrip()
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "Vary": "Accept-Language, Cookie",
        **_HEADERS,
    }


def _caching(request: PageRequest, status: int) -> str:
    """Return ``Cache-Control``: a public page may be cached for a minute, any other not at all."""
    return "public, max-age=60" if request.public and status == 200 else "no-store"


def _site(library: Library, request: PageRequest, language: str) -> PageContext:
    about = library.about()
    return PageContext(
        Links(request.root),
        PHRASES[language],
        about.freshness,
        about.language,
        request.endpoint,
        request.guarded,
        request.parameters,
    )


def _page(site: PageContext, library: Library, request: PageRequest) -> tuple[str, str | None]:
    """Return the page, and the address of the recording in it. Raises ``NotFoundError`` or ``ArgumentError``."""
    parameters, question = request.parameters, _question(request)
    first, _, rest = request.path.strip("/").partition("/")
    match first, rest:
        case "", "":
            return (search_page(site, library, question) if question.asks else home_page(site, library)), None
        case "topics", "":
            sort = parameters.get("sort", "") or "count"
            return topics_page(site, library, question.q, sort, question.cursor), None
        case "episodes", "":
            return episodes_page(site, library, parameters.get("year", "")[:4]), None
        case "connect", "":
            return connect_page(site), None
        case "episodes", episode_id:
            return episode_page(site, library, episode_id, _second(parameters.get("t", "")))
        case "stories", named if named.rpartition("/")[2].isdecimal():
            episode_id, _, place = named.rpartition("/")
            story_id = f"{episode_id}#{place}"
            origin = site.endpoint.removesuffix(urlsplit(site.endpoint).path)
            return story_page(site, library, story_id, origin + site.links.story(story_id))
    raise NotFoundError(f"There is no page /{request.path[:80]}.")


def _question(request: PageRequest) -> SearchForm:
    given = request.parameters
    return SearchForm(**{one.name: given.get(one.name, "").strip()[:_MAX_TYPED] for one in fields(SearchForm)})


def _second(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 7 else None


def _bare(language: str, title: str, text: str) -> str:
    """Return a page with nothing from the archive, for callers who may not see it or if it cannot be read."""
    head = element("head", element("meta", charset="utf-8"), element("title", title))
    body = element("body", element("main", element("h1", title), element("p", text)))
    return "<!doctype html>\n" + element("html", head, body, lang=language)


def _robots(request: PageRequest) -> PageResponse:
    """Return ``robots.txt`` (RFC 9309). Search engines may read the pages of episodes and stories but no searches, and
    nothing if visitors need a token.
    """
    closed = [f"{request.root}?", f"{request.root}topics?", f"{request.root}mcp"] if request.public else ["/"]
    text = "".join(["User-agent: *\n", *(f"Disallow: {path}\n" for path in closed)])
    return PageResponse(200, text.encode(), {"Content-Type": "text/plain; charset=utf-8", **_HEADERS})


@cache
def read_asset(name: str) -> bytes:
    """Return a file that pages need, one of ``ASSETS``."""
    return (files(__package__ or "zunda_mcp.server.web") / "assets" / name).read_bytes()


def _asset(name: str) -> PageResponse:
    headers = {"Content-Type": f"{ASSETS[name]}; charset=utf-8", "Cache-Control": "public, max-age=300", **_HEADERS}
    return PageResponse(200, read_asset(name), headers)

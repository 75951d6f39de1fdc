"""HTML elements, the frame of every page, and the parts that pages share: search form, chart, player.

Texts are escaped and addresses checked when an element is made:

>>> element("p", "a < b ", element("a", "there", href="https://example.org"), class_="note")
'<p class="note">a &lt; b <a href="https://example.org" rel="nofollow noopener">there</a></p>'
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import urlencode

from zunda_mcp import __version__
from zunda_mcp.answers import PeriodCount
from zunda_mcp.rendering.sanitize import clean
from zunda_mcp.server.web.site_links import PHRASES, PageContext, SearchForm
from zunda_mcp.text.timestamps import timestamp, url_at

__all__ = [
    "AppLink", "Child", "Markup", "chart", "document", "element", "join", "listed", "markdown", "marked", "moment",
    "player", "quoted", "search_form",
]  # fmt: skip

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
_ADDRESSES = frozenset({"href", "src", "action"})
_OUTWARD = re.compile(r"https?://[^\s]", re.IGNORECASE)
_INWARD = re.compile(r"(?![/\\]{2})(?:[/?#.]|[\w%~-]+(?:[/?#.]|$))")
_SCHEME = re.compile(r"[^/?#]*:")
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


class Markup(str):
    """Finished HTML: ``element`` inserts it without escaping."""

    __slots__ = ()


class AppLink(str):
    """An address that we made and that opens an application (``vscode:…``); ``element`` does not check it."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child] | None"
"""A text, an element, several of them, or nothing."""


def element(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Markup:
    """Return an element. ``class_`` becomes the attribute ``class``, ``aria_label`` becomes ``aria-label``. Attributes
    that are None or False are left out, and so are addresses that are neither on the web nor on this site.
    """
    parts = [f"<{name}"]
    outward = False
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        if attribute in _ADDRESSES and not isinstance(value, AppLink):
            address = str(value).strip()
            outward = _OUTWARD.match(address) is not None
            if not outward and (not _INWARD.match(address) or _SCHEME.match(address)):
                continue
        parts.append(f" {attribute}" if value is True else f' {attribute}="{html.escape(clean(str(value)))}"')
    if outward and name == "a":
        parts.append(' rel="nofollow noopener"')
    parts.append(">")
    if name not in _VOID:
        parts += [join(*children), f"</{name}>"]
    return Markup("".join(parts))


def join(*children: Child) -> Markup:
    """Join texts, which are escaped, and elements."""
    parts: list[str] = []
    for child in children:
        if child is None:
            continue
        if isinstance(child, Markup):
            parts.append(child)
        elif isinstance(child, str):
            parts.append(html.escape(clean(child), quote=False))
        else:
            parts.append(join(*child))
    return Markup("".join(parts))


def listed(entries: Iterable[Child], class_: str | None = None, name: str = "ul") -> Markup:
    return element(name, (element("li", entry) for entry in entries), class_=class_)


def marked(snippet: str) -> Markup:
    """Return a snippet as HTML. Its matched words, which are in ``**bold**``, are marked."""
    pieces = _BOLD.split(snippet)
    return join(element("mark", piece) if place % 2 else piece for place, piece in enumerate(pieces))


_HEIGHT, _BAR, _AXIS = 96, 22, 16


def document(site: PageContext, title: str, *body: Child, question: SearchForm | None = None, current: str = "") -> str:
    """Return a whole page. ``current`` is its entry in the navigation; a search form is shown with ``question``."""
    phrases, links, fresh = site.phrases, site.links, site.fresh
    whole = f"{title} – {site.name}" if title and title != site.name else site.name
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="same-origin"),
        element("meta", property="og:title", content=whole),
        element("title", whole),
        element("link", rel="icon", href=links.asset("icon.svg"), type="image/svg+xml"),
        element("link", rel="stylesheet", href=links.asset("page.css")),
        element("script", "", src=links.asset("page.js"), defer=True),
    )
    entries = (("topics", phrases.topics), ("episodes", phrases.episodes), ("connect", phrases.connect))
    shown = [entry for entry in entries if links.live or site.endpoint or entry[0] != "connect"]
    navigation = element(
        "nav",
        element("a", site.name, href=links.home(), class_="brand", lang=site.archive_language, dir="auto"),
        listed(
            element("a", label, href=links.page(name), aria_current=name == current and "page") for name, label in shown
        ),
        _languages(site) if links.live else None,
        aria_label=site.name,
    )
    state = {"current": phrases.current, "updating": phrases.updating, "building": phrases.building}
    reach = phrases.as_of.format(newest=phrases.day(fresh.newest), state=state.get(fresh.state, phrases.unreadable))
    footer = element(
        "footer",
        element("p", reach),
        element("p", phrases.made_with, " ", element("a", f"zunda-mcp {__version__}", href=_HOME)),
    )
    return "<!doctype html>\n" + element(
        "html",
        head,
        element(
            "body",
            element("a", phrases.skip, href="#main", class_="skip"),
            element("header", navigation, search_form(site, question) if question is not None else None),
            element("main", body, id="main", tabindex="-1"),
            footer,
        ),
        lang=phrases.language,
    )


_HOME = "https://github.com/zunda-mcp/zunda-mcp"


def _languages(site: PageContext) -> Markup:
    here = "?" + urlencode({**{name: value for name, value in site.parameters.items() if name != "lang"}, "lang": ""})
    others = (phrases for phrases in PHRASES.values() if phrases.language != site.phrases.language)
    return element(
        "p",
        (
            element("a", other.name, href=here + other.language, lang=other.language, hreflang=other.language)
            for other in others
        ),
        class_="languages",
    )


def search_form(site: PageContext, question: SearchForm) -> Markup | None:
    """Return the search box, which keeps the current filters; None if no server can answer."""
    phrases = site.phrases
    if not site.links.live and not site.endpoint:
        return None
    kept = {**question.filters(), **({"sort": question.sort} if question.sort else {})}
    return element(
        "form",
        element("label", phrases.search_label, for_="q", class_="unseen"),
        element(
            "input",
            type="search",
            id="q",
            name="q",
            value=question.q,
            placeholder=phrases.placeholder,
            autocomplete="off",
            enterkeyhint="search",
            maxlength=2000,
        ),
        (element("input", type="hidden", name=name, value=value) for name, value in kept.items()),
        element("button", phrases.search, type="submit"),
        action=site.links.search(SearchForm()),
        method="get",
        role="search",
        class_="search",
    )


def quoted(site: PageContext, name: str, /, *children: Child, **attributes: str | int | bool | None) -> Markup:
    """Return an element with the archive's own words, marked with its language and the direction of the text."""
    return element(name, *children, lang=site.archive_language, dir="auto", **attributes)


def chart(
    site: PageContext, title: str, question: SearchForm, periods: Sequence[PeriodCount], *, skip: bool = False
) -> Markup | None:
    """Return a bar chart of stories over time; each bar links to the stories of its period. ``skip`` adds a link past
    the bars to the hits, for keyboards. None if there are fewer than two periods.
    """
    highest = max((period.stories for period in periods), default=0)
    if len(periods) < 2 or not highest:
        return None
    phrases = site.phrases
    width = _BAR * len(periods)
    bars: list[Child] = []
    for place, period in enumerate(periods):
        first, last = _days(period.period)
        label = phrases.period_of.format(period=_named(site, period.period), stories=phrases.stories(period.stories))
        height = round(_HEIGHT * period.stories / highest, 1) or 1
        height = max(height, 2) if period.stories else 1
        bar = join(
            element("title", label),
            element("rect", x=place * _BAR, y=0, width=_BAR, height=str(_HEIGHT), class_="room"),
            element(
                "rect",
                x=str(place * _BAR + 3),
                y=str(_HEIGHT - height),
                width=_BAR - 6,
                height=str(height),
                rx=2,
                class_="bar" if period.stories else "none",
            ),
        )
        if period.stories and site.links.live:
            narrowed = question.changed(since=first, until=last)
            bars.append(element("a", bar, href=site.links.search(narrowed), aria_label=label))
        else:
            seen = {"role": "img", "aria_label": label} if period.stories else {"aria_hidden": "true"}
            bars.append(element("g", bar, **seen))
    drawing = element(
        "svg",
        bars,
        _axis(site, periods),
        viewBox=f"0 0 {width} {_HEIGHT + _AXIS}",
        width=width,
        height=_HEIGHT + _AXIS,
        role="group",
        aria_label=title,
    )
    return element(
        "figure",
        element("a", phrases.skip_chart, href="#hits", class_="skip") if skip else None,
        element("figcaption", title, element("span", phrases.highest.format(n=f"{highest:,}"), class_="quiet")),
        element("div", drawing, class_="scroll", tabindex=0, role="region", aria_label=title),
        class_="chart",
    )


def _axis(site: PageContext, periods: Sequence[PeriodCount]) -> list[Markup]:
    """Return the years below the bars, each at its first bar, unless there is no room."""
    labels: list[Markup] = []
    year, free = "", -1
    for place, period in enumerate(periods):
        if period.period[:4] != year and place >= free:
            year, free = period.period[:4], place + 2
            text = site.phrases.day(year)
            labels.append(element("text", text, x=place * _BAR + 3, y=_HEIGHT + _AXIS - 3, aria_hidden="true"))
    return labels


def _days(period: str) -> tuple[str, str]:
    """Return the first and the last day of a period, as filters take them."""
    if "W" not in period:
        return period, period
    year, _, week = period.partition("-W")
    monday = dt.date.fromisocalendar(int(year), int(week), 1)
    return monday.isoformat(), (monday + dt.timedelta(days=6)).isoformat()


def _named(site: PageContext, period: str) -> str:
    first, last = _days(period)
    if first == last:
        return site.phrases.day(period)
    return site.phrases.reach.format(first=site.phrases.day(first), last=site.phrases.day(last))


def player(site: PageContext, audio_url: str | None, youtube_id: str | None, start: float | None) -> Markup | None:
    """Return the player of a recording, at ``start`` seconds. Nothing is fetched from other hosts until a visitor plays
    it; so a video is a link, since a frame would be fetched at once.
    """
    phrases, parts = site.phrases, list[Child]()
    if audio_url:
        at = (url_at(audio_url, start) if start else None) or audio_url
        parts.append(element("audio", "", controls=True, preload="none", src=at, aria_label=phrases.recording))
        if start:
            parts.append(element("p", phrases.play_from.format(time=timestamp(start)), class_="quiet"))
    if youtube_id:
        video = f"https://www.youtube.com/watch?v={youtube_id}"
        label = phrases.watch_at.format(time=timestamp(start)) if start else "YouTube"
        at = (url_at(video, start) if start else None) or video
        parts.append(element("p", element("a", label, "\u00a0↗", href=at)))
    return element("section", parts, id="player", aria_label=phrases.recording) if parts else None


def moment(site: PageContext, start: float, href: str) -> Markup:
    """Return a link to a second of a recording. With JavaScript it moves the player of the page."""
    time = timestamp(start)
    label = site.phrases.listen_at.format(time=time)
    return element("a", "▶ ", time, href=href, class_="moment", aria_label=label, data_second=str(int(start)))


def markdown(text: str) -> Markup:
    """Return Markdown from the archive as HTML. HTML in it is shown as text, pictures become links, and headings become
    paragraphs.
    """
    return Markup(_markdown().render(clean(text)))


@cache
def _markdown() -> Any:
    from markdown_it import MarkdownIt  # start-up: only if a page is shown
    from markdown_it.renderer import RendererHTML  # start-up
    from markdown_it.token import Token  # start-up

    class Renderer(RendererHTML):
        def image(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
            token = tokens[index]
            source = str(token.attrGet("src") or "")
            return element("a", token.content or source, href=source)

        def link_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
            opened = element("a", "", href=str(tokens[index].attrGet("href") or ""))
            return opened.removesuffix("</a>")

        def heading_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
            return '<p class="heading">'

        def heading_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
            return "</p>"

    return MarkdownIt("commonmark", {"html": False, "xhtmlOut": False}, renderer_cls=Renderer).enable(
        ["table", "strikethrough"]
    )

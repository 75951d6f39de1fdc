"""The page of search results: chart, hits with snippets, and links and forms for filters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from zunda_mcp.answers import Hit, Mention, SearchResult, Sort
from zunda_mcp.server.web.layout import Child, Markup, chart, document, element, join, listed, marked, quoted
from zunda_mcp.server.web.site_links import PageContext, SearchForm
from zunda_mcp.text.timestamps import timestamp

if TYPE_CHECKING:
    from zunda_mcp.library import Library
    from zunda_mcp.results.counts import Facets

__all__ = ["hit_list", "refused_page", "search_page"]

_MAX_CHARS = 40_000
"""The most characters of an answer: enough for the hits that the tool gives on a page, each with a snippet."""
_SPOKEN = re.compile(r"\(spoken(?: from ([\d:]+))?\) ")
"""The beginning of a snippet of speech, as the library writes it."""
_FACETS = 8
"""The most values of one facet that are shown."""


def search_page(site: PageContext, library: Library, question: SearchForm) -> str:
    """Return the page of search results. Raises ``ArgumentError`` if the question cannot be answered."""
    phrases = site.phrases
    filters = question.filters()
    answer = library.search(
        question.q,
        **filters,
        sort=cast(Sort, question.sort or "relevance"),  # which the library checks
        cursor=question.cursor or None,
        detail="snippets",
        max_chars=_MAX_CHARS,
    )
    facets = library.facets(question.q, **filters)
    title = question.q or phrases.filters
    over_time = phrases.over_time.format(query=question.q) if question.q else phrases.every_story
    any_hit = bool(answer.hits or answer.total_stories or answer.total_episodes)
    body = [
        _headline(site, question, answer, any_hit=any_hit),
        _chips(site, question),
        chart(site, over_time, question, facets.periods, skip=True) if any_hit else None,
        element(
            "div",
            element("div", _answer(site, question, answer, any_hit=any_hit), class_="hits", id="hits", tabindex="-1"),
            _narrow(site, question, facets, library.hosts()) if site.links.live else None,
            class_="columns",
        ),
    ]
    return document(site, title, body, question=question)


def _headline(site: PageContext, question: SearchForm, answer: SearchResult, *, any_hit: bool) -> Markup:
    phrases, live = site.phrases, site.links.live
    if not any_hit:
        text = phrases.nothing.format(query=question.q or phrases.filters)
    elif answer.total_episodes:
        in_stories = answer.total_episodes - answer.own_text
        totals = phrases.totals.format(
            stories=phrases.stories(answer.total_stories), episodes=phrases.broadcasts(in_stories)
        )
        by_title = phrases.by_title.format(episodes=phrases.broadcasts(answer.own_text))
        text = " + ".join([*([totals] if answer.total_stories else []), *([by_title] if answer.own_text else [])])
    else:
        text = phrases.closest
    days = None
    if answer.first and answer.last and answer.first != answer.last:
        days = phrases.reach.format(first=phrases.day(answer.first), last=phrases.day(answer.last))
    return join(
        element("h1", text),
        element("p", days, class_="quiet") if days else None,
        element("p", phrases.nothing_more, class_="quiet") if not any_hit else None,
        element(
            "details",
            element("summary", phrases.understood),
            element("p", phrases.messages.translated(answer.understood), dir="auto"),
            class_="understood",
        ),
        element("p", element("a", phrases.narrow, " ↓", href="#narrow"), class_="to-narrow")
        if any_hit and live
        else None,
    )


def _chips(site: PageContext, question: SearchForm) -> Markup | None:
    """Return the current filters, each with a link that removes it."""
    phrases = site.phrases
    chips = [
        element(
            "a",
            f"{getattr(phrases, name)}: {value} ",
            element("span", "×", aria_hidden="true"),
            href=site.links.search(question.changed(**{name: ""})),
            aria_label=phrases.remove.format(what=f"{getattr(phrases, name)}: {value}"),
        )
        for name, value in question.filters().items()
    ]
    return listed(chips, "chips") if chips else None


def _answer(site: PageContext, question: SearchForm, answer: SearchResult, *, any_hit: bool) -> list[Child]:
    phrases, links = site.phrases, site.links
    full = [hit for hit in answer.hits if not hit.near]
    near = [hit for hit in answer.hits if hit.near]
    parts: list[Child] = [hit_list(site, full) if full else None]
    if near:
        heading = phrases.partly if answer.total_stories or answer.total_episodes else None
        parts += [element("h2", heading) if heading else None, hit_list(site, near)]
    if answer.next_cursor and (links.live or site.endpoint):
        following = question.changed(cursor=answer.next_cursor)
        parts.append(element("p", element("a", phrases.more, href=links.search(following), rel="next"), class_="more"))
    elif answer.complete and not question.cursor:
        parts.append(element("p", phrases.complete, class_="quiet"))
    if question.cursor:
        parts.append(element("p", element("a", phrases.first_page, href=links.search(question.changed()))))
    if answer.suggestions and not any_hit:
        words = (quoted(site, "a", word, href=links.topic(word)) for word in answer.suggestions)
        parts += [element("h2", phrases.instead), listed(words, "chips")]
    if answer.near:
        parts += [element("h2", phrases.close_by), _mentions(site, answer.near)]
    return parts


def _mentions(site: PageContext, mentions: Sequence[Mention]) -> Markup:
    return listed(
        [_time(site, one.date), " ", quoted(site, "a", one.title, href=site.links.story(one.id))] for one in mentions
    )


def _time(site: PageContext, date: str | None) -> Markup:
    return element("time", site.phrases.day(date), datetime=date)


def hit_list(site: PageContext, hits: Sequence[Hit]) -> Markup:
    """Return hits as a list, each with a title that links to its page, facts about its origin, and a snippet."""
    return listed((_hit(site, hit) for hit in hits), "hit-list", "ol")


def _hit(site: PageContext, hit: Hit) -> Markup:
    phrases, links = site.phrases, site.links
    story = links.story(hit.id)
    title = hit.title if hit.kind != "passage" else f"{hit.title} · {phrases.passage}"
    facts: list[Child] = [_time(site, hit.date)]
    if hit.kind != "episode" and hit.episode_title and hit.kind != "passage":
        facts.append(quoted(site, "a", hit.episode_title, href=links.episode(hit.episode_id)))
    if hit.archive:
        facts.append(quoted(site, "span", hit.archive))
    if hit.url:
        facts.append(element("a", hit.site or phrases.source, "\u00a0↗", href=hit.url))
    if hit.start is not None and (hit.audio_url or hit.listen_url):
        time = timestamp(hit.start)
        facts.append(element("a", "▶ ", time, href=f"{story}#player", aria_label=phrases.listen_at.format(time=time)))
    snippet = hit.snippet if hit.snippet.replace("**", "") != hit.title else ""
    return join(
        element("h3", quoted(site, "a", title or links.story(hit.id), href=story)),
        element("p", *(element("span", fact, class_="fact") for fact in facts), class_="facts"),
        _snippet(site, snippet) if snippet else None,
    )


def _snippet(site: PageContext, snippet: str) -> Markup:
    """Return a snippet. If it is speech, a label in the language of the page says so, and from what time."""
    spoken = _SPOKEN.match(snippet)
    label = None
    if spoken:
        time = spoken[1] or ""
        label = element("span", site.phrases.spoken_from.format(time=time).strip(), " ", class_="quiet")
    return quoted(site, "p", label, marked(snippet[spoken.end() :] if spoken else snippet), class_="snippet")


def _narrow(site: PageContext, question: SearchForm, facets: Facets, hosts: Sequence[str]) -> Markup:
    phrases = site.phrases
    years: dict[str, int] = {}
    for period in facets.periods:
        years[period.period[:4]] = years.get(period.period[:4], 0) + period.stories
    by_year = {year: count for year, count in sorted(years.items(), reverse=True) if count}
    note = phrases.newest_counted.format(n=f"{facets.counted:,}") if facets.counted < facets.total else None
    return element(
        "aside",
        element("h2", phrases.narrow, element("span", f" ({note})", class_="quiet") if note else None),
        _sorts(site, question) if facets.total else None,
        _facet(site, question, "years", by_year),
        _facet(site, question, "host", facets.hosts),
        _facet(site, question, "site", facets.sites),
        _facet(site, question, "archive", facets.archives),
        _facet(site, question, "kind", facets.kinds),
        _dates(site, question, hosts),
        id="narrow",
        aria_label=phrases.narrow,
    )


def _sorts(site: PageContext, question: SearchForm) -> Markup:
    current = question.sort or "relevance"
    entries = (
        element(
            "a",
            getattr(site.phrases, sort),
            href=site.links.search(question.changed(sort="" if sort == "relevance" else sort)),
            aria_current=sort == current and "true",
        )
        for sort in ("relevance", "newest", "oldest")
    )
    return join(element("h3", site.phrases.sort), listed(entries, "facet"))


def _facet(site: PageContext, question: SearchForm, name: str, counts: Mapping[str, int]) -> Markup | None:
    if len(counts) < 2:
        return None
    phrases = site.phrases
    label = {"years": phrases.years, "host": phrases.hosts, "site": phrases.sites}.get(name) or getattr(phrases, name)
    entries: list[Child] = []
    for value, count in list(counts.items())[:_FACETS]:
        change = {"since": value, "until": value} if name == "years" else {name: value}
        link = quoted(site, "a", value, href=site.links.search(question.changed(**change)))
        entries.append([link, element("span", f"{count:,}", class_="number")])
    return join(element("h3", label), listed(entries, "facet"))


def refused_page(site: PageContext, library: Library, question: SearchForm, why: str) -> str:
    """Return a page on why a question cannot be answered, with everything that was typed, to be changed or removed."""
    title, question = site.phrases.bad_request, question.changed(sort="")
    typed = question.asks and site.links.live
    body = [
        element("h1", title),
        element("p", why, dir="auto"),
        _chips(site, question),
        _dates(site, question, library.hosts()) if typed else None,
    ]
    return document(site, title, body, question=SearchForm(q=question.q))


def _dates(site: PageContext, question: SearchForm, hosts: Sequence[str]) -> Markup:
    """Return a form for dates in words, and for hosts and sites that no facet shows."""
    phrases = site.phrases

    def field(name: str, placeholder: str = "") -> Markup:
        label = element("label", getattr(phrases, name), for_=f"by-{name}")
        offered = f"{name}-list" if name == "host" and hosts else None
        box = element(
            "input", id=f"by-{name}", name=name, value=getattr(question, name), placeholder=placeholder, list=offered
        )
        return element("p", label, box)

    return element(
        "form",
        element("h3", phrases.filters),
        element("input", type="hidden", name="q", value=question.q),
        element("input", type="hidden", name="sort", value=question.sort) if question.sort else None,
        field("since", phrases.date_example),
        field("until"),
        field("host"),
        field("site", "zenn.dev"),
        element("datalist", (element("option", value=host) for host in hosts[:100]), id="host-list") if hosts else None,
        element("button", phrases.apply, type="submit"),
        action=site.links.home(),
        method="get",
        class_="filters",
    )

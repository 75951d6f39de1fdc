"""The pages about the whole archive: the home page, its topics, its episodes, and how to connect an assistant.

Sources of links that open applications: cursor.com/docs/mcp/install-links (Cursor), code.visualstudio.com/api/
extension-guides/ai/mcp (VS Code), lmstudio.ai/docs/app/mcp/deeplink (LM Studio); the commands are those of ``claude``,
``codex``, ``gemini`` and ``code``.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from zunda_mcp.answers import EpisodeBrief, PeriodCount, Topic, TopicSort
from zunda_mcp.server.web.layout import AppLink, Child, Markup, chart, document, element, listed, quoted, search_form
from zunda_mcp.server.web.site_links import PageContext, SearchForm

if TYPE_CHECKING:
    from zunda_mcp.library import Library

__all__ = ["address_box", "connect_page", "episodes_page", "home_page", "topics_page"]

_LATEST, _OFTEN, _TOPICS = 8, 24, 50
_TOPIC_CHARS = 60_000
_MONTHS = 60
"""With more months than this, a chart shows years."""


def home_page(site: PageContext, library: Library) -> str:
    """Return the home page: about the archive, search box, chart, frequent topics and latest episodes."""
    phrases, links, fresh = site.phrases, site.links, site.fresh
    episodes = library.episodes()
    reach = phrases.reach.format(first=phrases.day(fresh.oldest), last=phrases.day(fresh.newest))
    about = phrases.about_archive.format(
        episodes=phrases.broadcasts(fresh.episodes), stories=phrases.stories(fresh.stories), reach=reach
    )
    topics = library.topic_names()[:_OFTEN]
    body: list[Child] = [
        element(
            "section",
            quoted(site, "h1", site.name),
            element("p", about, class_="lead"),
            search_form(site, SearchForm()),
            class_="hero",
        ),
        chart(site, phrases.every_story, SearchForm(), _stories_over_time(episodes)),
    ]
    if topics:
        chips = (
            [quoted(site, "a", topic.name, href=links.topic(topic.name)), _number(topic.stories)] for topic in topics
        )
        more = element("p", element("a", phrases.all_topics, href=links.page("topics")))
        body.append(element("section", element("h2", phrases.often), listed(chips, "chips"), more))
    more = element("p", element("a", phrases.all_episodes, href=links.page("episodes")))
    latest = listed((_episode(site, one) for one in episodes[:_LATEST]), "episodes")
    body.append(element("section", element("h2", phrases.latest), latest, more))
    if site.endpoint:
        how = element("p", element("a", phrases.connect, href=links.page("connect")))
        intro = element("p", phrases.connect_intro)
        body.append(element("section", element("h2", phrases.connect), intro, address_box(site), how))
    return document(site, site.name, body)


def _stories_over_time(episodes: Sequence[EpisodeBrief]) -> list[PeriodCount]:
    """Count stories and episodes by month, or by year if over ``_MONTHS``; empty periods are included."""
    days = sorted(one.date for one in episodes if one.date)
    if not days:
        return []
    first, last = (int(day[:4]) * 12 + int(day[5:7]) - 1 for day in (days[0], days[-1]))
    names = [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(first, last + 1)]
    if len(names) > _MONTHS:
        names = [f"{year:04d}" for year in range(first // 12, last // 12 + 1)]
    stories, broadcasts = Counter[str](), Counter[str]()
    for episode in episodes:
        period = (episode.date or "")[: len(names[0])]
        stories[period] += max(episode.stories, 1)
        broadcasts[period] += 1
    return [PeriodCount(period=name, stories=stories[name], episodes=broadcasts[name]) for name in names]


def _number(count: int) -> Markup:
    return element("span", f" {count:,}", class_="number")


def _episode(site: PageContext, episode: EpisodeBrief) -> Child:
    return [
        element("time", site.phrases.day(episode.date), datetime=episode.date),
        " ",
        quoted(site, "a", episode.title or episode.id, href=site.links.episode(episode.id)),
        quoted(site, "span", " ", ", ".join(episode.hosts), class_="quiet") if episode.hosts else None,
    ]


def episodes_page(site: PageContext, library: Library, year: str = "") -> str:
    """Return all episodes of a year, by default the newest, newest first; a static site shows all years."""
    phrases = site.phrases
    by_year = {
        name: list(episodes)
        for name, episodes in groupby(
            sorted(library.episodes(), key=lambda one: one.date or "", reverse=True), lambda one: (one.date or "")[:4]
        )
    }
    years = list(by_year)
    shown = year if year in by_year else (years[0] if years else "")
    live = site.links.live
    here = f"{site.links.page('episodes')}?year=" if live else "#y"
    tabs = [
        [element("a", phrases.day(name), href=here + name, aria_current=live and name == shown and "page"),
         _number(len(by_year[name]))]
        for name in years
    ]  # fmt: skip
    groups = [shown] if live else years
    lists = [
        element(
            "section",
            element("h2", phrases.day(name)),
            listed((_episode(site, one) for one in by_year.get(name, ())), "episodes"),
            id=f"y{name}",
        )
        for name in groups
    ]
    question = SearchForm() if live else None
    return document(site, phrases.episodes, element("h1", phrases.episodes), listed(tabs, "chips"), lists,
                    question=question, current="episodes")  # fmt: skip


def topics_page(site: PageContext, library: Library, query: str = "", sort: str = "count", cursor: str = "") -> str:
    """Return a page of topics with their number of stories. Raises ``ArgumentError``."""
    phrases, links = site.phrases, site.links
    here = links.page("topics")
    answer = library.topics(
        query,
        sort=cast(TopicSort, sort),  # which the library checks
        limit=_TOPICS,
        cursor=cursor or None,
        max_chars=_TOPIC_CHARS,
    )
    sorts = (("count", phrases.by_count), ("recent", phrases.by_recent), ("rising", phrases.rising))
    tabs = (
        element("a", label, href=f"{here}?sort={name}", aria_current=name == sort and "page") for name, label in sorts
    )
    rows = listed((_topic(site, topic) for topic in answer.topics), "topics")
    more = None
    if answer.next_cursor and links.live:
        following = SearchForm(q=query, sort=sort, cursor=answer.next_cursor)
        more = element("p", element("a", phrases.more, href=here + links.search(following)[len(links.home()) :]))
    question = SearchForm() if links.live else None
    return document(
        site, phrases.topics, element("h1", phrases.topics), listed(tabs, "chips") if links.live else None, rows, more,
        question=question, current="topics",
    )  # fmt: skip


def _topic(site: PageContext, topic: Topic) -> Child:
    phrases = site.phrases
    count = phrases.topic_stories.format(
        stories=phrases.stories(topic.stories), last=phrases.day(topic.last and topic.last[:7])
    )
    others = quoted(site, "p", " · ".join(topic.aliases[:4]), class_="quiet") if topic.aliases else None
    name = quoted(site, "a", topic.name, href=site.links.topic(topic.name))
    return [name, " ", element("span", count, class_="quiet whole"), others]


_NAME = "zunda"
_EXAMPLES = {
    "en": ("What did the show say about TensorRT-LLM?", "When was MCP first mentioned, and how often since?"),
    "ja": ("番組ではTensorRT-LLMについて何と言っていた?", "MCPが最初に取り上げられたのはいつ? その後どのくらい?"),
}


def connect_page(site: PageContext) -> str:
    """Return the page that shows how to connect each client that takes an address."""
    phrases = site.phrases
    configuration: dict[str, Any] = {"url": site.endpoint}
    header = ""
    if site.guarded:
        configuration["headers"] = {"Authorization": "Bearer TOKEN"}
        header = ' --header "Authorization: Bearer TOKEN"'
    encoded = quote(base64.b64encode(json.dumps(configuration).encode()).decode(), safe="")
    code = {"name": _NAME, "type": "http", **configuration}
    applications = (
        ("Cursor", f"cursor://anysphere.cursor-deeplink/mcp/install?name={_NAME}&config={encoded}"),
        ("VS Code", f"vscode:mcp/install?{quote(json.dumps(code), safe='')}"),
        ("LM Studio", f"lmstudio://add_mcp?name={_NAME}&config={encoded}"),
    )
    commands = [
        ("Claude Code", f"claude mcp add --transport http {_NAME} {site.endpoint}{header}"),
        ("Codex", f"codex mcp add {_NAME} --url {site.endpoint}" + (" --bearer-token-env-var TOKEN" * site.guarded)),
        ("Gemini CLI", f"gemini mcp add --transport http {_NAME} {site.endpoint}{header}"),
        ("VS Code", f"code --add-mcp '{json.dumps(code)}'"),
    ]
    whole = json.dumps({"mcpServers": {_NAME: configuration}}, indent=2)
    body = [
        element("h1", phrases.connect),
        element("p", phrases.connect_intro, class_="lead"),
        element("h2", phrases.endpoint),
        address_box(site),
        element("p", phrases.key_needed) if site.guarded else None,
        element("h2", phrases.one_click),
        listed((element("a", name, href=AppLink(address)) for name, address in applications), "chips"),
        element("h2", phrases.commands),
        [_pasted(site, f"paste-{place}", name, text) for place, (name, text) in enumerate(commands)],
        element("h2", phrases.hosted),
        element("p", phrases.hosted_how),
        element("h2", phrases.any_client),
        _pasted(site, "paste-json", None, whole),
        element("h2", phrases.ask_for),
        listed(_EXAMPLES[phrases.language]),
    ]
    return document(site, phrases.connect, body, current="connect")


def address_box(site: PageContext) -> Markup:
    """Return the address of the MCP server, ready to copy."""
    return _pasted(site, "endpoint", None, site.endpoint)


def _pasted(site: PageContext, name: str, label: str | None, text: str) -> Markup:
    return element(
        "div",
        element("h3", label) if label else None,
        element("pre", element("code", text), id=name, tabindex=0),
        element("button", site.phrases.copy, type="button", hidden=True, data_copy=name, data_done=site.phrases.copied),
        class_="pasted",
    )

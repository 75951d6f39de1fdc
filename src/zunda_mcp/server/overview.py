"""The archive in one page, and all its topics: what a model reads first to know what can be asked.

Both are made from the lists of one generation, so they are the same until an episode comes or goes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from zunda_mcp.answers import DEFAULT_MAX_CHARS
from zunda_mcp.rendering import answer_text
from zunda_mcp.rendering.sanitize import one_line, shorten

if TYPE_CHECKING:
    from zunda_mcp.answers import About, EpisodeBrief, Topic
    from zunda_mcp.library import Library
    from zunda_mcp.models import Problem

__all__ = ["overview", "topics"]

_LANGUAGES = {"ja": "Japanese (日本語)", "en": "English", "ko": "Korean", "zh": "Chinese", "de": "German"}
_SHORTEST = 20
_STEPS = ((12, 12, 30, 5, 3), (8, 8, 20, 4, 2), (5, 5, 10, 3, 1), (3, 3, 5, 1, 0))
"""How many hosts, sites, topics, episodes and problems are named at each step of tightening."""


def overview(archive: Library) -> str:
    """The archive in one page of Markdown, in less than ``DEFAULT_MAX_CHARS`` characters."""
    about, episodes, problems = archive.about(), archive.episodes(), archive.problems()
    sites = [(one.site, one.stories) for one in archive.sites()]
    names = [(topic.name, topic.stories) for topic in archive.topic_names()]
    hosts = Counter(host for episode in episodes for host in episode.hosts).most_common()
    end = _how_to_ask(names[0][0] if names else "", episodes)
    page = ""
    for most_hosts, most_sites, most_topics, newest, faults in _STEPS:
        page = "\n\n".join(
            part
            for part in (
                _head(about),
                _years(episodes),
                _counted("Hosts (episodes)", hosts, most_hosts),
                _counted("Busiest sites (stories that link there)", sites, most_sites),
                _counted("Most covered topics (stories); all are in archive://topics", names, most_topics),
                _newest(episodes[:newest]),
                _problems(problems, faults),
                end,
            )
            if part
        )
        if len(page) < DEFAULT_MAX_CHARS:
            return page
    return f"{shorten(page, DEFAULT_MAX_CHARS - len(end) - 3)}\n\n{end}"


def topics(archive: Library, max_chars: int) -> str:
    """All topics as text, one a line, as many as fit; the last line says how many were left out."""
    names, about = archive.topic_names(), archive.about()
    tail = f"\n{answer_text.freshness(about.freshness)}"
    lines = list(map(_topic, names))
    head = (
        f"{len(names):,} topics, by how many stories share them. {answer_text.QUOTED}\n"
        "A line is: name (other spellings): stories/episodes, first..last date."
    )
    room = max_chars - len(head) - len(tail) - 1
    if sum(map(len, lines)) + len(lines) > room:
        more = 'The rest: list_topics(query="…") by name, list_topics(since="…", sort="rising") by time.'
        room -= len(more) + 40
        kept = _fitting(lines, room)
        lines = [*lines[:kept], f"[{kept:,} of {len(names):,} topics shown. {more}]"]
    return "\n".join([head, *lines]) + tail


def _head(about: About) -> str:
    fresh = about.freshness
    language = _LANGUAGES.get(about.language or "", shorten(one_line(about.language or ""), 40))
    facts = [f"mostly in {language}" if language else "", f"dates are days in {one_line(about.timezone)}"]
    name, details = shorten(one_line(fresh.archive), 120) or "Archive", ", ".join(filter(None, facts))
    return (
        f"# {name}\n\nAn archive of dated podcast episodes and the stories (linked news items) in them; {details}. "
        f"{answer_text.freshness(fresh)}\n\n{answer_text.QUOTED}"
    )


def _years(episodes: Sequence[EpisodeBrief]) -> str:
    counts, stories = Counter(_year(one) for one in episodes), Counter[str]()
    for one in episodes:
        stories[_year(one)] += one.stories
    years = sorted(counts, reverse=True)
    shown = [f"- {year}: {counts[year]:,} episodes, {stories[year]:,} stories" for year in years[:_SHORTEST]]
    if earlier := years[_SHORTEST:]:
        shown.append(f"- {earlier[-1]} to {earlier[0]}: {sum(counts[year] for year in earlier):,} episodes")
    return _section("Per year", shown)


def _counted(title: str, names: Sequence[tuple[str, int]], most: int) -> str:
    shown = [f"{shorten(one_line(name), 60)} {count:,}" for name, count in names[:most]]
    more = f", and {len(names) - most:,} more" if len(names) > most else ""
    return f"## {title}\n\n{', '.join(shown)}{more}" if shown else ""


def _newest(episodes: Iterable[EpisodeBrief]) -> str:
    return _section("Newest episodes", map(_episode, episodes))


def _episode(one: EpisodeBrief) -> str:
    title = shorten(one_line(one.title), 90) or "(no title)"
    address = f" · {shorten(one_line(one.url), 160)}" if one.url else ""
    return (
        f"- {answer_text.day(one.date)} {title} · id {shorten(one_line(one.id), 80)} · {one.stories} stories{address}"
    )


def _problems(problems: Sequence[Problem], most: int) -> str:
    shown = []
    for one in problems[:most]:
        place = one_line(one.path) + (f", line {one.line}" if one.line else "")
        shown.append(f"- {shorten(place, 90)}: {shorten(one_line(one.cause), 120)}")
    if len(problems) > most:
        shown.append(f"- {len(problems) - most:,} more; the person who runs this server sees all with zunda-mcp doctor")
    return _section(f"Problems in source files ({len(problems):,})", shown)


def _year(episode: EpisodeBrief) -> str:
    return episode.date[:4] if episode.date else answer_text.UNDATED


def _how_to_ask(topic: str, episodes: Sequence[EpisodeBrief]) -> str:
    word = json.dumps(shorten(one_line(topic), 40) or "生成AI", ensure_ascii=False)
    month = next((one.date for one in episodes if one.date), "")[:7]
    since = f', since="{month}"' if month else ""
    lines = (
        f"- search_episodes(query={word}{since}) finds stories; use the archive's own words.",
        f'- search_episodes(query=""{since}, sort="oldest") lists a period; dates may be words ("先週").'
        if month
        else '- search_episodes(query="") lists all stories; no episode has a date.',
        '- get_episode(id="latest") reads an episode or a story; the resources episode://{id} and story://{id} do too.',
        f'- topic_timeline(topic={word}) counts by month; list_topics(sort="rising") shows what is new.',
        "- find_related(id=…) finds the stories near a story, an episode or a URL.",
        "- find_text(pattern=…) lists every match of a regular expression, written and spoken.",
        "- check_quote(quote=…) says whether a sentence stands in the archive, and where.",
        "- Cite date, title and URL of what you use. What is not in the archive, say so; invent nothing.",
    )
    return _section("How to ask", lines)


def _section(title: str, lines: Iterable[str]) -> str:
    text = "\n".join(lines)
    return f"## {title}\n\n{text}" if text else ""


def _topic(topic: Topic) -> str:
    aliases = ", ".join(map(one_line, topic.aliases))
    name = f"{one_line(topic.name)} ({aliases})" if aliases else one_line(topic.name)
    days = f"{topic.first}..{topic.last}" if topic.first else answer_text.UNDATED
    return f"{shorten(name, 200)}: {topic.stories}/{topic.episodes}, {days}"


def _fitting(lines: Sequence[str], room: int) -> int:
    """How many of the lines fit into ``room`` characters."""
    for place, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return place
    return len(lines)

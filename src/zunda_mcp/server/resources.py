"""Resources: texts that a user or a client can attach to a conversation without a tool call.

``archive://overview`` and ``archive://topics`` describe the archive, ``archive://survey`` how its files are understood.
``episode://{id}`` and ``story://{id}`` work like ``get_episode``, so an id may also be a date, a number or ``latest``.
Overview and topics are made from one generation of the index. A URI is only looked up in the index; no part of it
becomes a path. Results have the form of the protocol, with names in camelCase (MCP specification, server/resources).
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from zunda_mcp.answers import DEFAULT_MAX_CHARS
from zunda_mcp.errors import ArgumentError, BuildingError, NotFoundError
from zunda_mcp.reading.metadata.locale import zone_called
from zunda_mcp.rendering import answer_lines, episode_text, survey_text
from zunda_mcp.rendering.sanitize import clean_line, shorten
from zunda_mcp.results.sizing import make_cursor, read_cursor

if TYPE_CHECKING:
    from zunda_mcp.answers import About, EpisodeBrief, Topic
    from zunda_mcp.library import Library
    from zunda_mcp.models import Problem

__all__ = [
    "EPISODE", "MAX_CHARS", "OVERVIEW", "STORY", "SURVEY", "TOPICS", "episode_uri", "list_resources", "list_templates",
    "overview", "read_resource", "story_uri", "topics",
]  # fmt: skip

EPISODE, STORY = "episode://{id}", "story://{id}"
OVERVIEW, TOPICS, SURVEY = "archive://overview", "archive://topics", "archive://survey"
MAX_CHARS = 30_000
"""The longest text of one resource; a client may show all of it to its model."""

_PAGE = 100
_LONGEST_URI = 600
_URI = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.IGNORECASE | re.DOTALL)
_SCHEMES = ("archive", "episode", "story")
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_MARKDOWN, _PLAIN = "text/markdown", "text/plain"
_BOTH = ["user", "assistant"]

_Order = tuple[str, int, str]
"""The sort key of an episode: its date, its number or 0, its id."""


def episode_uri(episode_id: str) -> str:
    """Return the URI of an episode (RFC 6570, simple expansion of ``episode://{id}``)."""
    return f"episode://{quote(episode_id, safe='', errors='replace')}"


def story_uri(story_id: str) -> str:
    """Return the URI of a story; the ``#`` of its id becomes ``%23``, since it would begin a fragment."""
    return f"story://{quote(story_id, safe='', errors='replace')}"


def list_resources(archive: Library, cursor: str | None = None) -> dict[str, Any]:
    """Return ``{"resources": [...], "nextCursor"?}``: overview, topics, survey, and pages of episodes, newest first.

    The cursor names the last episode shown, so new and deleted episodes do not shift pages. While the first index is
    being built, the list has no episodes.

    Raises:
        ArgumentError: The cursor is not one of ours.
        ArchiveError, IndexingError: There is nothing to list from.
    """
    after = _after(cursor) if cursor else None
    fixed = [] if after else _fixed()
    try:
        episodes, zone = archive.episodes(), zone_called(archive.about().timezone)
    except BuildingError:
        return {"resources": fixed}
    rest = [one for one in episodes if after is None or _order(one) < after]
    shown = rest[:_PAGE]
    page: dict[str, Any] = {"resources": [*fixed, *(_listed(one, zone) for one in shown)]}
    return page | {"nextCursor": _cursor(shown[-1])} if len(rest) > _PAGE else page


def list_templates() -> dict[str, Any]:
    """Return ``{"resourceTemplates": [...]}``: an episode and a story by id."""
    episode = "One episode with all its stories, as Markdown. The id may be a date, an episode number or latest."
    story = "One story in full, as Markdown with its source. The id is the episode's, # and the story's place."
    return {
        "resourceTemplates": [
            _template(EPISODE, "episode", "Episode 放送回", f"{episode} 例: episode://2025-07-08-279"),
            _template(STORY, "story", "Story 話題", f"{story} 例: story://2025-07-08-279%232"),
        ]
    }


def read_resource(archive: Library, uri: str) -> dict[str, Any]:
    """Return ``{"contents": [{"uri", "mimeType", "text"}]}``: one resource, at most ``MAX_CHARS`` characters long.

    Raises:
        ArgumentError: The URI is malformed or could never name a resource.
        NotFoundError: It names nothing in the archive; ``suggestions`` are URIs that do.
    """
    scheme, name = _parts(uri)
    kind = _MARKDOWN
    match scheme, name:
        case "archive", "overview":
            text = overview(archive)
        case "archive", "topics":
            text, kind = topics(archive, MAX_CHARS), _PLAIN
        case "archive", "survey":
            text, kind = survey_text.survey(archive.surveys(), MAX_CHARS), _PLAIN
        case (("episode" | "story"), _):
            text = _read(archive, scheme, name)
        case _:
            raise _unknown(uri)
    return {"contents": [{"uri": uri, "mimeType": kind, "text": text}]}


# --- reading


def _parts(uri: str) -> tuple[str, str]:
    """Return the scheme of a URI and the name in it, decoded once. Raises as ``read_resource`` does."""
    match = _URI.fullmatch(uri.strip()) if len(uri) <= _LONGEST_URI else None
    if match is None:
        msg = f'"{_shown(uri)}" is not a URI of this archive; write one such as {OVERVIEW} or episode://latest.'
        raise ArgumentError("uri", msg)
    scheme = match[1].lower()
    if scheme not in _SCHEMES:
        raise _unknown(uri)
    try:
        name = unquote(match[2], errors="strict").strip().removesuffix("/")
    except UnicodeDecodeError:
        name = "\0"
    if _HIDDEN.search(name) or "/" in name or "\\" in name or not name.strip("."):
        msg = f'"{_shown(uri)}" names nothing that could be an id; write one such as episode://latest.'
        raise ArgumentError("uri", msg)
    return scheme, name


def _read(archive: Library, scheme: str, name: str) -> str:
    try:
        answer = archive.episode(name)
    except NotFoundError as error:
        near = tuple((story_uri if "#" in one else episode_uri)(one) for one in error.suggestions)
        raise NotFoundError(str(error), near) from error
    if scheme == "story" and answer.story is None:
        episode = answer.episode
        stories = tuple(story_uri(story.id) for story in episode.stories)
        offered = f"its stories are {stories[0]} to {stories[-1]}" if stories else "it has no stories"
        msg = f"{episode.id} is an episode; read {episode_uri(episode.id)}, or {offered}."
        raise NotFoundError(msg, stories[:3])
    return episode_text.episode(answer, MAX_CHARS)


def _unknown(uri: str) -> NotFoundError:
    msg = f'There is no resource "{_shown(uri)}"; there are {OVERVIEW}, {TOPICS}, {SURVEY}, {EPISODE} and {STORY}.'
    return NotFoundError(msg, (OVERVIEW, TOPICS))


def _shown(uri: str) -> str:
    return shorten(clean_line(uri), 80)


# --- listing


def _fixed() -> list[dict[str, Any]]:
    whole = "What this archive is: its span, hosts, busiest sites and topics, newest episodes, and how to ask it."
    names = "Every topic that several stories share, with other spellings, counts, first and last date."
    read = "How the files are read: by which rule and line, what was not understood, and the table that changes it."
    rows = (
        (OVERVIEW, "Archive overview アーカイブの概要", whole, _MARKDOWN, 1.0),
        (TOPICS, "Topics 話題の一覧", names, _PLAIN, 0.6),
        (SURVEY, "Survey 読み方の調査", read, _PLAIN, 0.2),
    )
    return [
        {
            "uri": uri,
            "name": uri.rpartition("/")[2],
            "title": title,
            "description": about,
            "mimeType": kind,
            "annotations": {"audience": _BOTH, "priority": priority},
        }
        for uri, title, about, kind, priority in rows
    ]


def _listed(episode: EpisodeBrief, zone: dt.tzinfo) -> dict[str, Any]:
    """Return an episode as a resource. Its ``lastModified`` is the start of the day it was published, so that clients
    can sort by age; when its file was written or copied means nothing to a reader.
    """
    number = f"Episode {episode.number}" if episode.number is not None else "Episode"
    stories = f"{episode.stories} {'story' if episode.stories == 1 else 'stories'}"
    about = " · ".join([number, stories, *map(clean_line, episode.hosts[:4])])
    annotations: dict[str, Any] = {"audience": _BOTH, "priority": 0.4}
    if episode.date:
        day = dt.datetime.combine(dt.date.fromisoformat(episode.date), dt.time(), zone)
        annotations["lastModified"] = day.isoformat()
    return {
        "uri": episode_uri(episode.id),
        "name": clean_line(episode.id),
        "title": f"{episode.date or answer_lines.UNDATED} {shorten(clean_line(episode.title), 150) or '(no title)'}",
        "description": shorten(about, 200),
        "mimeType": _MARKDOWN,
        "annotations": annotations,
    }


def _template(uri: str, name: str, title: str, description: str) -> dict[str, Any]:
    return {"uriTemplate": uri, "name": name, "title": title, "description": description, "mimeType": _MARKDOWN}


# --- cursors


def _order(episode: EpisodeBrief) -> _Order:
    return episode.date or "", episode.number or 0, episode.id


def _cursor(episode: EpisodeBrief) -> str:
    return make_cursor(_order(episode), "resources/list")


def _after(cursor: str) -> _Order:
    match read_cursor(cursor, "resources/list"):
        case [str(date), int(number), str(name)]:
            return date, number, name
    msg = "cursor was not given by resources/list; leave it out to begin with the newest episodes."
    raise ArgumentError("cursor", msg)


_LANGUAGES = {"ja": "Japanese (日本語)", "en": "English", "ko": "Korean", "zh": "Chinese", "de": "German"}
_SHORTEST = 20
_STEPS = ((12, 12, 30, 5, 3), (8, 8, 20, 4, 2), (5, 5, 10, 3, 1), (3, 3, 5, 1, 0))
"""The numbers of hosts, sites, topics, episodes and problems to try, until the page is short enough."""


def overview(archive: Library) -> str:
    """Describe the archive on a page of Markdown with fewer than ``DEFAULT_MAX_CHARS`` characters."""
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
    """Return the topics as text, one a line, as many as fit into ``max_chars``, and how many are shown if not all."""
    names, about = archive.topic_names(), archive.about()
    tail = f"\n{answer_lines.freshness(about.freshness)}"
    lines = list(map(_topic, names))
    head = (
        f"{len(names):,} topics, by how many stories share them. {answer_lines.QUOTED}\n"
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
    language = _LANGUAGES.get(about.language or "", shorten(clean_line(about.language or ""), 40))
    facts = [f"mostly in {language}" if language else "", f"dates are days in {clean_line(about.timezone)}"]
    name, details = shorten(clean_line(fresh.archive), 120) or "Archive", ", ".join(filter(None, facts))
    return (
        f"# {name}\n\nAn archive of dated podcast episodes and the stories (linked news items) in them; {details}. "
        f"{answer_lines.freshness(fresh)}\n\n{answer_lines.QUOTED}"
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
    shown = [f"{shorten(clean_line(name), 60)} {count:,}" for name, count in names[:most]]
    more = f", and {len(names) - most:,} more" if len(names) > most else ""
    return f"## {title}\n\n{', '.join(shown)}{more}" if shown else ""


def _newest(episodes: Iterable[EpisodeBrief]) -> str:
    return _section("Newest episodes", map(_episode, episodes))


def _episode(one: EpisodeBrief) -> str:
    title = shorten(clean_line(one.title), 90) or "(no title)"
    address = f" · {shorten(clean_line(one.url), 160)}" if one.url else ""
    day, id = one.date or answer_lines.UNDATED, shorten(clean_line(one.id), 80)
    return f"- {day} {title} · id {id} · {one.stories} stories{address}"


def _problems(problems: Sequence[Problem], most: int) -> str:
    shown = []
    for one in problems[:most]:
        place = clean_line(one.path) + (f", line {one.line}" if one.line else "")
        shown.append(f"- {shorten(place, 90)}: {shorten(clean_line(one.cause), 120)}")
    if len(problems) > most:
        shown.append(f"- {len(problems) - most:,} more; the person who runs this server sees all with zunda-mcp doctor")
    return _section(f"Problems in source files ({len(problems):,})", shown)


def _year(episode: EpisodeBrief) -> str:
    return episode.date[:4] if episode.date else answer_lines.UNDATED


def _how_to_ask(topic: str, episodes: Sequence[EpisodeBrief]) -> str:
    word = json.dumps(shorten(clean_line(topic), 40) or "生成AI", ensure_ascii=False)
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
    aliases = ", ".join(map(clean_line, topic.aliases))
    name = f"{clean_line(topic.name)} ({aliases})" if aliases else clean_line(topic.name)
    days = f"{topic.first}..{topic.last}" if topic.first else answer_lines.UNDATED
    return f"{shorten(name, 200)}: {topic.stories}/{topic.episodes}, {days}"


def _fitting(lines: Sequence[str], room: int) -> int:
    """Return how many of the lines fit into ``room`` characters."""
    for place, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return place
    return len(lines)

"""The tools as clients see them: clear names, flat arguments, short descriptions.

The list is part of every conversation, so every character has a cost. Order and bytes never change, since clients keep
the list in their prompt cache. A client may show its model only names, descriptions and arguments, so these say which
tool answers which question, and what needs no second call. They do not describe answers, which explain themselves.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import BaseModel

from zunda_mcp.answers import (
    DEFAULT_LIMIT,
    DEFAULT_MAX_CHARS,
    MAX_LIMIT,
    SEARCH_MAX_CHARS,
    QuoteCheck,
    Related,
    SearchResult,
    Timeline,
    TopicList,
)
from zunda_mcp.server.timeline_app import TOOL_META
from zunda_mcp.server.tool_arguments import Param

__all__ = ["BY_NAME", "CONNECTOR_TOOLS", "MIN_CHARS", "MOST_CHARS", "TOOLS", "Tool"]

MIN_CHARS = 1000
"""The room that one hit needs with all its parts."""
MOST_CHARS = 60_000
"""More than any client shows its model at once."""

_ID = "Id of a hit (2025-07-08-279#2), date, number, URL or latest"
_SINCE = Param("since", "", example="2025-07")
_UNTIL = Param("until", "", example="2025-12")
_HOST = Param("host", "", example="ずんだもん")
_SITE = Param("site", "", example="zenn.dev")
_ARCHIVE = Param("archive", "", example="news")
_CURSOR = Param("cursor", "", example="")


def _max_chars(default: int) -> Param:
    return Param("max_chars", "", "whole", default=default, low=MIN_CHARS, high=MOST_CHARS)


_MAX_CHARS = _max_chars(DEFAULT_MAX_CHARS)


def _limit(default: int) -> Param:
    return Param("limit", "", "whole", default=default, high=MAX_LIMIT)


class Tool(NamedTuple):
    """One tool: its names, description and arguments, the model of its structured content (None for none), and the
    ``_meta`` it is listed with.
    """

    name: str
    title: str
    description: str
    params: tuple[Param, ...]
    answer: type[BaseModel] | None = None
    meta: dict[str, Any] | None = None

    def input_schema(self) -> dict[str, Any]:
        """Return the schema of the arguments. It is loose, since our refusals help more than those of a schema."""
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {param.name: param.schema() for param in self.params},
        }
        required = [param.name for param in self.params if param.required]
        return {**schema, "required": required} if required else schema


TOOLS = (
    Tool(
        "search_episodes",
        "Search the archive",
        "Find stories of dated podcast episodes and what was said in them, by subject, name or link, in Japanese or "
        "English. One call covers all spellings, readings and inflections and lists every match with date, title and "
        "id: no second call in other words. All words must match; an empty query lists a period.",
        (
            Param(
                "query",
                'Words, "exact phrase", -without, URL or domain',
                default="",
                example="生成AI",
            ),
            Param("since", "2025-07-08, 2025-07, 2025, 先週; until likewise", example="2025-07"),
            _UNTIL,
            _HOST,
            _SITE,
            _ARCHIVE,
            Param("kind", "Of posts: post, repost, like, bookmark", example="post"),
            Param("sort", "", "choice", default="relevance", choices=("relevance", "newest", "oldest")),
            Param("detail", "", "choice", default="auto", choices=("auto", "titles", "snippets", "full")),
            Param("limit", "", "whole", high=MAX_LIMIT, example=str(DEFAULT_LIMIT)),
            _CURSOR,
            _max_chars(SEARCH_MAX_CHARS),
        ),
        SearchResult,
    ),
    Tool(
        "find_text",
        "Find exact text",
        "Grep the archive: every match of a regular expression (RE2) in titles, summaries, links, notes, people and "
        "speech, a line a story with date, id and the words around, counted by year. Complete: what is not listed is "
        "not there. Best for lists, counts, first or last mention, never. Any case without capitals.",
        (
            Param("pattern", "e.g. Claude ?Code|codex", required=True, example="claude ?code"),
            _SINCE,
            _UNTIL,
            _HOST,
            _SITE,
            _ARCHIVE,
            Param("episode", "Id", example="2025-07-08-279"),
            Param("by", "", "choice", default="year", choices=("year", "month", "host", "site")),
            Param("whole_words", "", "flag", default=False),
            Param("case", "", "choice", default="smart", choices=("smart", "ignore", "match")),
            Param("sort", "", "choice", default="oldest", choices=("oldest", "newest")),
            _CURSOR,
            _MAX_CHARS,
        ),
    ),
    Tool(
        "get_episode",
        "Read an episode or a story",
        "Read an episode, or one story or passage in full, with links and times.",
        (
            Param("id", _ID, required=True, example="latest"),
            Param("detail", "", "choice", default="auto", choices=("auto", "full")),
            _MAX_CHARS,
            _CURSOR,
        ),
    ),
    Tool(
        "list_topics",
        "List topics",
        "Names and subjects of the archive with counts and dates: what there is to ask, what is rising.",
        (
            Param("query", "Part of a name", default="", example="エージェント"),
            _SINCE,
            _UNTIL,
            _ARCHIVE,
            Param("sort", "", "choice", default="count", choices=("count", "recent", "rising")),
            _limit(20),
            _CURSOR,
            _MAX_CHARS,
        ),
        TopicList,
    ),
    Tool(
        "topic_timeline",
        "Show a topic over time",
        "Stories on a topic per month, week or year; first, last and busiest episode.",
        (
            Param("topic", "As a query", required=True, example="生成AI"),
            _SINCE,
            _UNTIL,
            _ARCHIVE,
            Param("by", "", "choice", default="month", choices=("month", "week", "year")),
            _MAX_CHARS,
        ),
        Timeline,
        TOOL_META,
    ),
    Tool(
        "find_related",
        "Find related stories",
        "The stories nearest to a story, an episode or a URL.",
        (Param("id", "As in get_episode", required=True, example="latest"), _limit(DEFAULT_LIMIT), _MAX_CHARS),
        Related,
    ),
    Tool(
        "check_quote",
        "Check a quote",
        "Whether a sentence was written or spoken here, word for word or nearly, and where. Call it before quoting.",
        (
            Param("quote", "… for words left out", required=True, example="拡散モデルという新しい技術"),
            Param("id", "Only there", example="latest"),
            _MAX_CHARS,
        ),
        QuoteCheck,
    ),
)

BY_NAME = {tool.name: tool for tool in TOOLS}

CONNECTOR_TOOLS = (
    Tool(
        "search",
        "Search the archive",
        "Find stories of dated podcast episodes and what was said in them, by words, names or a link, in Japanese or "
        "English; all spellings are covered. Gives id, title with its date, and url of each, for fetch.",
        (Param("query", "Words that must all match", required=True, example="生成AI"),),
    ),
    Tool(
        "fetch",
        "Read a story or an episode",
        "The full text of a result of search, with its links.",
        (Param("id", "Id of a result of search", required=True, example="2025-07-08-279#2"),),
    ),
)
"""Offered on request in addition to the others: ChatGPT's deep research and company knowledge require these names, with
one text each (https://platform.openai.com/docs/mcp).
"""

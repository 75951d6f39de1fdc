"""The six tools as clients see them: names that read alone, flat arguments, few words.

The order is fixed, and so is every byte: clients keep the list in their prompt cache. A client may show its model
nothing but name, description and arguments, so these say all there is to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
from zunda_mcp.server.arguments import Param
from zunda_mcp.server.timeline_app import TOOL_META

MIN_CHARS = 1000
"""What one hit takes with all that belongs to it."""
MAX_CHARS = 60_000
"""More than any client shows its model at once."""

_ID = 'Id ("2025-07-08-279", story "2025-07-08-279#2"), date, episode number, page URL or "latest"'


def _since(example: str = "2025-07") -> Param:
    description = 'First day: "2025-07-08", "2025-07", "2025", "先週", "昨日"'
    return Param("since", description, example=example)


_UNTIL = Param("until", "Last day, same forms", example="2025-12")
_ARCHIVE = Param("archive", "Only this one of several archives, by name", example="news")
_CURSOR = Param("cursor", "next_cursor of the last answer, with the same arguments", example="")


def _max_chars(default: int) -> Param:
    description = f"Size of the answer, {MIN_CHARS}-{MAX_CHARS}"
    return Param("max_chars", description, "whole", default=default, low=MIN_CHARS, high=MAX_CHARS)


_MAX_CHARS = _max_chars(DEFAULT_MAX_CHARS)


def _limit(default: int) -> Param:
    return Param("limit", f"1-{MAX_LIMIT}", "whole", default=default, high=MAX_LIMIT)


@dataclass(frozen=True)
class Tool:
    """One tool: what it is called and says, what it takes, the model of its structured content, if it has one, and
    the ``_meta`` it is listed with.
    """

    name: str
    title: str
    description: str
    params: tuple[Param, ...]
    answer: type[BaseModel] | None = None
    meta: dict[str, Any] | None = None

    def input_schema(self) -> dict[str, Any]:
        """What the tool takes; nothing else is taken."""
        found: dict[str, Any] = {
            "type": "object",
            "properties": {param.name: param.schema() for param in self.params},
            "additionalProperties": False,
        }
        required = [param.name for param in self.params if param.required]
        return {**found, "required": required} if required else found

    def output_schema(self) -> dict[str, Any] | None:
        """The outline of the structured content: the names of the answer's model and their types, no deeper.

        A field that may be null is left out: portable schemas have one type for a field, and never ``{}``.
        """
        if self.answer is None:
            return None
        fields = self.answer.model_json_schema()["properties"]
        return {
            "type": "object",
            "properties": {name: _outline(field) for name, field in fields.items() if "anyOf" not in field},
        }


def _outline(field: dict[str, Any]) -> dict[str, Any]:
    """The type of one field without what lies inside."""
    return {"type": field.get("type", "object")}


TOOLS = (
    Tool(
        "search_episodes",
        "Search the archive",
        "Search the stories (news items) of dated podcast episodes, in Japanese or English: every story that holds all "
        "words in any spelling, a line each with date, title, site and id, the first quoted with their links, counts "
        "by year. An empty query lists the stories of a period. Read a hit in full with get_episode.",
        (
            Param(
                "query",
                'Words, "exact phrase", -without, or a URL or domain, e.g. 生成AI "音声合成" -OpenAI',
                default="",
                example="生成AI",
            ),
            _since(),
            _UNTIL,
            Param("host", "Only episodes with this host, e.g. ずんだもん", example="ずんだもん"),
            Param("site", "Only stories from this site, e.g. zenn.dev", example="zenn.dev"),
            _ARCHIVE,
            Param("kind", "Of posts only: post, repost, like, bookmark", example="post"),
            Param("sort", "", "choice", default="relevance", choices=("relevance", "newest", "oldest")),
            Param(
                "detail",
                "How much of each hit; auto lists all that match and quotes the first",
                "choice",
                default="auto",
                choices=("auto", "titles", "snippets", "full"),
            ),
            Param("limit", f"1-{MAX_LIMIT}; without it, all full matches", "whole", high=MAX_LIMIT, example="10"),
            _CURSOR,
            _max_chars(SEARCH_MAX_CHARS),
        ),
        SearchResult,
    ),
    Tool(
        "get_episode",
        "Read an episode or a story",
        "Read one episode with all its stories, or one story in full, as Markdown with date, hosts, links and ids.",
        (
            Param("id", _ID, required=True, example="latest"),
            Param("detail", "full: with all summaries", "choice", default="auto", choices=("auto", "full")),
            _MAX_CHARS,
            Param("cursor", "Given at the end of a page, to read on", example=""),
        ),
    ),
    Tool(
        "list_topics",
        "List topics",
        "List the names and subjects the archive talks about, with counts, first and last date and example stories: "
        "what there is to ask about, or what is new or rising in a period.",
        (
            Param("query", "Only topics whose name holds this", default="", example="エージェント"),
            _since(),
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
        "Count the stories on a topic per month, week or year: when it was first and last mentioned, when it rose, "
        "and which episodes treat it most.",
        (
            Param("topic", "A topic, or any query of search_episodes", required=True, example="生成AI"),
            _since(),
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
        "Find the stories nearest to a story, an episode or a URL.",
        (Param("id", _ID, required=True, example="latest"), _limit(DEFAULT_LIMIT), _MAX_CHARS),
        Related,
    ),
    Tool(
        "check_quote",
        "Check a quote",
        "Check whether a sentence stands in the archive, word for word or nearly, and where: the archive's own wording "
        "with date, title and URL. Use it before quoting.",
        (
            Param(
                "quote",
                "The sentence, with … for words left out",
                required=True,
                example="拡散モデルという新しい技術",
            ),
            Param("id", "Only in this episode or story", example="latest"),
            _MAX_CHARS,
        ),
        QuoteCheck,
    ),
)

BY_NAME = {tool.name: tool for tool in TOOLS}

"""Fuzzing of what is asked: queries, cursors, ids, arguments, calls, prompts, completions, resources.

Quotation of the real library over a real index, first each layer by itself, then the layers together as a client does.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from fuzz_engine import Target, promise
from fuzz_mutation import mutated, mutated_json, words
from fuzz_readers import TODAY
from fuzz_seeds import DATES

from zunda_mcp.errors import ArgumentError, ZundaError
from zunda_mcp.library import Library
from zunda_mcp.query import tuning
from zunda_mcp.query.parse import parse
from zunda_mcp.query.time_words import split_time
from zunda_mcp.rendering.sanitize import clean, clean_line
from zunda_mcp.results import sizing
from zunda_mcp.results.quotes import Quotation
from zunda_mcp.server import methods, tool_arguments
from zunda_mcp.server.dispatch import LazyArchive, respond
from zunda_mcp.server.resources import episode_uri, list_resources, read_resource
from zunda_mcp.server.tools import BY_NAME
from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.phonetics import sound_keys
from zunda_mcp.text.tokenizer import count_terms
from zunda_mcp.text.urls import canonical_url, is_url, link_words, linked, looks_like_domain, readable_url, site

QUESTIONS = [
    "生成AI",
    '"small models" -site:x.com',
    "去年のラーメンの投稿",
    "「検索拡張生成」と RAG",
    "site:zenn.dev Claude",
    "https://example.com/a?b=c",
    "-除外 言葉",
    "Node.js と C++",
    "エージェント OR agent",
    "what did they say about agents last month?",
    "ChatGPT (GPT-4o) {x}",
    "直近7日間",
    "２０２５年７月",
    "ｸﾛｰﾄﾞ",
    "",
    "a",
    "豆" * 30,
    "word " * 45,
]
LINKS = [
    "https://www.example.com/a/b?utm_source=x&q=1#f",
    "http://[::1]:80/%E8%B1%86",
    "twitter.com/a/status/1/photo/1",
    "見た https://example.com/a。(https://例え.jp/豆)",
    "m.example.com",
    "//x",
    "https://user:pw@host:99999/",
]
IDS = [
    "latest",
    "最新",
    "第12回",
    "#279",
    "ep. 3",
    "2025-07-08",
    "2025-07-08-279#2",
    "昨日",
    "episode://latest",
    "a:b",
    "../../etc/passwd",
]
URIS = [
    "archive://overview",
    "archive://topics",
    "episode://latest",
    "story://latest%231",
    "episode://..%2f..%2fetc",
    "ui://x",
]
_ERAS = (*methods.HANDSHAKES, methods.MODERN)


def targets(library: Library) -> list[Target]:
    """The doors through which questions come in."""
    opening = LazyArchive(lambda: library)
    known = [episode.id for episode in library.episodes()[:30]]
    ids = [*IDS, *known, *(f"{one}#1" for one in known)]
    vocabulary = [*QUESTIONS, *DATES, *ids, *(topic.name for topic in library.topic_names()[:50])]

    def text(draw: random.Random, pool: list[Any]) -> str:
        return words(draw, vocabulary) if draw.random() < 0.4 else mutated(draw, pool or vocabulary, most=3)

    def called(draw: random.Random, pool: list[Any]) -> tuple[str, Any]:
        name, given = draw.choice(pool)
        return draw.choice((name, name, name, draw.choice(list(BY_NAME)))), mutated_json(draw, given, text)

    def requested(draw: random.Random, pool: list[Any]) -> tuple[str, Any, str]:
        method, params = draw.choice(pool)[:2]
        return method, mutated_json(draw, params, text), draw.choice(_ERAS)

    calls = _calls(ids)
    return [
        Target("queries", QUESTIONS, text, _query, 300),
        Target("addresses", LINKS, text, _address, 250),
        Target("cursors", [sizing.make_cursor(10, "q")], _drawn_cursor, _cursor, 200, pooled=False),
        Target("ids", ids, text, lambda case: _id(library, case), 25),
        Target("URIs", URIS, text, lambda case: _uri(library, case), 25),
        Target("quotes", [*QUESTIONS, "手元で動く、と言った…そうです。", "『a』"], text, _quote, 150),
        Target("tool arguments", calls, called, _arguments, 300),
        Target("tool calls", calls, called, lambda case: _call(opening, *case), 25),
        Target("methods", _requests(ids), requested, lambda case: _method(opening, *case), 25),
        Target("output", ["a\x1b[31mb\x1b]0;t\x07", "\u202eabc"], text, _cleaned, 200),
    ]


def _calls(ids: list[str]) -> list[tuple[str, Any]]:
    shared = {"since": "2025-01-01", "until": "去年", "limit": "5", "max_chars": 3000}
    found: list[tuple[str, Any]] = [
        (
            "search_episodes",
            {"query": "生成AI", **shared, "sort": "newest", "host": "ずんだもん", "site": "example.com"},
        ),
        (
            "search_episodes",
            {"arguments": {"q": "agent", "maxResults": "3", "date": "2025-07", "cursor": sizing.make_cursor(3, "x")}},
        ),
        ("search_episodes", {}),
        ("list_topics", {"query": "AI", **shared, "sort": "rising", "cursor": "abc"}),
        ("topic_timeline", {"topic": "Claude", "since": "2024", "by": "week", "max_chars": 500}),
        ("check_quote", {"quote": "手元で動く生成AI", "id": ids[-1], "max_chars": 1000}),
        ("check_quote", {"quote": "Agents that … read"}),
    ]
    for identity in ids:
        found.append(("get_episode", {"id": identity, "max_chars": 700, "cursor": "12-00000000"}))
        found.append(("find_related", {"id": identity, "limit": 3}))
    return found


def _requests(ids: list[str]) -> list[tuple[str, Any]]:
    prompts = [
        one["name"] for one in methods.result(LazyArchive(_no_archive), "prompts/list", {}, "2025-06-18")["prompts"]
    ]
    asked = {"topic": "生成AI", "language": "ja", "since": "去年", "until": "2025-07", "id": "latest", "minutes": "5分"}
    found: list[tuple[str, Any]] = [("prompts/get", {"name": name, "arguments": asked}) for name in prompts]
    found += [("prompts/get", {"name": name, "arguments": {}}) for name in prompts]
    for name, typed in (
        ("id", "2025"),
        ("topic", "生"),
        ("host", ""),
        ("site", "e"),
        ("since", "先"),
        ("week", "今"),
        ("language", "j"),
    ):
        argument = {"name": name, "value": typed}
        for ref in ({"type": "ref/resource", "uri": "episode://{id}"}, {"type": "ref/resource", "uri": "story://{id}"}):
            found.append(
                ("completion/complete", {"ref": ref, "argument": argument, "context": {"arguments": {"id": ids[-1]}}})
            )
        for prompt in prompts:
            found.append(("completion/complete", {"ref": {"type": "ref/prompt", "name": prompt}, "argument": argument}))
    found += [("resources/read", {"uri": uri}) for uri in (*URIS, *(episode_uri(one) for one in ids))]
    found += [
        ("resources/list", {"cursor": "abc"}),
        ("resources/list", {}),
        ("tools/list", {}),
        ("resources/templates/list", {}),
    ]
    return found


def _no_archive() -> Any:
    raise ArgumentError("archive", "there is none here")


def _ours(ask: Callable[[], Any]) -> Any:
    """What ``ask`` gives; None where it refuses as it may, in one plain sentence or two."""
    try:
        return ask()
    except ZundaError as error:
        said = str(error)
        promise(0 < len(said) < 1500, "a refusal is short")
        promise("Traceback" not in said, "a refusal is no traceback")
        return None


def _query(text: str) -> None:
    asked = parse(text)
    promise(len(asked.words) + len(asked.excluded) <= tuning.MAX_WORDS, "no more words are looked for than said")
    for word in (*asked.words, *asked.excluded):
        sound_keys(word.text)
    timed = split_time(text, TODAY)
    promise(timed is None or timed.span.since <= timed.span.until, "a time in a question ends after it begins")
    count_terms(normalize(text))


def _address(text: str) -> None:
    canonical_url(text)
    site(text)
    is_url(text)
    looks_like_domain(text)
    link_words(text)
    readable_url(text)
    for one in linked(text):
        promise(one in text, "a found address stands in the text")


def _drawn_cursor(draw: random.Random, _: list[Any]) -> tuple[int, str, str]:
    offset, question = draw.choice((0, 1, 7, 10**6, 10**30)), draw.choice(QUESTIONS)
    made = sizing.make_cursor(offset, question)
    return offset, question, mutated(draw, [made, "W10", "WzEsMl0", "bnVsbA", "e30", "LTE", "A" * 5000], most=2)


def _cursor(case: tuple[int, str, str]) -> None:
    offset, question, spoiled = case
    promise(
        sizing.cursor_offset(sizing.make_cursor(offset, question), question) == offset,
        "a cursor goes on where it was made for",
    )
    found = _ours(lambda: sizing.cursor_offset(spoiled, question))
    promise(found is None or found >= 0, "a cursor is a place")
    refused = _ours(lambda: sizing.cursor_offset(sizing.make_cursor(offset, question), question, "another"))
    promise(refused is None, "a cursor of another question is refused")


def _id(library: Library, text: str) -> None:
    answer = _ours(lambda: library.episode(text))
    if answer is not None:
        promise(
            library.episode(answer.episode.id).episode == answer.episode, "an id that was given names the same episode"
        )
        if answer.story:
            promise(library.episode(answer.story).story == answer.story, "an id of a story names that story")


def _uri(library: Library, text: str) -> None:
    read = _ours(lambda: read_resource(library, text))
    if read is not None:
        promise(read["contents"][0]["uri"] == text, "a resource has the URI it was asked by")
    uri = episode_uri(text)
    promise("/" not in uri.removeprefix("episode://"), "a URI made of an id has no path")
    promise(
        unquote(uri.removeprefix("episode://")) == text.encode("utf-8", "replace").decode(),
        "an id comes back from its URI",
    )
    _ours(lambda: read_resource(library, uri))
    _ours(lambda: list_resources(library, text))


def _quote(text: str) -> None:
    asked = _ours(lambda: Quotation(text))
    promise(asked is None or asked.size >= 2, "a quote that is checked has letters")


def _arguments(case: tuple[str, Any]) -> None:
    name, given = case
    params = BY_NAME[name].params
    read = _ours(lambda: tool_arguments.read_tool_arguments(name, params, given if isinstance(given, dict) else None))
    if read is None:
        return
    known = {param.name: param for param in params}
    promise(set(read) <= set(known), "only known arguments come through")
    for key, understood in read.items():
        param = known[key]
        if param.kind == "whole":
            promise(param.low <= int(understood) <= param.high, "numbers are within their bounds")
        else:
            promise(isinstance(understood, str) and len(understood) <= 4 * tool_arguments.MAX_TEXT, "texts are bounded")
            sendable(understood)
    promise(
        tool_arguments.read_tool_arguments(name, params, read) == read,
        "arguments that were understood are understood the same again",
    )


def _call(opening: LazyArchive, name: str, given: Any) -> None:
    reply = respond(opening, name, given if isinstance(given, dict) else None)
    promise("fault in the server" not in reply.text, "a call is answered or refused, and never fails")
    promise(bool(reply.text.strip()), "every call is answered in words")
    sendable([reply.text, reply.data, list(reply.links)])
    if reply.refused:
        promise(len(reply.text) < 2000, "a refusal is short")


def _method(opening: LazyArchive, method: str, params: Any, era: str) -> None:
    if not isinstance(params, dict) or not methods.well_formed(method, params):
        return
    try:
        found = methods.result(opening, method, params, era)
    except methods.Refused as refused:
        promise(refused.code != -32603, "a request is answered or refused, and never fails")
        sendable([refused.message, refused.data])
        return
    sendable(methods.modern_result(method, found))
    if method == "completion/complete":
        promise(len(found["completion"]["values"]) <= 100, "no more than a hundred values are offered")


def _cleaned(text: str) -> None:
    once = clean(text)
    promise(clean(once) == once, "what is clean stays as it is")
    sendable(once)
    promise(not any(ord(sign) < 32 and sign not in "\n\t" for sign in once), "no control characters are shown")
    promise("\n" not in clean_line(text), "one line is one line")


def sendable(data: Any) -> None:
    """Promise that data can be written as JSON of valid UTF-8, as others read it too (no ``NaN``)."""
    json.dumps(data, ensure_ascii=False, allow_nan=False).encode("utf-8")

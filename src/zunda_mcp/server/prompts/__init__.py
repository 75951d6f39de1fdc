"""Prompts: useful questions about an archive that users can choose from a menu.

Each prompt is a TOML file in this folder with ``name`` (same as the file), ``version``, ``[title]``, ``[description]``
and ``[text]`` in ``ja`` and ``en``, ``[[arguments]]``, and a ``[changelog]`` with a line for each version. Versions
follow SemVer: patch for wording, minor for a new optional argument, major if an old call no longer means the same. In a
text, ``{topic}`` is replaced by the argument. The ``kind`` of an argument says which values it takes and how they are
inserted:

- ``text``    words; inserted as a quoted string, so that they cannot be read as part of the prompt
- ``url``     an address or a domain; inserted in the same way
- ``whole``   a number from ``low`` to ``high``
- ``option``  words; inserted as an argument of a call, ``, host="ずんだもん"``, or nothing
- ``since``   a date in words; inserted as ``, since="2025-07-01"``, or nothing
- ``until``   a date in words; inserted as ``, until="2025-07-31"``, or nothing
- ``week``    a date in words, a day meaning its week; inserted as ``, since="2025-07-07", until="2025-07-13"``

Typed text is never read as a template or as the prompt's own words. The list shows both languages, since a menu cannot
know its reader; a prompt itself is in the requested language, by default the archive's. Results have the form of the
protocol (MCP specification, server/prompts).
"""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from zunda_mcp.errors import ArgumentError, NotFoundError
from zunda_mcp.rendering.sanitize import clean_line, shorten
from zunda_mcp.server import tool_arguments
from zunda_mcp.server.tool_arguments import Param
from zunda_mcp.text.dates import Span, parse_span
from zunda_mcp.text.urls import is_url, looks_like_domain

__all__ = ["PLACEHOLDER", "Argument", "Asset", "Kind", "Language", "assets", "get_prompt", "list_prompts", "named"]

Language = Literal["ja", "en"]
Kind = Literal["text", "url", "whole", "option", "since", "until", "week"]


@dataclass(frozen=True)
class Argument:
    """One argument of a prompt. ``default`` is its value by language if it is not given."""

    name: str
    kind: Kind
    description: Mapping[Language, str]
    example: str
    required: bool = False
    default: Mapping[Language, str] | None = None
    low: int = 1
    high: int = 50


@dataclass(frozen=True)
class Asset:
    """One prompt in all its languages."""

    name: str
    version: str
    title: Mapping[Language, str]
    description: Mapping[Language, str]
    arguments: tuple[Argument, ...]
    text: Mapping[Language, str]
    changelog: Mapping[str, str]


@cache
def assets() -> dict[str, Asset]:
    """Return all prompts by name, in the order of their names. They are read at the first call."""
    import tomllib  # start-up
    from importlib.resources import files  # start-up

    paths = sorted((file for file in files(__package__).iterdir() if file.name.endswith(".toml")), key=lambda f: f.name)
    read = [_asset(tomllib.loads(file.read_text(encoding="utf-8"))) for file in paths]
    return {asset.name: asset for asset in read}


def _asset(data: dict[str, Any]) -> Asset:
    return Asset(**data | {"arguments": tuple(_argument(**row) for row in data["arguments"])})


def _argument(ja: str, en: str, default: str | dict[Language, str] | None = None, **row: Any) -> Argument:
    both: dict[Language, str] | None = {"ja": default, "en": default} if isinstance(default, str) else default
    return Argument(**row, description={"ja": ja, "en": en}, default=both)


_LANGUAGE = "language"
_LISTED_LANGUAGE = {
    "name": _LANGUAGE,
    "description": "Language of the answer: ja or en (default: that of the archive). 答えの言葉",
    "required": False,
}


def list_prompts() -> dict[str, Any]:
    """Return ``{"prompts": [{"name", "title", "description", "arguments"}]}``, all on one page."""
    return {"prompts": [_listed(asset) for asset in assets().values()]}


def get_prompt(
    name: str,
    arguments: Mapping[str, Any] | None,
    today: dt.date | None = None,
    language: str | None = "ja",
) -> dict[str, Any]:
    """Return ``{"description", "messages": [{"role", "content"}]}``: one prompt with its arguments inserted.

    Dates in words are relative to ``today``, by default this machine's date. ``language`` is the archive's, used if the
    argument ``language`` is not given.

    Raises:
        NotFoundError: There is no such prompt; ``suggestions`` are near names.
        ArgumentError: An argument is unknown, missing or cannot be understood.
    """
    asset = named(name)
    day = today or dt.datetime.now(dt.UTC).astimezone().date()
    text, spoken = _fill(asset, arguments or {}, day, language)
    return {
        "description": asset.description[spoken],
        "messages": [{"role": "user", "content": {"type": "text", "text": text}}],
    }


def named(name: str) -> Asset:
    """Return the prompt of that name. Raises ``NotFoundError`` with near names."""
    prompts = assets()
    if name in prompts:
        return prompts[name]
    near = tuple(tool_arguments.near(name[:100], tuple(prompts)))
    offered = f"did you mean {near[0]}?" if near else f"there are {', '.join(prompts)}."
    msg = f'No prompt is called "{shorten(clean_line(name), 60)}"; {offered}'
    raise NotFoundError(msg, near or tuple(prompts))


def _listed(asset: Asset) -> dict[str, Any]:
    rows = [
        {"name": one.name, "description": f"{one.description['en']}. {one.description['ja']}", "required": one.required}
        for one in asset.arguments
    ]
    return {
        "name": asset.name,
        "title": f"{asset.title['ja']} / {asset.title['en']}",
        "description": f"{asset.description['en']}. {asset.description['ja']}。",
        "arguments": [*rows, dict(_LISTED_LANGUAGE)],
    }


PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

_LANGUAGES: dict[str, Language] = {"ja": "ja", "jp": "ja", "jpn": "ja", "japanese": "ja", "日本語": "ja"}
_LANGUAGES |= {"en": "en", "eng": "en", "english": "en", "英語": "en"}
_LONGEST = 200
_AROUND = " <>\"'「」"
_COUNTED = re.compile(r"\s*(?:分間?|min(?:ute)?s?\.?)$")


def _fill(asset: Asset, given: Mapping[str, Any], today: dt.date, language: str | None) -> tuple[str, Language]:
    """Return the text of a prompt and its language: the one given, else ``language``, which is the archive's.

    Raises:
        ArgumentError: An argument is unknown, missing or cannot be understood.
    """
    params = (*map(_param, asset.arguments), Param(_LANGUAGE, "", "choice", choices=("ja", "en"), example="ja"))
    typed = tool_arguments.read_tool_arguments(asset.name, params, _plain(asset, given))
    spoken = _language(typed.pop(_LANGUAGE, language) or "")
    shown = {one.name: _shown(asset, one, typed.get(one.name), spoken, today) for one in asset.arguments}
    _in_order(asset, typed, today)
    return PLACEHOLDER.sub(lambda match: shown[match[1]], asset.text[spoken]).strip(), spoken


def _plain(asset: Asset, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments with names of languages as codes, and numbers without their unit."""
    plain, numbers = dict(given), {one.name for one in asset.arguments if one.kind == "whole"}
    for name, value in plain.items():
        if not isinstance(value, str):
            continue
        words = unicodedata.normalize("NFKC", value[:100]).strip().casefold()
        if name == _LANGUAGE:
            plain[name] = _LANGUAGES.get(words.replace("_", "-").partition("-")[0], value)
        elif name in numbers:
            plain[name] = _COUNTED.sub("", words)
    return plain


def _param(one: Argument) -> Param:
    if one.kind != "whole":
        return Param(one.name, "", required=one.required, example=one.example)
    default = int(one.default["en"]) if one.default else None
    return Param(one.name, "", "whole", one.required, default, low=one.low, high=one.high, example=one.example)


def _language(name: object) -> Language:
    return _LANGUAGES.get(str(name).casefold().partition("-")[0], "en")


def _shown(asset: Asset, one: Argument, value: object, language: Language, today: dt.date) -> str:
    """Return an argument as it is inserted into the text."""
    text = str(value if value is not None else one.default[language] if one.default else "")
    if not text:
        return ""
    match one.kind:
        case "whole":
            return text
        case "url":
            return _quoted(_address(asset, one, text))
        case "text":
            return _quoted(_short(asset, one, text))
        case "option":
            return f", {one.name}={_quoted(_short(asset, one, text))}"
        case _:
            return _window(one, _span(asset, one, text, today))


def _window(one: Argument, span: Span) -> str:
    days = {"since": span.since, "until": span.until}
    return "".join(f', {name}="{day}"' for name, day in days.items() if one.kind in (name, "week"))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _short(asset: Asset, one: Argument, text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    msg = f"{one.name} is {len(text)} characters long and may have {_LONGEST}; name it in a few words."
    raise ArgumentError(one.name, f'{msg} Call {asset.name}({one.name}="{one.example}").')


def _address(asset: Asset, one: Argument, text: str) -> str:
    for spelled in (text, unicodedata.normalize("NFKC", text)):
        address = spelled.strip(_AROUND)
        if (is_url(address) or looks_like_domain(address)) and " " not in address:
            return address
    call = f'{asset.name}({one.name}="{one.example}")'
    msg = f"{one.name} takes an address or a domain, not {_quoted(text[:60])}. Call {call}, or topic_brief for a topic."
    raise ArgumentError(one.name, msg)


def _span(asset: Asset, one: Argument, text: str, today: dt.date) -> Span:
    span = parse_span(text, today)
    if span is None:
        wrong = f"{one.name}={_quoted(text[:40])} is not a date I know"
        msg = f'{wrong}; write "2025-07-08", "2025-07", "last week" or "先週", or call {asset.name} without {one.name}.'
        raise ArgumentError(one.name, msg)
    if one.kind != "week" or span.since != span.until:
        return span
    try:
        monday = span.since - dt.timedelta(days=span.since.weekday())
        return Span(monday, monday + dt.timedelta(days=6))
    except OverflowError:  # the first or the last week of the calendar
        return span


def _in_order(asset: Asset, typed: Mapping[str, Any], today: dt.date) -> None:
    """Raise ``ArgumentError`` if ``until`` is before ``since``."""
    kinds = {one.kind: one for one in asset.arguments if one.name in typed}
    if "since" not in kinds or "until" not in kinds:
        return
    since, until = (_span(asset, kinds[kind], str(typed[kind]), today) for kind in ("since", "until"))
    if since.since > until.until:
        swapped = f"since={_quoted(str(typed['until']))}, until={_quoted(str(typed['since']))}"
        msg = f"since ({since.since}) is after until ({until.until}); swap them: {swapped}."
        raise ArgumentError("since", msg)

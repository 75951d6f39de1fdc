"""From what is typed for a prompt to its text: arguments understood, then put in, in one pass.

Nothing typed is ever read as a template, and words stand in the text as quoted strings: an argument can say something
wrong, but not something in the prompt's own voice.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from zunda_mcp.errors import ArgumentError
from zunda_mcp.server import tool_arguments as arguments
from zunda_mcp.server.prompts.asset import Argument, Asset, Language
from zunda_mcp.server.tool_arguments import Param
from zunda_mcp.text.dates import Span, parse_span
from zunda_mcp.text.urls import is_url, looks_like_domain

__all__ = ["LANGUAGE", "PLACEHOLDER", "fill"]

LANGUAGE = "language"
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

_LANGUAGES: dict[str, Language] = {"ja": "ja", "jp": "ja", "jpn": "ja", "japanese": "ja", "日本語": "ja"}
_LANGUAGES |= {"en": "en", "eng": "en", "english": "en", "英語": "en"}
_LONGEST = 200
_AROUND = " <>\"'「」"
_COUNTED = re.compile(r"\s*(?:分間?|min(?:ute)?s?\.?)$")


def fill(asset: Asset, given: Mapping[str, Any], today: dt.date, language: str | None) -> tuple[str, Language]:
    """The text of a prompt and the language it is in.

    ``language`` is that of the archive; it counts where the caller names none.

    Raises:
        ArgumentError: An argument is unknown, missing or cannot be understood.
    """
    params = (*map(_param, asset.arguments), Param(LANGUAGE, "", "choice", choices=("ja", "en"), example="ja"))
    typed = arguments.read(asset.name, params, _plain(asset, given))
    spoken = _language(typed.pop(LANGUAGE, language) or "")
    shown = {one.name: _shown(asset, one, typed.get(one.name), spoken, today) for one in asset.arguments}
    _in_order(asset, typed, today)
    return PLACEHOLDER.sub(lambda match: shown[match[1]], asset.text[spoken]).strip(), spoken


def _plain(asset: Asset, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with languages called by any usual name, and numbers with their unit, as we write them."""
    plain, numbers = dict(given), {one.name for one in asset.arguments if one.kind == "whole"}
    for name, value in plain.items():
        if not isinstance(value, str):
            continue
        words = unicodedata.normalize("NFKC", value[:100]).strip().casefold()
        if name == LANGUAGE:
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
    """An argument as it stands in the text."""
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
    except OverflowError:  # the first or the last week that a calendar has
        return span


def _in_order(asset: Asset, typed: Mapping[str, Any], today: dt.date) -> None:
    """Raises ``ArgumentError`` where a window ends before it begins."""
    kinds = {one.kind: one for one in asset.arguments if one.name in typed}
    if "since" not in kinds or "until" not in kinds:
        return
    since, until = (_span(asset, kinds[kind], str(typed[kind]), today) for kind in ("since", "until"))
    if since.since > until.until:
        swapped = f"since={_quoted(str(typed['until']))}, until={_quoted(str(typed['since']))}"
        msg = f"since ({since.since}) is after until ({until.until}); swap them: {swapped}."
        raise ArgumentError("since", msg)

"""Reading the arguments of a tool call: forgiving about form, strict about effect.

Models guess. ``"5"`` for 5, a year as a number, full-width digits, null for "not given" and a list of words where one
text was asked for are understood. A name that does not exist, or a value that cannot be meant, is refused in one
sentence that ends in a call that works: a silent guess would answer another question than the one asked. Other names
are taken where they can only mean one argument (``q``, ``from``, ``start_date``); ``before`` and ``page`` are not.
"""

from __future__ import annotations

import difflib
import json
import math
import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from zunda_mcp.errors import ArgumentError
from zunda_mcp.rendering.sanitize import one_line, shorten

MAX_TEXT = 2000
"""Longer than any question or address that is meant; a cursor never is."""

_ALIASES = {
    "since": "from start begin after date_from from_date start_date since_date after_date newer_than start_time",
    "until": "to end date_to to_date end_date until_date end_time",
    "query": "q text keyword keywords search term terms words question search_query topic subject name url link",
    "topic": "query q text keyword keywords term subject name",
    "quote": "text sentence passage q query quotation phrase words content claim statement",
    "id": "episode episode_id story story_id date number url link",
    "limit": "max_results n count top_k k page_size num results max num_results",
    "max_chars": "max_length max_size max_tokens length budget chars max_characters",
    "cursor": "next next_cursor page_token",
    "sort": "order order_by sort_by ranking",
    "by": "period interval granularity group_by unit per",
    "host": "hosts speaker actor person presenter",
    "site": "domain website",
    "archive": "archives show podcast program collection source",
    "kind": "type kinds types log_type",
}
"""Other names that say the same."""
_SPAN = ["date", "day", "on", "month", "year", "week", "period", "when"]
"""Names for the two ends of a time at once, where a tool takes both."""
_NEARLY = {
    "until": "before before_date older_than",  # which leave out what ``until`` takes in
    "cursor": "page offset start_index next token",  # numbers, mostly
    "since": "form",
    "id": "path",
}
_WRAPPERS = ("arguments", "args", "input", "params", "parameters", "kwargs")
_MEANT = {
    "newest": "new latest recent date desc descending",
    "oldest": "old earliest first asc ascending",
    "relevance": "relevant score best rank",
    "count": "frequency most popular number",
    "recent": "new newest latest date",
    "rising": "trend trending growing hot",
    "month": "monthly months 月",
    "week": "weekly weeks day daily 週",
    "year": "yearly years annual 年",
}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOTHING = {"", "null", "none", "undefined"}
_WHOLE = re.compile(r"[+-]?\d{1,18}(?:\.0*)?")


@dataclass(frozen=True)
class Param:
    """One argument of a tool: its name, what it takes, and a value for the corrected call."""

    name: str
    description: str
    kind: Literal["text", "whole", "choice"] = "text"
    required: bool = False
    default: int | str | None = None
    choices: tuple[str, ...] = ()
    low: int = 1
    high: int = 50
    example: str = ""

    def schema(self) -> dict[str, Any]:
        """The JSON schema: flat and scalar, as every client can send it."""
        found: dict[str, Any] = {"type": "integer" if self.kind == "whole" else "string"}
        if self.choices:
            found["enum"] = list(self.choices)
        if self.default is not None:
            found["default"] = self.default
        if self.description:
            found["description"] = self.description
        return found


def read(tool: str, params: tuple[Param, ...], raw: Mapping[str, Any] | None) -> dict[str, str | int]:
    """The arguments as the library takes them: known names, right types, only what was given.

    Raises:
        ArgumentError: A name or value cannot be understood, or a required one is missing.
    """
    known = {param.name: param for param in params}
    given = {name: value for name, value in _unwrapped(raw or {}, known).items() if value is not None}
    kept = {name: given[name] for name in known if name in given}
    kept.update(_by_other_names(tool, params, {name: given[name] for name in given if name not in known}, kept))
    values: dict[str, str | int] = {}
    for name, param in known.items():
        understood = _value(tool, params, param, kept[name], kept) if name in kept else None
        if understood is not None:
            values[name] = understood
        elif param.required:
            example = {**kept, name: param.example}
            msg = f"{tool} needs {name}. Call {call(tool, params, example)}."
            raise ArgumentError(name, msg)
    return values


def _unwrapped(raw: Mapping[str, Any], known: Mapping[str, Param]) -> Mapping[str, Any]:
    """The arguments themselves, where a model has packed them into one more object."""
    if len(raw) == 1:
        name, inner = next(iter(raw.items()))
        if name not in known and name in _WRAPPERS and isinstance(inner, dict):
            return inner
    return raw


def _by_other_names(
    tool: str, params: tuple[Param, ...], strange: Mapping[str, Any], kept: Mapping[str, Any]
) -> dict[str, Any]:
    """What was given under names that are no arguments but can only mean one; refuses all others."""
    names = [param.name for param in params]
    found: dict[str, Any] = {}
    for name, value in strange.items():
        folded = _folded(name)
        meant = [known for known in names if folded == known or folded in _ALIASES.get(known, "").split()][:1]
        if not meant and folded in _SPAN and {"since", "until"} <= set(names):
            meant = ["since", "until"]
        if not meant or any({**kept, **found}.get(known, value) != value for known in meant):
            raise _unknown(tool, params, name, value, {**kept, **found})
        found.update(dict.fromkeys(meant, value))
    return found


def _folded(name: str) -> str:
    """A name as ours are written: ``maxChars``, ``max-chars`` and ``ＭＡＸ＿ＣＨＡＲＳ`` are ``max_chars``."""
    text = unicodedata.normalize("NFKC", name[:60]).strip().replace("-", "_").replace(" ", "_")
    return (text if text.isupper() else _HUMP.sub("_", text)).casefold()


def call(tool: str, params: tuple[Param, ...], values: Mapping[str, Any]) -> str:
    """A call as one would write it, with values that work: ``search_episodes(query="生成AI", limit=10)``.

    What is required and missing, or stands there in a form that is not understood, is replaced by an example.
    """
    shown = []
    for param in params:
        if param.name not in values and not param.required:
            continue
        value: Any = values.get(param.name, param.example)
        if param.kind == "whole":
            number = _number(value)
            number = _number(param.default or param.example) if number is None else number
            value = min(max(number or param.low, param.low), param.high)
        elif not isinstance(value, str | int) or isinstance(value, bool):
            value = param.example
        if isinstance(value, str):
            # A cursor is only good whole; anything else is recognised by its beginning.
            value = json.dumps(value if param.name == "cursor" else shorten(one_line(value), 60), ensure_ascii=False)
        shown.append(f"{param.name}={value}")
    return f"{tool}({', '.join(shown)})"


def near(word: str, known: tuple[str, ...]) -> list[str]:
    """The known words nearest to a wrong one, nearest first."""
    folded = word.casefold().replace("-", "_")
    return difflib.get_close_matches(folded, known, n=3, cutoff=0.5)


def _unknown(tool: str, params: tuple[Param, ...], name: str, value: object, kept: Mapping[str, Any]) -> ArgumentError:
    names = tuple(param.name for param in params)
    free = tuple(known for known in names if known not in kept)
    folded = _folded(name)
    nearly = (f"{_ALIASES.get(known, '')} {_NEARLY.get(known, '')}".split() for known in free)
    meant = next((known for known, others in zip(free, nearly, strict=True) if folded in others), None)
    if meant is None:
        meant = next(iter(near(name, free)), None)
    wrong = f'{tool} has no argument "{shorten(one_line(name), 40)}"'
    if meant is None:
        return ArgumentError(name, f"{wrong}; it takes {', '.join(names)}. Call {call(tool, params, kept)}.")
    param = next(param for param in params if param.name == meant)
    try:
        _value(tool, params, param, value, kept)
    except ArgumentError:
        value = param.default or param.example
    return ArgumentError(name, f'{wrong}; did you mean "{meant}"? Call {call(tool, params, {**kept, meant: value})}.')


def _value(
    tool: str, params: tuple[Param, ...], param: Param, value: object, kept: Mapping[str, Any]
) -> str | int | None:
    """One value in the type its parameter wants, or None for "not given"."""

    def wrong(takes: str, example: object) -> ArgumentError:
        sense = f"{param.name} takes {takes}, not {_show(value)}."
        return ArgumentError(param.name, f"{sense} Call {call(tool, params, {**kept, param.name: example})}.")

    if param.kind == "whole":
        if isinstance(value, str) and value.strip().casefold() in _NOTHING:
            return None
        number = _number(value)
        if number is None:
            raise wrong(f"a whole number from {param.low} to {param.high}", param.default or param.example)
        return min(max(number, param.low), param.high)
    text = _text(value)
    if text is None:
        raise wrong("one text" if param.kind == "text" else "one word", param.default or param.example)
    if len(text) > (4 * MAX_TEXT if param.name == "cursor" else MAX_TEXT):
        msg = f"{param.name} is {len(text)} characters long and at most {MAX_TEXT} are read."
        raise ArgumentError(param.name, f"{msg} Call {call(tool, params, {**kept, param.name: param.example})}.")
    if param.kind == "choice":
        word = unicodedata.normalize("NFKC", text).casefold()
        if word in _NOTHING:
            return None
        if word not in param.choices:
            meant = [known for known in param.choices if word in _MEANT.get(known, "").split()]
            best = [*meant, *near(word, param.choices), param.choices[0]][0]
            raise wrong(f"{', '.join(param.choices[:-1])} or {param.choices[-1]}", best)
        return word
    if param.default is None and not param.required and text.casefold() in _NOTHING:
        return None
    return text or None


def _text(value: object) -> str | None:
    """A text, a number meant as one, or a list of texts joined; None where nothing of that is there."""
    if isinstance(value, str):
        return one_line(_joined(value))
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else None
    if isinstance(value, float):
        return (str(int(value)) if value.is_integer() else str(value)) if math.isfinite(value) else None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return one_line(" ".join(value))
    return None


def _joined(text: str) -> str:
    """A list of texts that came as JSON in a text, as clients send it that know only texts; else the text itself."""
    if text.startswith("[") and text.endswith("]"):
        with suppress(ValueError, RecursionError):
            parts = json.loads(text)
            if parts and all(isinstance(part, str) for part in parts):
                return " ".join(parts)
    return text


def _number(value: object) -> int | None:
    """A whole number, however it is written: 5, 5.0, "5", "５"."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value.is_integer() else None
    if isinstance(value, str):
        text = unicodedata.normalize("NFKC", value[:100]).strip().replace(",", "")
        return int(text.partition(".")[0]) if _WHOLE.fullmatch(text) else None
    return None


def _show(value: object) -> str:
    """A wrong value, short and harmless, as JSON."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    return shorten(one_line(text), 60)

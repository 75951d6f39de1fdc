"""Read the arguments of a tool call, tolerant of form but strict about meaning.

Models guess. ``"5"`` for 5, a year as a number, full-width digits, null for "not given" and a list of words in place of
a text are accepted. So are other names if they can only mean one argument (``q``, ``from``, ``start_date``, but not
``before`` or ``page``). Any other name, or an impossible value, is refused with a call that works, since a silent guess
would answer another question.
"""

from __future__ import annotations

import difflib
import json
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Literal, NamedTuple

from zunda_mcp.errors import ArgumentError
from zunda_mcp.rendering.sanitize import clean_line, shorten

__all__ = ["MAX_TEXT", "Param", "call", "near", "read_tool_arguments"]

MAX_TEXT = 2000
"""The most characters of a text; real questions and addresses are shorter. Cursors may have four times as many."""

_ALIASES = {
    "since": "from start begin after date_from from_date start_date since_date after_date newer_than start_time",
    "until": "to end date_to to_date end_date until_date end_time",
    "pattern": "regex regexp regular_expression expression grep query q text string search keyword",
    "whole_words": "whole_word word words word_boundary whole",
    "case": "case_sensitivity",
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
"""Other names for each argument, with the same meaning."""
_SPAN = ["date", "day", "on", "month", "year", "week", "period", "when"]
"""Names that mean both ``since`` and ``until``, if a tool takes both."""
_NEARLY = {
    "until": "before before_date older_than",  # which exclude the day that ``until`` includes
    "cursor": "page offset start_index next token",  # mostly numbers
    "since": "form",
    "id": "path",
}
_WRAPPERS = ("arguments", "args", "input", "params", "parameters", "kwargs")
_SYNONYMS = {
    "newest": "new latest recent date desc descending",
    "ignore": "insensitive false no i",
    "match": "sensitive exact true yes",
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
_FLAGS = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
_WHOLE = re.compile(r"[+-]?\d{1,18}(?:\.0*)?")


class Param(NamedTuple):
    """One argument of a tool: its name, the values it takes, and an example for the corrected call."""

    name: str
    description: str
    kind: Literal["text", "whole", "choice", "flag"] = "text"
    required: bool = False
    default: int | str | bool | None = None
    choices: tuple[str, ...] = ()
    low: int = 1
    high: int = 50
    example: str = ""

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema: a scalar, which every client can send."""
        schema: dict[str, Any] = {"type": {"whole": "integer", "flag": "boolean"}.get(self.kind, "string")}
        if self.choices:
            schema["enum"] = list(self.choices)
        if self.description:
            schema["description"] = self.description
        return schema


def read_tool_arguments(
    tool: str, params: tuple[Param, ...], raw: Mapping[str, Any] | None
) -> dict[str, str | int | bool]:
    """Return the given arguments with our names and the right types, as the library takes them.

    Raises:
        ArgumentError: A name or a value cannot be understood, or a required argument is missing.
    """
    by_name = {param.name: param for param in params}
    given = {name: value for name, value in _unwrap(raw or {}, by_name).items() if value is not None}
    kept = {name: given[name] for name in by_name if name in given}
    kept.update(_resolve_aliases(tool, params, {name: given[name] for name in given if name not in by_name}, kept))
    values: dict[str, str | int | bool] = {}
    for name, param in by_name.items():
        value = _value(tool, params, param, kept[name], kept) if name in kept else None
        if value is not None:
            values[name] = value
        elif param.required:
            example = {**kept, name: param.example}
            msg = f"{tool} needs {name}. Call {call(tool, params, example)}."
            raise ArgumentError(name, msg)
    return values


def _unwrap(raw: Mapping[str, Any], by_name: Mapping[str, Param]) -> Mapping[str, Any]:
    """Return the inner arguments if a model has wrapped them in another object, else ``raw``."""
    if len(raw) == 1:
        name, inner = next(iter(raw.items()))
        if name not in by_name and name in _WRAPPERS and isinstance(inner, dict):
            return inner
    return raw


def _resolve_aliases(
    tool: str, params: tuple[Param, ...], others: Mapping[str, Any], kept: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values given under other names, by our names.

    Raises ``ArgumentError`` if a name is unknown, or means an argument that was given with another value.
    """
    names = [param.name for param in params]
    resolved: dict[str, Any] = {}
    for name, value in others.items():
        folded = _fold(name)
        meant = [own for own in names if folded == own or folded in _ALIASES.get(own, "").split()][:1]
        if not meant and folded in _SPAN and {"since", "until"} <= set(names):
            meant = ["since", "until"]
        if not meant or any({**kept, **resolved}.get(own, value) != value for own in meant):
            raise _unknown(tool, params, name, value, {**kept, **resolved})
        resolved.update(dict.fromkeys(meant, value))
    return resolved


def _fold(name: str) -> str:
    """Return a name in our spelling: ``max_chars`` for ``maxChars``, ``max-chars`` and ``ＭＡＸ＿ＣＨＡＲＳ``."""
    text = unicodedata.normalize("NFKC", name[:60]).strip().replace("-", "_").replace(" ", "_")
    return (text if text.isupper() else _HUMP.sub("_", text)).casefold()


def call(tool: str, params: tuple[Param, ...], values: Mapping[str, Any]) -> str:
    """Return a call that works, as text: ``search_episodes(query="生成AI", limit=10)``.

    A required argument that is missing, or one that was not understood, gets an example as its value.
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
        elif param.kind == "flag":
            value = str(_flag(value) or False).lower()
            shown.append(f"{param.name}={value}")
            continue
        elif not isinstance(value, str | int) or isinstance(value, bool):
            value = param.example
        if isinstance(value, str):
            # A cursor is useless unless complete; any other text is recognised by its beginning.
            value = json.dumps(value if param.name == "cursor" else shorten(clean_line(value), 60), ensure_ascii=False)
        shown.append(f"{param.name}={value}")
    return f"{tool}({', '.join(shown)})"


def near(word: str, choices: tuple[str, ...]) -> list[str]:
    """Return up to three of ``choices`` that resemble a mistyped word, best first."""
    folded = word.casefold().replace("-", "_")
    return difflib.get_close_matches(folded, choices, n=3, cutoff=0.5)


def _unknown(tool: str, params: tuple[Param, ...], name: str, value: object, kept: Mapping[str, Any]) -> ArgumentError:
    names = tuple(param.name for param in params)
    free = tuple(own for own in names if own not in kept)
    folded = _fold(name)
    nearly = (f"{_ALIASES.get(own, '')} {_NEARLY.get(own, '')}".split() for own in free)
    meant = next((own for own, others in zip(free, nearly, strict=True) if folded in others), None)
    if meant is None:
        meant = next(iter(near(name, free)), None)
    wrong = f'{tool} has no argument "{shorten(clean_line(name), 40)}"'
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
) -> str | int | bool | None:
    """Return one value in the type of its parameter, None for "not given". Raises ``ArgumentError``."""

    def wrong(takes: str, example: object) -> ArgumentError:
        sense = f"{param.name} takes {takes}, not {_show(value)}."
        return ArgumentError(param.name, f"{sense} Call {call(tool, params, {**kept, param.name: example})}.")

    if param.kind == "whole":
        return _whole(value, param, wrong)
    if param.kind == "flag" and (flag := _flag(value)) is not None:
        return flag
    text = _text(value)
    if text is None or param.kind == "flag":
        takes = {"text": "one text", "flag": "true or false"}.get(param.kind, "one word")
        raise wrong(takes, True if param.kind == "flag" else param.default or param.example)
    if len(text) > (4 * MAX_TEXT if param.name == "cursor" else MAX_TEXT):
        msg = f"{param.name} is {len(text)} characters long and at most {MAX_TEXT} are read."
        raise ArgumentError(param.name, f"{msg} Call {call(tool, params, {**kept, param.name: param.example})}.")
    if param.kind == "choice":
        word = unicodedata.normalize("NFKC", text).casefold()
        if word in _NOTHING:
            return None
        if word not in param.choices:
            meant = [choice for choice in param.choices if word in _SYNONYMS.get(choice, "").split()]
            best = [*meant, *near(word, param.choices), param.choices[0]][0]
            raise wrong(f"{', '.join(param.choices[:-1])} or {param.choices[-1]}", best)
        return word
    if param.default is None and not param.required and text.casefold() in _NOTHING:
        return None
    return text or None


def _whole(value: object, param: Param, wrong: Callable[[str, object], ArgumentError]) -> int | None:
    """Return a whole number, moved into the bounds of its parameter, or None for "not given"."""
    if isinstance(value, str) and value.strip().casefold() in _NOTHING:
        return None
    number = _number(value)
    if number is None:
        raise wrong(f"a whole number from {param.low} to {param.high}", param.default or param.example)
    return min(max(number, param.low), param.high)


def _text(value: object) -> str | None:
    """Return a text, a number as text, or a list of texts joined; None for any other value."""
    if isinstance(value, str):
        return clean_line(_joined(value))
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else None
    if isinstance(value, float):
        return (str(int(value)) if value.is_integer() else str(value)) if math.isfinite(value) else None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return clean_line(" ".join(value))
    return None


def _joined(text: str) -> str:
    """Return the joined texts of a JSON list, which clients send that can only send texts; else the text itself."""
    if text.startswith("[") and text.endswith("]"):
        with suppress(ValueError, RecursionError):
            parts = json.loads(text)
            if parts and all(isinstance(part, str) for part in parts):
                return " ".join(parts)
    return text


def _number(value: object) -> int | None:
    """Return a whole number in any form (5, 5.0, "5", "５"), None for any other value."""
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


def _flag(value: object) -> bool | None:
    """Return True or False in any form (true, "yes", 1), None for any other value."""
    if isinstance(value, bool) or value in (0, 1):
        return bool(value)
    text = unicodedata.normalize("NFKC", value[:10]).strip().casefold() if isinstance(value, str) else ""
    return _FLAGS.get(text)


def _show(value: object) -> str:
    """Return a wrong value as short, harmless JSON."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    return shorten(clean_line(text), 60)

"""The block at the top of a file, read with suspicion: YAML between ``---``, TOML between ``+++``, JSON, header lines.

Every plain value stays text (``12:30`` does not become 750, nor ``no`` ``False``); an empty one is ``None``. YAML that
could do harm or surprise is refused: aliases and anchors (a few lines of them make millions of values), tags (Python
objects), merge keys, deep nesting, more than 512 KB.

Jekyll uses YAML (https://jekyllrb.com/docs/front-matter/), whose delimiters python-frontmatter's handler finds; Hugo
also TOML and JSON (https://gohugo.io/content-management/front-matter/); Pelican header lines without any delimiter
(https://docs.getpelican.com/en/stable/content.html).
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise

import yaml
from frontmatter import YAMLHandler

from zunda_mcp.config.settings import line_of_deep_key

__all__ = [
    "NO_FRONT_MATTER", "FrontMatter", "Page", "RefusedError", "Value", "plain_value", "read_page", "read_yaml",
    "read_yaml_lists",
]  # fmt: skip

_MAX_CHARACTERS = 512 * 1024  # an hour of speech in front matter takes 150 KB
_MAX_DEPTH = 12
NO_FRONT_MATTER = "This file has no front matter."

Value = str | None | list["Value"] | dict[str, "Value"]

_HANDLER = YAMLHandler(fm_boundary=re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE))
_OTHER_BREAKS = dict.fromkeys((0x85, 0x2028, 0x2029), " ")
"""Characters that end a line in YAML 1.1, but not for anything else that counts lines."""
_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BLANK = re.compile(r"(?:[ \t\ufeff]*\n)+(?=(?:---|\+\+\+)[ \t]*\n)")
_YAML_LIST = re.compile(r"^[ \t]*-[ \t]+(?:\{|[^\W\d][\w -]*:(?:[ \t]|$))", re.MULTILINE)
_KEY_LINE = re.compile(r" ?[^\W\d][\w .-]{0,60}:(?:\s|$)")
_PLAIN_TAGS = frozenset({"!", *(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null"))})
_PLAIN_TAGS |= {f"tag:yaml.org,2002:{name}" for name in ("timestamp", "seq", "map")}


class RefusedError(Exception):
    """The block cannot or must not be read; ``line`` counts from 1 within the text given."""

    def __init__(self, cause: str, line: int | None = None) -> None:
        super().__init__(cause)
        self.line = line


@dataclass
class FrontMatter:
    """The values of a block, the line of each key, and remarks on its faults: ``(line in the file, sentence)``."""

    values: dict[str, Value] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    remarks: list[tuple[int | None, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """A file in two parts. ``matter`` is ``None`` if no block can be read; ``start`` is the body's line, from 0."""

    matter: FrontMatter | None
    body: str
    start: int
    remarks: tuple[tuple[int | None, str], ...] = ()

    @property
    def bare(self) -> bool:
        """Whether it has no front matter that can be read; labels in its text may then replace it."""
        return self.matter is None or any(cause == NO_FRONT_MATTER for _, cause in self.remarks)


def read_page(text: str) -> Page:
    """Split the text of a file, and read its front matter, which blank lines may precede. Never raises."""
    blank = _BLANK.match(text)
    count = text.count("\n", 0, blank.end()) if blank else 0
    page = _read_page(text[blank.end() :] if blank else text)
    if not count:
        return page
    if page.matter is not None:
        page.matter.lines = {key: line + count for key, line in page.matter.lines.items()}
        page.matter.remarks = [(line and line + count, cause) for line, cause in page.matter.remarks]
    remarks = tuple((line and line + count, cause) for line, cause in page.remarks)
    return Page(page.matter, page.body, page.start + count, remarks)


def _read_page(text: str) -> Page:
    first = text.split("\n", 1)[0].rstrip()
    if first == "---":
        return _yaml_page(text)
    if first == "+++":
        return _toml_page(text)
    page = _json_page(text) if first.startswith("{") else _header_page(text) if ":" in first or "=" in first else None
    return page or Page(None, text, 0, ((1, NO_FRONT_MATTER),))


def _yaml_page(text: str) -> Page:
    fence, _, rest = text.partition("\n")
    remarks: list[tuple[int | None, str]] = []
    try:
        block, body = _HANDLER.split(text)  # the block begins with the rest of the line "---": its lines are the file's
    except ValueError:
        block, _, body = text[len(fence) :].partition("\n\n")
        remarks.append((1, "The front matter is never closed with `---`; it was read up to the first blank line."))
    body, start = _without_first_line(body, text.count("\n", 0, len(text) - len(body)))
    try:
        matter = read_yaml(block)
    except RefusedError as error:
        if (by_keys := _by_keys(block)) is None and remarks:
            return Page(None, rest, 1, ((1, "The front matter is never closed with `---` and cannot be made out."),))
        if by_keys is None:
            return _refused(error, body, start)
        matter = by_keys
    return Page(matter, body, start, (*remarks, *matter.remarks))


def _refused(error: RefusedError, body: str, start: int) -> Page:
    return Page(None, body, start, ((error.line, f"The front matter cannot be used: {error}."),))


def _without_first_line(body: str, start: int) -> tuple[str, int]:
    """Return a body without the newline of the line above it, and the number of lines above it."""
    return (body[1:], start + 1) if body.startswith("\n") else (body, start)


def read_yaml(text: str) -> FrontMatter:
    """Read a YAML mapping (a block of front matter, a ``_config.yml``). Raises ``RefusedError``."""
    if len(text) > _MAX_CHARACTERS:
        raise RefusedError(f"it is longer than {_MAX_CHARACTERS // 1024} KB", 1)
    return _load(text)


def _by_keys(text: str) -> FrontMatter | None:
    """Read a block that is not valid YAML key by key; a value that is not valid either is kept as plain text. ``None``
    if no line has a key.
    """
    lines = text.expandtabs(2).split("\n")
    starts = [place for place, line in enumerate(lines) if _KEY_LINE.match(line)]
    if not starts or len(text) > _MAX_CHARACTERS:
        return None
    result = FrontMatter()
    for place, line in enumerate(lines[: starts[0]], start=1):
        if line.strip():
            result.remarks.append((place, f"This line of the front matter has no key; it was left out: `{line[:80]}`."))
    for start, end in pairwise((*starts, len(lines))):
        first, *more = lines[start:end]
        try:
            values = _load("\n".join((first.lstrip(), *more))).values
        except RefusedError as error:
            key, _, value = first.strip().partition(":")
            plain = " ".join(" ".join((value, *more)).split())
            quoted = len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "\"'"
            values = {key: (plain[1:-1] if quoted else plain) or None}
            result.remarks.append((start + 1, f"The value of `{key[:80]}` was read as plain text: {error}."))
        result.values.update(values)
        result.lines.update(dict.fromkeys(values, start + 1))
    if "\t" in text and not result.remarks:
        tab = 1 + text[: text.index("\t")].count("\n")
        result.remarks.append((tab, "The front matter has tabs where YAML wants spaces; they were read as spaces."))
    return result


def read_yaml_lists(text: str) -> dict[str, list[Value]]:
    """Read the lists of records in YAML, by their keys; a list that is all of the text has the key ``*``."""
    with suppress(RefusedError):
        loaded = _loaded(text) if _YAML_LIST.search(text) else None
        named = loaded.values if isinstance(loaded, FrontMatter) else {"*": loaded}
        return {key: value for key, value in named.items() if isinstance(value, list)}
    return {}


def _load(text: str) -> FrontMatter:
    loaded = _loaded(text)
    if loaded is None:
        return FrontMatter()
    if not isinstance(loaded, FrontMatter):
        raise RefusedError("it is not a list of `key: value` lines", 1)
    return loaded


def _loaded(text: str) -> FrontMatter | Value:
    try:
        loaded: FrontMatter | Value = _HANDLER.load(text.translate(_OTHER_BREAKS), Loader=_GuardedLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise RefusedError(f"YAML says: {error.problem or error.context}", mark.line + 1 if mark else None) from None
    except yaml.reader.ReaderError as error:
        code = error.character if isinstance(error.character, int) else ord(str(error.character)[:1] or "\0")
        raise RefusedError(f"it holds a character YAML does not allow (U+{code:04X})") from None
    except yaml.YAMLError:
        raise RefusedError("it is not YAML") from None
    return loaded


class _GuardedLoader:
    """A loader for ``yaml.load`` that makes only text, lists and mappings, straight from the parser's events."""

    def __init__(self, stream: str) -> None:
        self._events: Iterator[yaml.Event] = iter(yaml.parse(stream, Loader=_FAST))

    def get_single_data(self) -> FrontMatter | Value:
        """Return the one document of the stream, a mapping as ``FrontMatter``."""
        result: FrontMatter | Value = None
        for event in self._events:
            if isinstance(event, yaml.MappingStartEvent):
                self._check(event)
                matter = FrontMatter()
                matter.values = self._mapping(matter, 1)
                result = matter
            elif isinstance(event, yaml.NodeEvent):
                result = self._value(event, 1)
        return result

    def dispose(self) -> None:
        """Do nothing; ``yaml.load`` calls this."""

    def _value(self, event: yaml.Event, depth: int) -> Value:
        self._check(event)
        if depth > _MAX_DEPTH:
            raise RefusedError(f"it is nested more than {_MAX_DEPTH} levels deep", _line(event))
        if isinstance(event, yaml.ScalarEvent):
            plain = not event.style
            return None if plain and event.value in ("", "~", "null", "Null", "NULL") else str(event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Value] = []
            while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                items.append(self._value(event, depth + 1))
            return items
        return self._mapping(FrontMatter(), depth)

    def _mapping(self, matter: FrontMatter, depth: int) -> dict[str, Value]:
        values: dict[str, Value] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = _line(event)
            key = self._value(event, depth + 1)
            name = key if isinstance(key, str) else repr(key)
            if name == "<<":
                raise RefusedError("it uses a merge key (`<<`), which is not read here", line)
            if name in values:
                matter.remarks.append((line, f"The key `{name[:80]}` stands here a second time; the last one counts."))
            values[name] = self._value(next(self._events), depth + 1)
            matter.lines[name] = line
        return values

    def _check(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise RefusedError("it uses a YAML alias or anchor, which is not read here", _line(event))
        tag = getattr(event, "tag", None)
        if tag is not None and tag not in _PLAIN_TAGS:
            raise RefusedError(f"it uses the YAML tag `{str(tag)[:80]}`, which is not read here", _line(event))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


_HEADER = re.compile(r"(?:\.\. )?([A-Za-z][A-Za-z0-9_.-]{1,30})(?::(?:[ \t]+(\S.*?))?|[ \t]?=[ \t]*(\S.*?)?)[ \t]*")
_RULE = re.compile(r"\s*|[-=+]{3,}\s*")
_HEADER_KEYS = frozenset({"title", "date"})
_KEY = re.compile(r"^[ \t]*\"?([\w-]+)\"?[ \t]*[=:]")


def _toml_page(text: str) -> Page:
    lines = text.split("\n")
    end = next((place for place, line in enumerate(lines[1:], start=1) if line.rstrip() == "+++"), None)
    if end is None:
        return Page(None, "\n".join(lines[1:]), 1, ((1, "The front matter is never closed with `+++`."),))
    body, block = "\n".join(lines[end + 1 :]), "\n".join(["", *lines[1:end]])
    try:
        if deep := line_of_deep_key(block):
            raise RefusedError("it has a key of too many parts", deep)
        return Page(_of_mapping(block, tomllib.loads), body, end + 1)
    except (RecursionError, ValueError) as error:
        return _refused(RefusedError(f"TOML says: {error}"), body, end + 1)
    except RefusedError as error:
        return _refused(error, body, end + 1)


def _json_page(text: str) -> Page | None:
    """Read a file that begins with a JSON object; ``None`` if it only looks like one."""
    try:
        loaded, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    start = text.count("\n", 0, end)
    try:
        matter = _of_mapping(text[:end], lambda _: loaded) if isinstance(loaded, dict) else None
    except RefusedError as error:
        return _refused(error, text[end:], start)
    return Page(matter, *_without_first_line(text[end:].lstrip(" \t"), start)) if matter else None


def _header_page(text: str) -> Page | None:
    """Read lines like ``Title: …`` or ``title = …`` up to a blank line or a rule. One must be a title or a date."""
    matter = FrontMatter()
    lines = text.split("\n")
    end = next((place for place, line in enumerate(lines) if _RULE.fullmatch(line)), len(lines))
    key = ""
    for place, line in enumerate(lines[:end], start=1):
        if match := _HEADER.fullmatch(line):
            key = match[1].replace(".", "_")
            matter.values[key], matter.lines[key] = match[2] or match[3], place
        elif key and line.startswith(("    ", "\t")):
            matter.values[key] = f"{matter.values[key] or ''} {line.strip()}".strip()
        else:
            return None
    if not _HEADER_KEYS & {name.lower() for name in matter.values}:
        return None
    return Page(matter, "\n".join(lines[end + 1 :]), end + 1)


def plain_value(value: object, depth: int = 1) -> Value:
    """Return a value of TOML or JSON as one of front matter. Raises ``RefusedError`` if it is nested too deeply."""
    if depth > _MAX_DEPTH:
        raise RefusedError(f"it is nested more than {_MAX_DEPTH} levels deep")
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return {str(key): plain_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_value(item, depth + 1) for item in value]
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    return str(value).encode("utf-8", "replace").decode("utf-8")  # JSON may contain lone surrogates


def _of_mapping(block: str, load: Callable[[str], dict[str, object]]) -> FrontMatter:
    """Load a block of TOML or JSON, whose first line is the first of the file."""
    if len(block) > _MAX_CHARACTERS:
        raise RefusedError(f"it is longer than {_MAX_CHARACTERS // 1024} KB", 1)
    matter = FrontMatter({str(key): plain_value(value, 2) for key, value in load(block).items()})
    for place, line in enumerate(block.split("\n"), start=1):
        match = _KEY.match(line)
        if match and match[1] in matter.values:
            matter.lines.setdefault(match[1], place)
    return matter

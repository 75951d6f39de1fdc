"""What the owner of an archive declares about it: the table ``[archive]`` of ``zunda-mcp.toml`` (``docs/mapping.md``).

Each field of an episode has rules, tried in order: a key of the front matter, an RE2 pattern over the path, the title,
a heading or the text, or a fixed value. A field with rules is never guessed. The file may come with anyone's archive,
so anything in it that cannot be used is a problem with its line, and the rest counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple, get_args

from zunda_mcp.config.settings import nearest
from zunda_mcp.models import Problem
from zunda_mcp.reading.endings import ending_of, kind_of
from zunda_mcp.text.calendar_days import Order

__all__ = ["FIELDS", "WAYS", "ArchiveMapping", "Finding", "Rule", "Trace", "compiled", "matches", "read_mapping"]

FIELDS = ("date", "title", "number", "people", "guests", "language")
"""The fields of an episode that rules can find in a page."""
_GLOBS = ("include", "exclude")
_PATTERNED = ("path", "title", "heading", "text")
"""Where a pattern may be searched."""
WAYS = ("link-heads", "list-items", "headings", "timed-headings", "turns", "front-matter-list", "json-list", "whole")
"""Ways to split a text into stories; the first wins if votes are equal. ``whole`` is one story for each episode."""

_PLACES = ("key", *_PATTERNED, "value")
_BY_ITSELF = {
    "date": ("path", "title", "heading"),
    "title": ("path", "heading"),
    "number": ("path", "title", "heading"),
}
"""Where the reader finds a field without a pattern: ``{ path = true }``."""
_ORDERS = tuple(order for order in get_args(Order) if order)
_TOP = (*_GLOBS, *FIELDS, "episode", "date_order", "stories", "part")
_MOST_RULES, _MOST_PARTS, _LONGEST = 20, 50, 500
_MEMORY = 4 << 20
"""Bytes that RE2 may use for one pattern."""


class Rule(NamedTuple):
    """Where a value is: pairs of a place and what to find there. All of them must be found.

    The place is ``key`` (with the key's name), one of ``_PATTERNED`` (with a pattern, or ``""`` for what the reader
    finds there by itself), or ``value`` (with the value itself).
    """

    places: tuple[tuple[str, str], ...]

    @classmethod
    def key(cls, name: str) -> Rule:
        """Return the rule that looks under a key of the front matter."""
        return cls((("key", name),))

    @classmethod
    def at(cls, place: str) -> Rule:
        """Return the rule for what the reader finds at a place by itself."""
        return cls(((place, ""),))

    def as_toml(self) -> str:
        """Return the rule as TOML, as a table has it."""
        (place, what), *more = self.places
        if place == "key" and not more:
            return _text(what)
        pairs = (f"{name} = {_text(one) if one else 'true'}" for name, one in self.places)
        return f"{{ {', '.join(pairs)} }}"


@dataclass(frozen=True, slots=True)
class ArchiveMapping:
    """The table, or what counts of it for one file (``of``). A field without an entry in ``rules`` is guessed.

    ``order`` is the order of day, month and year in numbers, ``stories`` one of ``WAYS`` or ``""``, ``levels`` are the
    levels of headings that begin a story, and ``parts`` separate tables for the files that their globs match.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    order: Order = ""
    stories: str = ""
    levels: tuple[int, ...] = ()
    parts: tuple[ArchiveMapping, ...] = ()

    def takes(self, path: str) -> bool:
        """Whether a file is to be read. ``path`` is relative to its source, with ``/``."""
        return (not self.include or matches(path, self.include)) and not matches(path, self.exclude)

    def names(self, path: str) -> bool:
        """Whether a file is named as one of the archive, whatever its name looks like; a transcript with its ending."""
        ending = ending_of(path) if kind_of(path) in ("captions", "text") else ""
        globs = [glob for one in (self, *self.parts) for glob in one.include if glob.endswith(ending)]
        return matches(path, globs) and self.takes(path)

    def of(self, path: str) -> ArchiveMapping:
        """Return what counts for one file: the first part that takes it, over what applies to all files."""
        part = next((one for one in self.parts if one.takes(path)), None)
        if part is None:
            return self
        return replace(
            self,
            rules={**self.rules, **part.rules},
            order=part.order or self.order,
            stories=part.stories or self.stories,
            levels=part.levels if part.stories else self.levels,
            parts=(),
        )

    def keys(self, name: str, place: str = "key") -> tuple[str, ...]:
        """Return the front matter keys that the rules of a field name, or what they name at another ``place``."""
        return tuple(what for rule in self.rules.get(name, ()) for at, what in rule.places if at == place)

    def fixed(self, name: str) -> str:
        """Return the value that a field has in every file; ``""`` if it has none."""
        return next(iter(self.keys(name, "value")), "")

    def as_toml(self, name: str = "archive") -> str:
        """Return the table as TOML, as a settings file has it."""
        lines = [f"[[{name}]]" if name.endswith(".part") else f"[{name}]"]
        for key, globs in (("include", self.include), ("exclude", self.exclude)):
            lines += [f"{key} = [{', '.join(map(_text, globs))}]"] if globs else []
        for key in ("episode", *FIELDS):
            if (rules := self.rules.get(key)) is not None:
                written = ", ".join(rule.as_toml() for rule in rules)
                lines.append(f"{key} = {written}" if len(rules) == 1 else f"{key} = [{written}]")
        lines += [f'date_order = "{self.order}"'] if self.order else []
        split: object = self.levels[0] if len(self.levels) == 1 else [*self.levels] or _text(self.stories)
        lines += [f"stories = {split}"] if self.stories else []
        return "\n".join((*lines, *(f"\n{part.as_toml(f'{name}.part')}" for part in self.parts)))

    def facts(self) -> object:
        """Return the content as plain data, for a digest; ``None`` if it is empty."""
        return None if self == ArchiveMapping() else repr(self)


class Finding(NamedTuple):
    """How a field of an episode was found: the rule, or another way in words; its line in the file; and its value."""

    rule: Rule | str
    line: int | None
    value: str


@dataclass
class Trace:
    """Collects where the fields of episodes were found, as the reading code reports it. The last report of a field
    counts. It names the rule that would find the field again, so that a guess can be turned into a declaration.
    """

    findings: dict[str, dict[str, Finding]] = field(default_factory=dict)

    def note(self, episode: str, name: str, rule: Rule | str, line: int | None = None, value: object = "") -> None:
        """Record how one field of an episode was found."""
        self.findings.setdefault(episode, {})[name] = Finding(rule, line, str(value))

    def of(self, episode: str) -> Mapping[str, Finding]:
        """Return what was recorded of an episode, by field."""
        return self.findings.get(episode, {})


@lru_cache(maxsize=512)
def compiled(pattern: str) -> Any:
    """Compile an RE2 pattern (https://github.com/google/re2), in which ``^`` and ``$`` match at the ends of a line.
    Raises ``ValueError`` with the cause.
    """
    import re2  # a C++ library, only loaded for a table with a pattern

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(f"(?m){pattern}", options)
    except re2.error as error:
        cause = error.args[0] if error.args else error
        raise ValueError(cause.decode("utf-8", "replace") if isinstance(cause, bytes) else str(cause)) from None


def matches(path: str, globs: Iterable[str]) -> bool:
    """Whether one of these globs matches a file or a folder that it is in. ``*`` stands for anything but ``/``, ``**``
    for any folders. A glob without ``/`` matches in any folder.
    """
    return any(compiled(_expression(one)).fullmatch(path) is not None for one in globs)


def _expression(glob: str) -> str:
    anywhere = "(?:.*/)?" if "/" not in glob.strip("/") else ""
    pieces = (
        _GLOB.get(piece) or re.escape(piece) for piece in re.split(r"(\*\*/|\*\*|\*|\?)", glob.strip("/")) if piece
    )
    return f"{anywhere}{''.join(pieces)}(?:/.*)?"


_GLOB = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _text(value: str) -> str:
    """Return a text as a TOML string: a literal one if it contains backslashes or quotes, as patterns do."""
    if "'" not in value and value.isprintable() and ("\\" in value or '"' in value):
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(sign if sign.isprintable() else f"\\u{ord(sign):04X}" for sign in escaped) + '"'


# --- reading the table


def read_mapping(table: object, text: str, label: str, name: str = "archive") -> tuple[ArchiveMapping, list[Problem]]:
    """Read the table ``name`` of a settings file with this ``text``. ``label`` is the file's name in problems."""
    reading = _Reading(text, label)
    if not isinstance(table, dict):
        return ArchiveMapping(), [reading.problem(name, name, f"is not a table. Write [{name}] and below it date = …")]
    return reading.mapping(table, name, _TOP), reading.problems


class _Reading:
    """Reads one table, and collects problems of what cannot be used in it."""

    def __init__(self, text: str, label: str) -> None:
        self._lines = _lines_of(text)
        self._label = label
        self.problems: list[Problem] = []

    def mapping(self, table: Mapping[str, object], where: str, allowed: Sequence[str]) -> ArchiveMapping:
        """Read the table, or one of its parts; ``where`` is its name, ``allowed`` are its keys."""
        rules: dict[str, tuple[Rule, ...]] = {}
        values: dict[str, Any] = {}
        for key, value in table.items():
            if key not in allowed:
                near = nearest(key, allowed)
                hint = f"did you mean {near}?" if near else f"there are {', '.join(allowed)}."
                self._refuse(where, key, f"is not a key of [{where}]; {hint}")
            elif key in (*FIELDS, "episode"):
                rules |= {key: some} if (some := tuple(self._rules(value, key, where))) or value == [] else {}
            elif key in _GLOBS:
                values[key] = tuple(self._globs(value, key, where))
            elif key == "date_order" and value in _ORDERS:
                values["order"] = value
            elif key == "stories" and (split := _split(value)):
                values["stories"], values["levels"] = split
            elif key == "part" and isinstance(value, list) and all(isinstance(one, dict) for one in value):
                values["parts"] = tuple(self._parts(value, where))
            else:
                self._refuse(where, key, f"has a wrong value. {_EXAMPLES[key]}")
        return ArchiveMapping(rules=rules, **values)

    def _parts(self, tables: Sequence[Mapping[str, object]], where: str) -> Iterator[ArchiveMapping]:
        for place, one in enumerate(tables[:_MOST_PARTS]):
            part = self.mapping(one, f"{where}.part {place + 1}", _TOP[:-1])
            if part.include:
                yield part
            else:
                self._refuse(f"{where}.part {place + 1}", "include", f"is missing. {_EXAMPLES['include']}")

    def _globs(self, value: object, key: str, where: str) -> Iterator[str]:
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and one.strip("/ ") and len(one) <= _LONGEST:
                yield one
            else:
                self._refuse(where, key, f"has a wrong value. {_EXAMPLES[key]}")

    def _rules(self, value: object, key: str, where: str) -> Iterator[Rule]:
        written = value if isinstance(value, list) else [value]
        for one in written[:_MOST_RULES]:
            if isinstance(one, str) and one.strip():
                yield Rule.key(one)
            elif isinstance(one, dict) and one and (places := self._places(one, key, where)):
                yield Rule(places)
            elif not isinstance(one, dict) or not one:
                self._refuse(where, key, f"has a wrong value. {_EXAMPLES[key]}")

    def _places(self, table: Mapping[str, object], key: str, where: str) -> tuple[tuple[str, str], ...]:
        """Read the places of one rule; none if one of them cannot be used."""
        places: list[tuple[str, str]] = []
        for place, written in table.items():
            value = written
            if isinstance(written, list) and place == "value" and all(isinstance(one, str) for one in written):
                value = ", ".join(written)
            if key == "episode" and not isinstance(table.get("heading"), str):
                why = f"has no heading. {_EXAMPLES[key]}"
            elif place not in _PLACES:
                why = f"has {place}, which is not a place; there are {', '.join(_PLACES)}."
            elif value is True:
                why = "" if place in _BY_ITSELF.get(key, ()) else f"has no pattern for {place}. {_EXAMPLES[key]}"
                value = ""
            elif not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
                why = f"has a wrong value for {place}. {_EXAMPLES[key]}"
            else:
                why = _why_no_pattern(value) if place in _PATTERNED else ""
            if why:
                self._refuse(where, key, why)
                return ()
            places.append((place, str(value)))
        return tuple(sorted(places, key=lambda pair: pair[0] != "heading" or key != "episode"))

    def _refuse(self, where: str, key: str, why: str) -> None:
        self.problems.append(self.problem(where, key, why))

    def problem(self, where: str, key: str, why: str) -> Problem:
        """Return the problem of a key that is left out."""
        line = self._lines.get((where, key)) or self._lines.get((where, ""))
        return Problem(path=self._label, line=line, cause=f"`{key[:80]}` {why} It was left out.")


_EXAMPLES = {
    "include": 'Write include = ["posts/**"]',
    "exclude": 'Write exclude = ["drafts"]',
    "date": "Write date = \"aired\", or date = { path = '(?P<year>\\d{4})/(?P<month>\\d\\d)-(?P<day>\\d\\d)' }.",
    "title": "Write title = \"headline\", or title = { heading = '^Episode \\d+: (?P<title>.+)' }.",
    "number": "Write number = \"episode\", or number = { path = 'ep-(?P<number>\\d+)' }.",
    "people": "Write people = \"hosts\", or people = { text = '^With: (?P<people>.+)' }.",
    "guests": 'Write guests = "guests".',
    "language": 'Write language = "lang", or language = { value = "ja" }.',
    "episode": "Write episode = { heading = '^(?P<day>\\d+) (?P<month>\\w+) (?P<year>\\d{4})' }, or \"shows\".",
    "date_order": 'Write date_order = "dmy" for day, month, year, "mdy" or "ymd".',
    "stories": f"Write stories = 2 for headings of the second level, [2, 3] for two, or one of {', '.join(WAYS)}.",
    "part": 'Write [[archive.part]] and below it include = ["talks/**"].',
}


def _split(value: object) -> tuple[str, tuple[int, ...]] | None:
    """Read how to split stories: the way, and the levels of headings if it states any; ``None`` if it is not valid."""
    levels = value if isinstance(value, list) and value else [value]
    if all(type(one) is int and 1 <= one <= 6 for one in levels):
        return "headings", tuple(sorted({*levels}))
    return (value, ()) if isinstance(value, str) and value in WAYS else None


def _why_no_pattern(pattern: str) -> str:
    try:
        groups = compiled(pattern).groupindex
    except ValueError as error:
        return f"has no regular expression of RE2 ({error})."
    strange = next((name for name in groups if name not in _GROUPS), "")
    return f"has the unknown group {strange}; there are {', '.join(_GROUPS)}." if strange else ""


_GROUPS = ("year", "month", "week", "day", *FIELDS)
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\" -]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*\"?([\w-]+)\"?\s*[=.]")


def _lines_of(text: str) -> dict[tuple[str, str], int]:
    """Return the line of each key by its table (``archive.part 2``) and name, since tomllib gives no lines."""
    lines: dict[tuple[str, str], int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.fullmatch(line):
            table = header[2]
            if header[1] == "[[":
                counts[table] = counts.get(table, 0) + 1
                table = f"{table} {counts[table]}"
            lines.setdefault((table, ""), number)
        elif key := _KEY.match(line):
            lines.setdefault((table, key[1]), number)
    return lines

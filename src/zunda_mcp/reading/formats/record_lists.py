"""Reads lists and tables of episodes or links: JSON, YAML, JSON Lines, and CSV or TSV with column names; also the CSV
of Twilog (``zunda_mcp.reading.posts.twilog``) and of bookmarks (``….bookmarks``).

An item is an episode if it has what only episodes have: a number, a recording, a list of stories. So is a row of a
table, unless a third of the rows repeat a day. In a list of dated links, each day is an episode and each link a story.
If the links have no dates, or are grouped in sections, the file is one episode, dated by its name or by a date next to
the list. Any other JSON (settings, transcripts, chapters, feeds) is ignored, without a problem.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO

from zunda_mcp.models import Problem
from zunda_mcp.reading.detection.conventions import FRONT_MATTER_LIST, JSON_LIST, LIST_ITEMS, WHOLE, Origin
from zunda_mcp.reading.draft import Draft, Drafts, Entry
from zunda_mcp.reading.formats import Format
from zunda_mcp.reading.html.to_markdown import markup_as_markdown
from zunda_mcp.reading.json_values import columns_of, parsed, record, table_rows
from zunda_mcp.reading.json_values import rows as objects
from zunda_mcp.reading.mapping.archive_table import Rule
from zunda_mcp.reading.markdown.inline import without_links
from zunda_mcp.reading.metadata import fields as names
from zunda_mcp.reading.metadata.fields import Fields, day_of, stem
from zunda_mcp.reading.metadata.front_matter import FrontMatter, Page, RefusedError, Value, plain_value, read_yaml_lists
from zunda_mcp.reading.page_reader import drafts_of_pages
from zunda_mcp.reading.posts import bookmarks, twilog
from zunda_mcp.reading.posts.post import Remarks
from zunda_mcp.reading.splitting.lists import ADDRESSES, STORIES, SUMMARIES, TITLES, entry_of
from zunda_mcp.text.calendar_days import Moment

__all__ = ["CsvFile", "JsonList", "Table", "YamlList"]

_GENERIC = frozenset({
    "data", "index", "list", "items", "links", "posts", "entries", "episodes", "content", "src", "public", "api",
    "json",
})  # fmt: skip
_LISTS = ("list", "items", "entries", "articles", "stories", "links", "posts", "episodes", "data", "issues", "news")
_SECTIONS = ("sections", "chapters", "categories", "topics", "groups", "parts")
_FOREIGN = frozenset({"start_ms", "starttime", "start_time", "endtime", "segments", "cues", "start", "body_html"})
"""Keys of items in transcripts, slide scripts and chapters."""
_EPISODIC = frozenset({
    "number", "episode", "audio", "audio_url", "enclosure", "guests", "guest", "hosts", "host", "duration", "season",
    "transcript", "youtube", "body", "mp3", "speaker", "speakers",
})  # fmt: skip

_BODY = ("body", "content", "content_html", "notes", "show_notes", "shownotes", "text", "本文")
_BESIDE = re.compile(r"[_.](?:meta|metadata|info)$", re.IGNORECASE)
"""The names of files that describe another file."""


def _is_episodic(rows: list[dict[str, Value]]) -> bool:
    """Whether most rows have a key that only episodes have: a number, a recording, guests."""
    return sum(bool(_EPISODIC & {name for name, value in row.items() if value}) for row in rows) * 2 > len(rows)


class JsonList(Format):
    """A JSON list of links or episodes."""

    fallback = True

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read one file. JSON of another kind gives nothing; a list that cannot be used is a problem."""
        return self._of(parsed(text), origin)

    def _of(self, loaded: object, origin: Origin) -> Drafts:
        """Read a list or an object with one. ``episode`` in the archive's table names the list of episodes."""
        named = origin.conventions.mapping.keys("episode")
        lists = (loaded if key == "*" else record(loaded).get(key) for key in named)
        stated = next((one for one in lists if isinstance(one, list)), [])
        sections = [] if named else _sections(loaded)
        items = [item for _, several in sections for item in several] or stated
        items = items or ([] if named else _listed(loaded) or _alone(loaded, origin))
        if not items:
            return [], []
        try:
            members = record(loaded).items()
            around = {str(key): plain_value(value, 2) for key, value in members if not isinstance(value, list)}
            values = [plain_value(item) for item in items]
        except RefusedError as error:
            return [], [origin.problem(f"This list cannot be used: {error}; it was skipped.", skipped=True)]
        rows = [row for row in values if isinstance(row, dict)]
        if items == [loaded]:
            number = None if origin.title else origin.guess  # a name with words is a title
            return drafts_of_pages([_page_of(rows[0], replace(origin, guess=number), 0)])
        if sections:
            titles = [title for title, several in sections for _ in several]
            beside = (one for value in record(loaded).values() if isinstance(value, list) for one in value)
            notes = [markup_as_markdown(one.strip()) for one in beside if isinstance(one, str) and one.strip()]
            return _one_issue(list(zip(titles, values, strict=True)), around, notes, origin)
        nested = [row for row in rows if _stories(row)]
        if len(nested) * 2 > len(rows) and not stated:
            return _episodes(nested, origin)
        return _episodes(rows, origin) if stated or _is_episodic(rows) else _days(rows, around, origin)


class YamlList(JsonList):
    """A YAML list of dated items, at the top level or under a key."""

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read one file. Other YAML of a site, such as menus and settings, has no days and gives nothing."""
        lists = read_yaml_lists(text)
        if origin.conventions.mapping.keys("episode"):
            return self._of(lists.get("*", lists), origin)
        items = max(lists.values(), key=len, default=[])
        rows = [one for one in items if isinstance(one, dict) and _moment(one, origin) is not None]
        if len(rows) * 2 <= len(items):
            return [], []
        return self._of(items, origin) if _listed(items) else _episodes(rows, origin)


def _listed(loaded: object) -> list[Any]:
    """Return the items of a list if most have a title and an address, a text, stories or a day; else ``[]``."""
    members = record(loaded)
    items = next((members[name] for name in _LISTS if isinstance(members.get(name), list)), loaded)
    if not isinstance(items, list) or "jsonfeed.org" in str(members.get("version", "")):
        return []
    keys = [{str(key).lower() for key in record(item)} for item in items]
    good = sum(bool(one & set(TITLES) and one & {*ADDRESSES, *SUMMARIES, *STORIES, *names.DATE}) for one in keys)
    return items if good * 2 > len(items) and not any(one & _FOREIGN for one in keys) else []


def _alone(loaded: object, origin: Origin) -> list[Any]:
    """Return an object in a list if it is itself an episode, with a title, a day and what only episodes have."""
    row = record(loaded)
    other = _FOREIGN & {*row} or _BESIDE.search(origin.path.stem)
    return [row] if row.get("title") and not other and _is_episodic([row]) and _moment(row, origin) else []


def _sections(loaded: object) -> list[tuple[str, list[Any]]]:
    """Return the title and items of each section of one issue; ``[]`` if most sections have no items to read."""
    name = next((name for name in _SECTIONS if name in record(loaded)), "")
    titled = ((str(one.get("title") or one.get("name") or ""), one) for one in objects(loaded, name or "-"))
    items = [(without_links(markup_as_markdown(title)).strip(), _listed(one)) for title, one in titled]
    return items if sum(bool(several) for _, several in items) * 2 > len(items) else []


def _one_issue(rows: list[tuple[str, Value]], around: dict[str, Value], notes: list[str], origin: Origin) -> Drafts:
    """Make one episode from the sections of a file. Sponsors go into its notes."""
    entries: list[Entry] = []
    for section, row in rows:
        if isinstance(row, dict) and (entry := _entry(row, origin)):
            if origin.conventions.ignored.title(section):
                notes.append(entry.text)
            else:
                entries.append(replace(entry, section=section))
    return _of_entries(around, entries, notes, replace(origin, guess=None if origin.period else origin.guess))


def _days(rows: list[dict[str, Value]], around: dict[str, Value], origin: Origin) -> Drafts:
    problems: list[Problem] = []
    whole = _moment(around, origin) or (Moment(origin.date, None) if origin.date else None)
    by_moment: dict[Moment | None, list[Entry]] = {}
    for row in rows:
        own = _moment(row, origin)
        if (entry := _entry(row, origin)) is not None:
            by_moment.setdefault(Moment(own.day, None) if own else whole, []).append(entry)
    undated = len(by_moment.get(None, ()))
    if undated and len(by_moment) > 1:
        cause = f"{undated} of {len(rows)} items have no date; they are one episode without one."
        problems.append(origin.problem(cause))
    single = len(by_moment) == 1 and (None in by_moment or whole in by_moment)
    drafts: list[Draft] = []
    for moment, entries in sorted(by_moment.items(), key=lambda pair: pair[0].day.isoformat() if pair[0] else ""):
        day = moment.day.isoformat() if moment else None
        if single:
            return _of_entries(around, entries, [], replace(origin, guess=None))
        named = replace(origin, id=_identity(moment.day, origin) if moment else origin.id, date=None, guess=None)
        drafts += _of_entries({"title": day, "date": day}, entries, [], named)[0]
    return drafts, problems


def _of_entries(about: dict[str, Value], entries: list[Entry], notes: list[str], origin: Origin) -> Drafts:
    """Make one episode from its fields (``about``), its stories and its notes."""
    usual = replace(origin.conventions, strategy=WHOLE, undated=True, untitled=True)
    page = Page(FrontMatter(about), "\n\n".join(notes), 0)
    drafts, problems = drafts_of_pages([(page, replace(origin, conventions=usual))])
    return [replace(draft, entries=tuple(entries)) for draft in drafts], problems


def _identity(day: dt.date, origin: Origin) -> str:
    """Return the id of a day in a list: the day, and the names that distinguish this list from others."""
    parts = origin.label.removesuffix(".json").split("/")[1:]
    month = "-".join(part for part in parts if part.isdigit())
    words = [part for part in parts if not part.isdigit() and part.lower() not in _GENERIC]
    if not day.isoformat().startswith(month):
        words.append(month)  # the day is outside the month of its file, and the file of its own month may have it too
    return "-".join((day.isoformat(), *words))


def _episodes(rows: list[dict[str, Value]], origin: Origin, lines: Sequence[int] = ()) -> Drafts:
    """Make one episode from each item, with the stories in the item's own list, else in its text. ``lines`` are the
    lines of the items in the file.
    """
    return drafts_of_pages(_pages_of(rows, origin, lines))


def _pages_of(rows: list[dict[str, Value]], origin: Origin, lines: Sequence[int]) -> Iterator[tuple[Page, Origin]]:
    """The pages of items; what has no title is called by its day. Ids that count all items are their numbers."""
    ids = {str(row.get("id", "")) for row in rows}
    counted = len(ids) * 10 > len(rows) * 9 and all(one.isdecimal() and int(one) <= 2 * len(rows) for one in ids)
    for place, row in enumerate(rows, start=1):
        fields = Fields(FrontMatter(row))
        moment = _moment(row, origin)
        number = fields.number(*names.NUMBER) or (fields.number("id") if counted else None)
        named = fields.text("id", "slug") or (str(number) if number is not None else None)
        name = named or (moment.day.isoformat() if moment else f"{origin.id}-{place}")
        name = name.strip().replace("/", "-")
        own = replace(origin, id=name, slug=name, number=number, date=None)
        title = {"title": moment.day.isoformat()} if moment and fields.text(*names.TITLE) is None else {}
        yield _page_of({**row, **title}, own, lines[place - 1] - 1 if lines else 0)


def _page_of(row: dict[str, Value], origin: Origin, line: int) -> tuple[Page, Origin]:
    """The page that an item is, on this line of its file, and how it is read. Where no list in it is called by what
    stories are, lists of links are stories, whatever they are called.
    """
    if not _stories(row):
        others = (value for name, value in row.items() if stem(name) not in map(stem, (*names.HOSTS, *names.GUESTS)))
        row = {**row, "stories": [one for value in others for one in _listed(value)]}
    fields = Fields(FrontMatter(row))
    body = markup_as_markdown(fields.text(*_BODY) or "")
    way = FRONT_MATTER_LIST if _stories(row) else origin.conventions.strategy
    usual = replace(origin.conventions, strategy=way if way != JSON_LIST else LIST_ITEMS, undated=True)
    return Page(FrontMatter(row, dict.fromkeys(row, line + 1)), body, line), replace(origin, conventions=usual)


def _entry(row: dict[str, Value], origin: Origin) -> Entry | None:
    entry, ignored = entry_of(row), origin.conventions.ignored
    return None if entry is None or ignored.title(entry.title) or ignored.url(entry.url) else entry


def _moment(row: dict[str, Value], origin: Origin) -> Moment | None:
    fields = Fields(FrontMatter(row))
    keys = origin.conventions.date_keys or names.DATE
    for name, text in fields.texts(*keys):
        if moment := day_of(text, origin.conventions.order):
            origin.note("date", Rule.key(name), None, text)
            return moment.placed(origin.zone)
    return None


def _stories(row: dict[str, Value]) -> bool:
    return any(isinstance(rows := row.get(name), list) and rows and isinstance(rows[0], dict) for name in STORIES)


# --- tables


class Table(Format):
    """A table of episodes in TSV or JSON Lines."""

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read a table; one of another kind gives nothing."""
        if origin.path.suffix.lower() != ".tsv":
            return _read_json_lines(text, origin)
        return _read_table(io.StringIO(text), origin, "\t") if _is_table(text.partition("\n")[0], "\t") else ([], [])


class CsvFile(Format):
    """A Twilog export, a list of bookmarks or a table of episodes in CSV."""

    source = "stream"
    merges = True

    def read_stream(self, stream: BinaryIO, origin: Origin) -> Drafts:
        """Read a table of any of these kinds, in any known encoding."""
        remarks = Remarks(origin)
        lines = iter(twilog.decoded_lines(stream, remarks))
        first = next(lines, "")
        lines = itertools.chain((first,), lines)
        if bookmarks.is_list(first):
            return bookmarks.read_csv(lines, origin, remarks)
        if _is_table(first):
            drafts, problems = _read_table(lines, origin)
            return drafts, [*remarks.problems(), *problems]
        drafts, problems = twilog.read(lines, origin, remarks)
        if drafts:
            return drafts, problems
        cause = (
            f"This CSV is of no kind that is read: it begins with {first.strip()[:80]}. A table of episodes needs "
            "columns named title and date, a list of bookmarks url and created; Twilog's export has neither. It was "
            "skipped."
        )
        return [], [origin.problem(cause, skipped=True)]


def _is_table(header: str, delimiter: str = ",") -> bool:
    """Whether the first line of a file names the columns of such a table: a title, and a date or an address."""
    columns = Fields(FrontMatter(dict.fromkeys(columns_of(header, delimiter))))
    return bool(columns.keys(*names.TITLED) and columns.keys(*names.DATE, *names.PAGE))


def _read_table(lines: Iterable[str], origin: Origin, delimiter: str = ",") -> Drafts:
    problems: list[Problem] = []

    def broken(line: int, cause: str) -> None:
        problems.append(origin.problem(cause, line=line))

    drafts, remarks = _of_table(list(table_rows(lines, broken, delimiter)), origin)
    return drafts, [*problems, *remarks]


def _read_json_lines(text: str, origin: Origin) -> Drafts:
    """Read JSON Lines (https://jsonlines.org/). A file whose objects mostly have no title gives nothing."""
    rows: list[tuple[int, dict[str, Value]]] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = plain_value(json.loads(line))
        except (ValueError, RecursionError, RefusedError):
            problems.append(origin.problem("This line is not the JSON it should be; it was left out.", line=number))
            continue
        if isinstance(value, dict):
            rows.append((number, value))
    if sum(bool(Fields(FrontMatter(row)).keys(*names.TITLE)) for _, row in rows) * 2 <= len(rows):
        return [], []
    drafts, remarks = _of_table(rows, origin)
    return drafts, [*problems[:20], *remarks]


def _of_table(rows: Sequence[tuple[int, Mapping[str, Value]]], origin: Origin) -> Drafts:
    mappings: list[dict[str, Value]] = [{**row} for _, row in rows]
    if not mappings:
        return [], []
    days = [moment.day if (moment := _moment(row, origin)) else None for row in mappings]
    if _is_episodic(mappings) or (len(days) - len(set(days))) * 3 < len(days):
        return _episodes(mappings, origin, [line for line, _ in rows])
    return _days(mappings, {}, origin)

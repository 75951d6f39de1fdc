"""Tables: of episodes, a CSV or TSV with a row of names on top, or JSON with an object on each line; the CSV of Twilog
(``zunda_mcp.reading.posts.twilog``) and of bookmarks (``….bookmarks``).

A row is an episode with its own date, title and page. Where several rows share their day, and nothing in them is what
only an episode has, the table is a list of links: a day is the episode then, and a row a story of it.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterable
from typing import BinaryIO

from zunda_mcp.models import Problem
from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Drafts
from zunda_mcp.reading.formats.format import Format
from zunda_mcp.reading.formats.json_list import days, episodes, is_episodic
from zunda_mcp.reading.metadata.front_matter import RefusedError, Value, plain_value
from zunda_mcp.reading.posts import bookmarks, twilog
from zunda_mcp.reading.posts.post import Remarks

__all__ = ["CsvFile", "Table"]

_MAX_FIELD = 1 << 20
_NAMES = {
    "日付": "date", "公開日": "date", "配信日": "date", "投稿日": "date", "放送日": "date", "日時": "date",
    "公開日時": "date", "タイトル": "title", "題名": "title", "題": "title", "件名": "title", "見出し": "title",
    "エピソード名": "title", "url": "url", "リンク": "url", "アドレス": "url", "ページ": "url", "href": "url",
    "link": "url", "permalink": "url", "説明": "description", "概要": "description", "内容": "description",
    "要約": "description", "本文": "body", "メモ": "description", "notes": "description", "番号": "number",
    "回": "number", "話数": "number", "no": "number", "no.": "number", "#": "number", "ep": "number",
    "出演": "hosts", "出演者": "hosts", "話者": "hosts", "司会": "hosts", "ゲスト": "guests", "著者": "author",
    "音声": "audio", "音声url": "audio", "episode title": "title", "episode name": "title", "publish date": "date",
    "published": "date", "published date": "date", "publication date": "date", "release date": "date",
    "air date": "date", "publish time": "date", "episode number": "number", "episode url": "url", "audio url": "audio",
    "shownotes": "body", "show notes": "body", "show_notes": "body", "text": "body", "content": "body",
}  # fmt: skip


class Table(Format):
    """A table of episodes in TSV or JSON Lines."""

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read a table; one of another kind is nothing."""
        if origin.path.suffix.lower() != ".tsv":
            return _read_json_lines(text, origin)
        return _read_table(io.StringIO(text), origin, "\t") if _is_table(text.partition("\n")[0], "\t") else ([], [])


class CsvFile(Format):
    """A Twilog export, a list of bookmarks or a table of episodes in CSV."""

    source = "stream"
    merges = True

    def read_stream(self, stream: BinaryIO, origin: Origin) -> Drafts:
        """Read an export line by line, in whatever it is encoded; or a table of episodes."""
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
            f"This CSV is of no kind that is read: it begins with {first.strip()[:80]}. A table of episodes "
            "needs columns named title and date, a list of bookmarks url and created; Twilog's export has neither."
        )
        return [], [origin.problem(f"{cause} It was skipped.", skipped=True)]


def _is_table(header: str, delimiter: str = ",") -> bool:
    """Whether the first line of a file names the columns of such a table: a title, and a date or an address."""
    try:
        names = _columns(next(csv.reader([header], delimiter=delimiter), []))
    except csv.Error:
        return False
    return "title" in names and bool({"date", "url", "created_at", "pubdate", "timestamp"} & set(names))


def _read_table(lines: Iterable[str], origin: Origin, delimiter: str = ",") -> Drafts:
    """Read a table from its lines with their newlines."""
    before = csv.field_size_limit(_MAX_FIELD)
    rows: list[tuple[int, dict[str, Value]]] = []
    problems: list[Problem] = []
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        columns = _columns(next(reader, []))
        line = reader.line_num
        for fields in reader:
            if any(field.strip() for field in fields):
                pairs = zip(columns, fields, strict=False)
                rows.append((line + 1, {name: value.strip() for name, value in pairs if name and value.strip()}))
            line = reader.line_num
    except csv.Error as error:
        cause = f"This table cannot be read from here on ({error}); the rows before were kept."
        problems.append(origin.problem(cause, line=reader.line_num))
    finally:
        csv.field_size_limit(before)
    drafts, remarks = _drafts(rows, origin)
    return drafts, [*problems, *remarks]


def _read_json_lines(text: str, origin: Origin) -> Drafts:
    """Read JSON Lines (https://jsonlines.org/). A file in which most objects have no title is of another kind."""
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
            rows.append((number, {_NAMES.get(name.lower(), name.lower()): item for name, item in value.items()}))
    if sum("title" in row or "name" in row for _, row in rows) * 2 <= len(rows):
        return [], []
    drafts, remarks = _drafts(rows, origin)
    return drafts, [*problems[:20], *remarks]


def _columns(names: Iterable[str]) -> list[str]:
    folded = (name.strip().strip("\ufeff").lower() for name in names)
    return [_NAMES.get(name, _NAMES.get(name.replace("_", " "), name.replace(" ", "_"))) for name in folded]


def _drafts(rows: list[tuple[int, dict[str, Value]]], origin: Origin) -> Drafts:
    mappings = [row for _, row in rows]
    if not mappings:
        return [], []
    if is_episodic(mappings) or not _shares_days(mappings):
        return episodes(mappings, origin, [line for line, _ in rows])
    return days(mappings, {}, origin)


def _shares_days(rows: list[dict[str, Value]]) -> bool:
    """Whether a third of the rows or more have the day of another."""
    days = [str(row.get("date") or row.get("created_at") or "")[:10] for row in rows]
    return (len(days) - len(set(days))) * 3 >= len(days)

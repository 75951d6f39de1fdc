"""Pages that say in their first lines what others say in front matter: ``* Air Date: 2020-08-25``, ``公開日：…``.

Such lines are taken as front matter only where a day is among them, or where a line or the first heading holds one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from zunda_mcp.reading.markdown.cleaning import fenced_lines
from zunda_mcp.reading.markdown.inline import without_links
from zunda_mcp.reading.metadata.fields import DATE, GUESTS, TITLE, Fields, day_of, stem
from zunda_mcp.reading.metadata.front_matter import NO_FRONT_MATTER, FrontMatter, Page
from zunda_mcp.text.calendar_days import Order, find_day, read_day

__all__ = ["with_labels"]

_LOOKED_AT = 30
"""Lines of a body, up to its first heading below the first level."""

_LONGEST = 300
_LABELS: dict[str, tuple[str, ...]] = {
    "date": (*DATE, "公開", "发布时间", "发布"),
    "duration": ("duration", "length", "runtime", "running time", "time", "長さ", "再生時間", "時間", "时长"),
    "hosts": (
        "hosts", "hosted by", "presenters", "with", "出演", "出演者", "パーソナリティ", "ホスト", "主播", "author",
        "by",
    ),
    "guests": (*GUESTS, "ゲスト", "嘉宾"),
    "episode": ("episode", "ep", "issue", "number", "no", "第", "回"),
    "tags": ("tags", "keywords", "categories", "category", "タグ"),
}  # fmt: skip
_NAMES = {stem(label): name for name, labels in _LABELS.items() for label in labels}
_LINE = re.compile(
    r"\s{0,3}(?:[-*+>|]\s*|#{1,6}\s+)?[*_]{0,3}(?P<label>\w[\w ./&]{0,24}?)(?:[*_]{0,3})\s?(?:[:：]|\s\|)[*_]{0,3}\s*"
    r"(?P<value>\S.*)"
)
_HEADING = re.compile(r"#{1,6}\s+(\S.*?)\s*#*\s*$")
_ALONE = re.compile(r"\s{0,3}(?:[>*_#(\[【〔（~-]\s?){0,4}(?P<value>[^<>|`]{6,40}?)[*_)\]】〕）~\s-]*")


def with_labels(page: Page, order: Order = "") -> Page:
    """Return the page with what its first lines say as front matter, below what front matter says already; the lines
    are blank in the body and kept as information for the notes. As it is without a day there.
    """
    stated = page.matter or FrontMatter()
    fields = Fields(stated)
    if any(day_of(text, order) for _, text in fields.texts(*DATE)):
        return page
    lines = page.body.split("\n")
    values, places = _labels(lines, order)
    heading = next(((place, match[1]) for place, line in _head(lines) if (match := _HEADING.match(line))), None)
    if "date" not in values:
        matches = ((place, _ALONE.fullmatch(line.rstrip())) for place, line in _head(lines, below=True))
        days = ((place, match["value"].strip()) for place, match in matches if match and not match["value"].isdigit())
        alone = next(((place, text) for place, text in days if read_day(text, order)), None)
        titled = find_day(heading[1], order) if heading else None
        if alone is not None:
            values["date"], places["date"] = alone[1], alone[0]
        elif titled:
            written = heading[1][titled.start : titled.end] if heading else ""  # in it may show the archive's order
            values, places = {"date": written if read_day(written, order) else titled.day.isoformat()}, {}
        else:
            return page
    if page.matter is None and heading and not fields.text(*TITLE):
        values.setdefault("title", _plain(heading[1]))
    if places:
        values.setdefault("information", "\n".join(lines[place].strip() for place in sorted(places.values())))
    for place in places.values():
        lines[place] = ""
    written = {name: value for name, value in stated.values.items() if Fields.folded(name) != "date"}
    kept = {name: page.start + place + 1 for name, place in places.items()}
    matter = FrontMatter({**values, **written}, {**kept, **stated.lines}, stated.remarks)
    remarks = tuple(remark for remark in page.remarks if remark[1] != NO_FRONT_MATTER)
    return replace(page, matter=matter, body="\n".join(lines), remarks=remarks)


def _head(lines: list[str], *, below: bool = False) -> Iterator[tuple[int, str]]:
    """The first lines with their places: those above the first heading below the first level, or ``below``, too. What
    stands in code tells nothing of its page.
    """
    code = fenced_lines("\n".join(lines[:_LOOKED_AT]))
    for place, line in enumerate(lines[:_LOOKED_AT]):
        if not below and place not in code and place and re.match(r"\s{0,3}#{2,}\s", line) and any(lines[:place]):
            return
        if line.strip() and len(line) <= _LONGEST and place not in code:
            yield place, line


def _labels(lines: list[str], order: Order) -> tuple[dict[str, str], dict[str, int]]:
    """Return the values of lines with a stated label, none without a day among them, and their places."""
    values: dict[str, str] = {}
    places: dict[str, int] = {}
    for place, line in _head(lines, below=True):
        match = _LINE.fullmatch(line.rstrip().removesuffix("|"))
        name = _NAMES.get(stem(match["label"])) if match else None
        if match is None or name is None or name in values:
            continue
        value = _plain(match["value"])
        if name == "duration" and day_of(value, order):
            name = "date"  # Time: 5/19/2017 14:00 UTC
        if name == "date" and day_of(value, order) is None:
            continue
        values[name], places[name] = value, place
    return (values, places) if "date" in values else ({}, {})


def _plain(text: str) -> str:
    """Return a value without the signs around it; a link as its words."""
    return without_links(text).strip().strip("*_`").strip()

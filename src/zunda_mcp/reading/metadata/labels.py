"""Find front matter in the text of a page: labels like ``* Air Date: 2020-08-25`` or ``公開日：…``, and who was there:
``Present: Ann, Bo``, or ``## Attendees`` above a list of names.

Labels in the first lines count if a day is among them; if none is, a day alone on a line does, or one in the first
heading. Anywhere in the page, a label above a day or above nothing but names counts.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from zunda_mcp.reading.markdown.cleaning import fenced_lines, without_hidden
from zunda_mcp.reading.markdown.inline import without_links
from zunda_mcp.reading.metadata.fields import DATE, GUESTS, INFORMATION, PAGE, TITLE, Fields, day_of, folded_key, stem
from zunda_mcp.reading.metadata.front_matter import NO_FRONT_MATTER, FrontMatter, Page, Value
from zunda_mcp.text.calendar_days import Order, day_in_year, find_day, read_day, short_day

__all__ = ["with_labels"]

_LOOKED_AT = 30
"""How many lines of a body count as its first."""

_LONGEST = 300
_LABELS: dict[str, tuple[str, ...]] = {
    "date": (*DATE, "公開", "发布时间", "发布"),
    "duration": ("duration", "length", "runtime", "running time", "time", "長さ", "再生時間", "時間", "时长"),
    "hosts": (
        "hosts", "hosted by", "presenters", "with", "出演", "出演者", "パーソナリティ", "ホスト", "主播", "author",
        "by",
    ),
    "guests": (*GUESTS, "嘉宾"),
    "episode": ("episode", "ep", "issue", "number", "no", "第", "回"),
    "tags": ("tags", "keywords", "categories", "category", "タグ"),
}  # fmt: skip
_NAMES = {stem(label): name for name, labels in _LABELS.items() for label in labels}
_LINE = re.compile(
    r"\s{0,3}(?:[-*+>|]\s*|#{1,6}\s+)?[*_]{0,3}(?P<label>\w[\w ./&]{0,24}?)(?:[*_]{0,3})\s?(?:[:：]|\s\|)[*_]{0,3}\s*"
    r"(?P<value>\S.*)"
)
_HEADING = re.compile(r"(#{1,6})\s+(\S.*?)\s*#*\s*$")
_ADDRESS = re.compile(r"#[ \t]+(\w[\w ]{0,24}?)[ \t]*[:：][ \t]*(https?://\S+)[ \t]*")
"""A heading with the address of the page, as programs write it: ``# Source: https://…``."""
_PAGES = frozenset(map(stem, PAGE))
_ALONE = re.compile(r"\s{0,3}(?:[>*_#(\[【〔（~-]\s?){0,4}(?P<value>[^<>|`]{6,40}?)[*_)\]】〕）~\s-]*")


def with_labels(page: Page, order: Order = "", day: dt.date | None = None, *, people: bool = True) -> Page:
    """Return the page with what its text states added to its front matter, which takes precedence. The lines become
    blank in the body, and are kept as information for the notes. ``day`` is that of the page's name: a first heading
    with this day is the title, whatever its level.
    """
    stated = page.matter or FrontMatter()
    fields = Fields(stated)
    lines = page.body.split("\n")
    visible = without_hidden(page.body).split("\n")
    values, places = _statements(visible, order) if people else ({}, {})
    for place, line in _head(lines, below=True):
        if (match := _ADDRESS.fullmatch(line)) and stem(match[1]) in _PAGES:
            values, places = {"link": match[2], **values}, {place: "link", **places}
    titled = fields.text(*TITLE) is not None
    if day is not None or any(day_of(text, order) for _, text in fields.texts(*DATE)):
        values.pop("date", None)
        if not places and (titled or day is None):
            return page
        if day is not None and not titled:
            _raise_title(lines, day)
    else:
        heading = next(((place, match[2]) for place, line in _head(lines) if (match := _HEADING.match(line))), None)
        if "date" not in values:
            first, lines_of = _of_first_lines(lines, heading, order)
            values, places = {**first, **values}, {**lines_of, **places}
        if "date" in values and page.matter is None and heading and not titled:
            values.setdefault("title", _plain(heading[1]))
    dated = "date" in values
    shown = "\n".join(line for place in sorted(places) if (line := lines[place].strip()))
    if shown:
        values["information"] = "\n\n".join(part for part in (fields.plain(*INFORMATION), shown) if part)
    for place in places:
        lines[place] = ""
    own = {name: value for name, value in stated.values.items() if folded_key(name) not in ("date", "information")}
    kept = {name: page.start + place + 1 for place, name in sorted(places.items(), reverse=True)}
    matter = FrontMatter({**stated.values, **values, **own}, {**kept, **stated.lines}, stated.remarks)
    remarks = tuple(remark for remark in page.remarks if not dated or remark[1] != NO_FRONT_MATTER)
    return replace(page, matter=matter if values else page.matter, body="\n".join(lines), remarks=remarks)


def _head(lines: Sequence[str], *, below: bool = False) -> Iterator[tuple[int, str]]:
    """Yield the first lines with their places, outside of code: those above the first heading below the first level, or
    if ``below``, those below it, too.
    """
    code = fenced_lines("\n".join(lines[:_LOOKED_AT]))
    for place, line in enumerate(lines[:_LOOKED_AT]):
        if not below and place not in code and place and re.match(r"\s{0,3}#{2,}\s", line) and any(lines[:place]):
            return
        if line.strip() and len(line) <= _LONGEST and place not in code:
            yield place, line


def _of_first_lines(
    lines: Sequence[str], heading: tuple[int, str] | None, order: Order
) -> tuple[dict[str, Value], dict[int, str]]:
    """Return what the first lines state, and by place which value each states; nothing if no day is among them."""
    values, places = _labels(lines, order)
    if "date" not in values:
        matches = ((place, _ALONE.fullmatch(line.rstrip())) for place, line in _head(lines, below=True))
        days = ((place, match["value"].strip()) for place, match in matches if match and not match["value"].isdigit())
        alone = next(((place, text) for place, text in days if read_day(text, order)), None)
        titled = find_day(heading[1], order) or short_day(heading[1], order) if heading else None
        if alone is not None:
            values["date"], places[alone[0]] = alone[1], "date"
        elif titled and heading:
            written = heading[1][titled.start : titled.end]  # it may show in which order the archive writes days
            values = {"date": written if read_day(written, order) else titled.day.isoformat()}
    return values, places


def _labels(lines: Sequence[str], order: Order) -> tuple[dict[str, Value], dict[int, str]]:
    """Return the values of first lines with a known label, and their places; nothing if no day is among them."""
    values: dict[str, Value] = {}
    places: dict[int, str] = {}
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
        values[name], places[place] = value, name
    return (values, places) if "date" in values else ({}, {})


def _raise_title(lines: list[str], day: dt.date) -> None:
    """Raise the first heading to the first level if it names the day of the page and no other heading names a day."""
    code = fenced_lines("\n".join(lines))
    matches = ((place, _HEADING.match(line)) for place, line in enumerate(lines) if place not in code)
    headings = [(place, match) for place, match in matches if match]
    if headings and len(headings[0][1][1]) > 1 and not any(find_day(match[2]) for _, match in headings[1:]):
        place, match = headings[0]
        starts = (word.start() for word in re.finditer(r"\b\w", match[2][:_LONGEST]))
        named = find_day(match[2])
        if (named and named.day == day) or any(
            one.day == day for start in starts if (one := day_in_year(match[2][start:], day.year))
        ):
            lines[place] = f"# {match[2]}"


def _plain(text: str) -> str:
    """Return a value without emphasis around it, and with links as their words."""
    return without_links(text).strip().strip("*_`").strip()


# --- labels over their values

_OVER = re.compile(
    r"\s{0,3}(?:#{1,6}\s+[*_]{0,3}(?P<heading>\w[\w ./&-]{0,40}?)(?:\s\([^()]{1,60}\))?[*_]{0,3}\s*[:：]?[*_]{0,3}\s*#*"
    r"|(?:[-*+]\s+)?[*_]{0,3}(?P<label>\w[\w ./&-]{0,40}?)[*_]{0,3}\s*[:：][*_]{0,3})\s*\\?"
)
"""A line that is only a label: a heading, or words before a colon."""
_THERE = re.compile(
    r"(?:[\w&-]+ ){0,3}(?:attend(?:ees|ing|ance|ed|ants)|participants|present|anwesend[ea]?|teilnehmer(?:innen)?"
    r"|présents|asistentes|presentes|участники|присутствовали)(?: are| were| by)?"
    r"|(?:[\w&-]+ ){0,3}(?:presented\sby|(?:présenté|animé)e?\spar|moderiert\svon|a?presentado\spor)"
    r"|(?:ご?出席|参加|参会|與會)(?:者|人员|人員)?",
    re.IGNORECASE,
)
"""Labels of those who take part in a meeting, or make a show."""
_AWAY = re.compile(
    r"(?:[\w&-]+ ){0,3}(?:apologies|regrets|absen(?:ts?|ces?|tees)|excused|not (?:present|attending)|abwesende?"
    r"|entschuldigte?|excusés|ausentes|отсутствовали|欠席者?)",
    re.IGNORECASE,
)
"""Labels of those who do not."""
_HINTS = (
    "attend", "particip", "present", "anwesend", "teilnehm", "présent", "asistente", "участник", "присутств",
    "出席", "参加", "参会", "與會", "anim", "moderiert", "apolog", "regrets", "absen", "excus", "abwesend",
    "entschuldigt", "ausentes", "отсутств", "欠席",
)  # fmt: skip
"""Parts of these words: most pages have none of them, and need not be searched for labels."""
_NOT_THERE = re.compile(r"(?:not|non|un\w+|at|to|was|were|is|past|and)\b", re.IGNORECASE)
_ITEM = re.compile(r"(\s*)(?:[-*+]|\d{1,3}[.)])\s+(?:\[([ xX])\]\s+)?(?=\S)")
_ROW = re.compile(r"\s{0,3}\|?\s*([^|]*?)\s*\|")
_RULE = frozenset("|-: \t")
_AFTER_NAME = re.compile(r"\s*(?:[:：]?\s+(?:@|https?:).*|[(（\[【].*|\s[-–—|/]+\s.*|[,，;；/]\s.*)$")
_NAME = re.compile(r"@?([^\W\d_][\w.'’-]*(?:[ ・·][\w.'’-]+){0,4})")
_TEAM = re.compile(r"@[\w-]+/[\w-]")
_NOBODY = frozenset({"none", "todo", "tbd", "n/a", "na", "nobody", "everyone", "all", "you"})
_BETWEEN = re.compile(r"\s*(?:[,、，;；]|\band\b|[&＆])\s*")


class _Below(NamedTuple):
    """The lines under a label, up to ``end``: whether they are a list or table, and the texts of its items or lines."""

    end: int
    items: bool
    texts: list[str]


def _statements(lines: Sequence[str], order: Order) -> tuple[dict[str, Value], dict[int, str]]:
    """Return the people and the day below or after labels, and by place which value each line states."""
    values: dict[str, Value] = {}
    places: dict[int, str] = {}
    code: Collection[int] | None = None
    hinted = _is_hinted("\n".join(lines))
    for place, line in enumerate(lines):
        if not line.startswith("#") and not (hinted and _is_hinted(line)):
            continue
        over = _OVER.fullmatch(line) if len(line) <= _LONGEST else None
        match = None if over else _LINE.fullmatch(line.rstrip().removesuffix("|").rstrip())
        label = ((over["heading"] or over["label"]) if over else match["label"] if match else "").strip()
        name = _name_of(label, heading=bool(over and over["heading"])) if label else None
        if name is None or (name in values and name != "hosts") or place in places:
            continue
        code = fenced_lines("\n".join(lines)) if code is None else code
        if place in code:
            continue
        if match:
            value: Value = _people(_BETWEEN.split(_plain(match["value"])), parted=True) if name == "hosts" else None
            end = place + 1
        else:
            value, end = _value_below(lines, place, name, order)
        if value is not None:
            earlier = values.get(name, [])
            both = [*earlier, *value] if isinstance(value, list) and isinstance(earlier, list) else value
            values |= {name: both} if value and name != "absent" else {}
            places |= dict.fromkeys(range(place, end), name)
    return values, places


def _is_hinted(text: str) -> bool:
    lower = text.lower()
    return any(hint in lower for hint in _HINTS)


def _name_of(label: str, *, heading: bool) -> str | None:
    """Return the field that a label names: ``hosts``, ``guests``, ``date`` or ``absent``; ``None`` for other labels."""
    if _AWAY.fullmatch(label):
        return "absent"
    if _THERE.fullmatch(label) and not _NOT_THERE.match(label):
        return "hosts"
    name = _NAMES.get(stem(label)) if heading else None
    return name if name in ("date", "hosts", "guests") else None


def _value_below(lines: Sequence[str], place: int, name: str, order: Order) -> tuple[Value, int]:
    """Return the value below a label, ``None`` if it is of another kind, and the line after it."""
    below = _below(lines, place)
    if name == "date":
        is_day = len(below.texts) == 1 and day_of(below.texts[0], order) is not None
        return (below.texts[0] if is_day else None), below.end
    if below.texts and not below.items and (first := _below(lines, below.end - 1)).items:
        people = _people(below.texts, parted=False)
        below = below if people else first  # a line that asks people to add their names
    texts = _BETWEEN.split(below.texts[0]) if len(below.texts) == 1 else below.texts
    if texts and len(below.texts) == 1 and texts[-1].endswith((":", "：")):
        return None, below.end  # words over others
    return _people(texts, parted=len(below.texts) == 1), below.end


def _below(lines: Sequence[str], place: int) -> _Below:
    """Return what is under a line: a paragraph, a list (under an item only deeper ones), or the first column of a
    table. If there are only deeper headings right under a heading, return all that is under these. If any items of a
    list are checked off, return only those.
    """
    label, heading = _ITEM.match(lines[place]), _HEADING.match(lines[place])
    depth = len(label[1]) if label else -1
    texts: list[tuple[str, str]] = []  # each with the content of its checkbox
    parted = False
    end, items, last = place + 1, False, depth
    for at in range(place + 1, len(lines)):
        line = lines[at]
        item = _ITEM.match(line)
        if not line.strip():
            if texts and not items:
                break
        elif heading and (parted or not texts) and line.startswith(f"{heading[1]}#"):
            parted = True
        elif line.lstrip().startswith(("#", "```")) or (item and len(item[1]) <= depth):
            break
        elif row := _ROW.match(line):
            texts = [] if set(line) <= _RULE else [*texts, (_plain(row[1]), "")]  # a rule follows the head of a table
            items, end = True, at + 1
        elif item and (items or not texts):
            if items and len(item[1]) > last:
                texts.pop()  # it is only the heading of those below it
            items, end, last = True, at + 1, len(item[1])
            texts.append((_plain(line[item.end() :]), item[2] or ""))
        elif (items and not line.startswith((" ", "\t"))) or item:
            break
        else:
            texts.append((_plain(line.rstrip("\\")), ""))
            end = at + 1
    checked = any(box.strip() for _, box in texts)
    return _Below(end, items, [text for text, box in texts if not (checked and box == " ")])


def _people(texts: Sequence[str], *, parted: bool) -> list[Value] | None:
    """Return the names in these texts, without any words about a person after them; ``None`` if more than a third are
    not names, or if ``parted`` (the texts of one line), if none is.
    """
    written = [text for text in texts if text and not text.endswith((":", "：")) and not _TEAM.search(text)]
    names: list[Value] = []
    for text in written:
        match = _NAME.fullmatch(_AFTER_NAME.sub("", text).strip("*_`. "))
        words = match[1].split() if match else []
        if match and (len(words) == 1 or match[1] != match[1].lower()) and match[1].lower() not in _NOBODY:
            names.append(match[1])
    nobody = sum(text.strip("*_`. ").lower() in _NOBODY for text in written)
    return names if (len(names) + nobody) * 3 >= len(written) * 2 and (names or nobody or not parted) else None

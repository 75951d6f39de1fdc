"""One file that holds several episodes: under the headings that its archive's table names, else each heading with a day
in it is one (a diary, a change log, a link log).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.mapping.declared import Declared, RuleMatch, declares_day, of_groups
from zunda_mcp.reading.markdown.cleaning import fenced_lines, without_hidden
from zunda_mcp.reading.markdown.inline import without_links
from zunda_mcp.reading.metadata.fields import DATE, Fields, day_of
from zunda_mcp.reading.metadata.file_names import names_several_days
from zunda_mcp.reading.metadata.front_matter import FrontMatter, Page, Value
from zunda_mcp.text.calendar_days import YEARS, day_in_year, find_day

__all__ = ["days_of"]

_HEADING = re.compile(r"(#{1,4})[ \t]+(\S.*?)[ \t]*#*")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_ABOVE = re.compile(r"(\d{4})(?:\s?[年년].*|[-./]\d{1,2}(?:[-~]\d{1,2})?(?![-./\d]).*)?")
"""A year or a month of it that stands over its days: ``2024``, ``2024.03``, ``2024年3月``."""
_EDGES = " \t-–—:：|、,()（）[]【】"
_FEWEST = 2


_Begun = tuple[int, dict[str, Value]]
"""The line of a heading that an episode stands under, and what it says, by the names of front matter."""


def days_of(page: Page, origin: Origin) -> list[tuple[Page, Origin]]:
    """Return the days of a page as pages of their own, oldest first, each with its own id and date. What stands over
    all of them is in the notes of the first. ``[]`` where the page has a date itself, or most headings hold none.
    A name with the first and the last of several days is no date of all of them.
    """
    if declared := _declared_episodes(page, origin):
        return declared
    if origin.date is not None and not names_several_days(origin.path.stem):
        return []
    if page.matter is not None and Fields(page.matter).texts(*DATE):
        return []
    if declares_day(page, origin):
        return []
    years = [int(year) for year in _YEAR.findall(origin.below) if int(year) in YEARS]
    days = _days(without_hidden(page.body).split("\n"), years[-1] if years else None)
    if len(days) < _FEWEST:
        return []
    return sorted(_parts(page, origin, days), key=lambda pair: pair[1].id)


def _parts(page: Page, origin: Origin, begun: list[_Begun]) -> list[tuple[Page, Origin]]:
    """The episodes of a file as pages, each with an id of its own."""
    lines, matter = page.body.split("\n"), page.matter or FrontMatter()
    seen: Counter[str] = Counter()
    parts: list[tuple[Page, Origin]] = []
    for (line, stated), end in zip(begun, [*(line for line, _ in begun[1:]), len(lines)], strict=False):
        above = "" if parts else "\n".join(lines[:line]).strip()
        values = {**matter.values, **({"information": above} if above else {}), **stated}
        name = f"{stated['date']}-{origin.id}" if "date" in stated else f"{origin.id}-{len(parts) + 1}"
        seen[name] += 1
        name = f"{name}-{seen[name]}" if seen[name] > 1 else name
        start = page.start + line + 1
        part = Page(FrontMatter(values, dict.fromkeys(stated, start)), "\n".join(lines[line + 1 : end]), start)
        own = replace(origin, id=name, slug=name, date=None, period="", number=None, guess=None, title="")
        parts.append((part, own))
    return parts


def _days(lines: list[str], year: int | None) -> list[_Begun]:
    """The headings with a day, at the highest level where most headings have one. A day without a year belongs to the
    year of a heading above it, else to ``year``.
    """
    code = fenced_lines("\n".join(lines))
    levels: dict[int, list[_Begun | None]] = {}
    years = {0: year} if year else {}
    for place, line in enumerate(lines):
        if line.startswith("#") and place not in code and (match := _HEADING.fullmatch(line)):
            above = None if find_day(match[2]) else _ABOVE.fullmatch(match[2])
            level = len(match[1])
            if above and int(above[1]) in YEARS:
                years = {**{one: years[one] for one in years if one < level}, level: int(above[1])}
            else:
                over = next((years[one] for one in sorted(years, reverse=True) if one <= level), None)
                levels.setdefault(level, []).append(_day(place, match[2], over))
    for _, headings in sorted(levels.items()):
        days = [day for day in headings if day]
        if len(days) >= _FEWEST and len(days) * 2 > len(headings):
            return days
    return []


def _day(line: int, text: str, year: int | None) -> _Begun | None:
    match = find_day(text) or (day_in_year(text, year) if year else None)
    if match is None:
        return None
    before, after = text[: match.start], text[match.end :].strip(_EDGES)
    ends = before.endswith(" ") and before[-2:-1].isalpha() and not after
    title = text if ends else f"{before.strip(_EDGES)} {after}".strip()
    stated: dict[str, Value] = {
        "title": without_links(title).replace("**", "") or str(match.day),
        "date": str(match.day),
    }
    return line, stated


# --- declared


def _declared_episodes(page: Page, origin: Origin) -> list[tuple[Page, Origin]]:
    """Return the episodes under the headings that the archive's table names, each as a page with what its heading says
    as front matter. A heading that gives a year alone holds for those below.
    """
    declared = Declared(page, Fields(page.matter or FrontMatter()), origin)
    matches = [match for match in declared.matches("episode") if match.heading] if declared.rules("episode") else []
    year: dict[str, str] = {}
    begun: list[_Begun] = []
    for match in sorted(matches, key=lambda one: one.line or 0):
        if {*match.groups} == {"year"}:
            year = {**match.groups}
        else:
            line = (match.line or 1) - page.start - 1
            begun.append((line, _values(match, {**year, **match.groups}, origin)))
    return _parts(page, origin, begun)


def _values(match: RuleMatch, groups: Mapping[str, str], origin: Origin) -> dict[str, Value]:
    """What the heading of an episode says, by the names that front matter has for it."""
    day = of_groups(groups)[0] if "year" in groups else day_of(match.of("date"), origin.conventions.order)
    names = {"number": "episode", "people": "hosts", "guests": "guests", "language": "language"}
    values: dict[str, Value] = {names[key]: text for key, text in groups.items() if key in names}
    title = groups.get("title", "").strip() or match.heading
    return {**values, "title": title, **({"date": day.day.isoformat()} if day else {})}

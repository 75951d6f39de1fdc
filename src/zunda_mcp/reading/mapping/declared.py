"""Finds the fields of one page by rules: those that its archive declares, or the usual ones."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.mapping.archive_table import Rule, compiled
from zunda_mcp.reading.markdown.blocks import Document
from zunda_mcp.reading.markdown.cleaning import as_markdown, without_hidden
from zunda_mcp.reading.metadata.fields import (
    DATE,
    GUESTS,
    HOSTS,
    NUMBER,
    PAGE,
    TITLE,
    UPDATED,
    Fields,
    day_of,
    names_of,
    title_number,
    whole_number,
)
from zunda_mcp.reading.metadata.front_matter import FrontMatter, Page
from zunda_mcp.reading.metadata.locale import KEYS, language_tag
from zunda_mcp.text.calendar_days import Moment, find_day, first_day, read_day
from zunda_mcp.text.calendar_names import month_number

__all__ = ["USUAL", "Declared", "RuleMatch", "declares_day", "of_groups"]

USUAL: Mapping[str, tuple[Rule, ...]] = {
    "title": (*map(Rule.key, TITLE), Rule.at("heading"), Rule.at("path")),
    "number": (Rule.at("path"), *map(Rule.key, NUMBER), Rule.at("title")),
    "language": tuple(map(Rule.key, KEYS)),
    "people": tuple(map(Rule.key, HOSTS)),
    "guests": tuple(map(Rule.key, GUESTS)),
}
"""Where a field of a page is looked for, in this order, if no rules are declared for it."""


class RuleMatch(NamedTuple):
    """What a rule finds: the text, its named groups, and its line in the file; ``heading`` is the whole heading."""

    rule: Rule
    text: str
    groups: Mapping[str, str] = {}
    line: int | None = None
    heading: str = ""

    @property
    def by_itself(self) -> bool:
        """Whether the reader still has to find the value in the text."""
        return self.rule.places[-1][1] == ""

    @property
    def by_key(self) -> bool:
        """Whether it is the value of a key in the front matter."""
        return self.rule.places[0][0] == "key"

    def of(self, name: str) -> str:
        """Return the text of a field: its named group, else the whole match."""
        return (self.groups.get(name) or self.text).strip()


class Declared:
    """Applies the rules that count for one page."""

    def __init__(self, page: Page, fields: Fields, origin: Origin) -> None:
        self._page, self._fields, self._origin = page, fields, origin
        self._declared = origin.conventions.mapping.rules
        self._title = ""

    def rules(self, name: str) -> bool:
        """Whether rules are declared for a field, so that it is never guessed."""
        return name in self._declared

    def moment(self) -> tuple[Moment | None, RuleMatch | None, RuleMatch | None]:
        """Return the day and its match, and the first date that cannot be understood. If no rule gives a day, a month
        or week counts.
        """
        month: tuple[Moment, RuleMatch] | None = None
        unread: RuleMatch | None = None
        for match in self.matches("date"):
            moment, is_day = self._moment_of(match)
            if moment and is_day:
                return moment, match, unread
            if moment:
                month = month or (moment, match)
            elif match.by_key and match.text.lower() not in ("true", "false"):
                unread = unread or match
        return (*month, unread) if month else (None, None, unread)

    def title(self, rule: Rule) -> RuleMatch | None:
        """Return the title that a rule finds, if any."""
        match = next((match for match in self._of(rule, "title") if match.of("title")), None)
        return match._replace(text=html.unescape(match.of("title")), groups={}) if match else None

    def number(self, title: str) -> tuple[int | None, RuleMatch | None]:
        """Return the number and its match. One that the file name only seems to contain counts if there is no other."""
        self._title = title
        guess: tuple[int, RuleMatch] | None = None
        # ``japan-2`` is vague if few names contain a number, but ``ep2`` is not
        vague = self._origin.conventions.unnumbered and title_number(self._origin.title) is None
        for match in self.matches("number"):
            number = self._number_of(match)
            if number is not None:
                return number, match
            if match.by_itself and match.rule.places[-1][0] == "path" and self._origin.guess is not None and not vague:
                guess = guess or (self._origin.guess, match)
        return guess or (None, None)

    def names(self, name: str) -> tuple[tuple[str, ...], RuleMatch | None]:
        """Return the people of a field and their match: all that the first rule with a result finds."""
        for rule in self._rules(name):
            matches = list(self._of(rule, name))
            texts = [match.groups.get(name) or match.groups.get("people") or match.text for match in matches]
            people = (one for text in texts if (one := html.unescape(text).strip()) and not self._is_site(one))
            commas = rule.places[-1][0] != "key" or len(texts) == 1
            if persons := names_of(people, self._origin.conventions.people, commas=commas):
                return persons, matches[0]
        return (), None

    def _is_site(self, name: str) -> bool:
        """Whether a name is the host of the page's address, not a person."""
        return "." in name and any(f"//{name}/" in f"{text}/" for _, text in self._fields.texts(*PAGE))

    def language(self) -> RuleMatch | None:
        """Return the first match that is a language tag."""
        return next((match for match in self.matches("language") if language_tag(match.of("language"))), None)

    def _moment_of(self, match: RuleMatch) -> tuple[Moment | None, bool]:
        origin = self._origin
        order = origin.conventions.order
        if match.by_itself and match.rule.places[-1][0] == "path":
            day = origin.date or first_day(origin.period)
            return (Moment(day, None) if day else None), origin.date is not None
        if match.by_itself:
            day_match = find_day(match.text, order)
            return (Moment(day_match.day, None) if day_match else None), True
        if "year" in match.groups:
            return of_groups(match.groups)
        moment = day_of(match.of("date"), order)
        return (moment.placed(origin.zone) if moment else None), True

    def _number_of(self, match: RuleMatch) -> int | None:
        if match.by_itself:
            return self._origin.number if match.rule.places[-1][0] == "path" else title_number(match.text)
        return whole_number(match.of("number"))

    # --- matching

    def matches(self, name: str) -> Iterator[RuleMatch]:
        """Yield all matches of the rules of a field, in the order of the rules."""
        for rule in self._rules(name):
            yield from self._of(rule, name)

    def _rules(self, name: str) -> Sequence[Rule]:
        if name in self._declared:
            return self._declared[name]
        return self._of_dates() if name == "date" else USUAL.get(name, ())

    def _of_dates(self) -> list[Rule]:
        """Return the usual rules for the day: the front matter's date, else the file name, else the title, else the
        date of the last change.
        """
        stated, changed = (
            [Rule.key(key) for key, _ in self._fields.texts(*names)]
            for names in (self._origin.conventions.date_keys or DATE, UPDATED)
        )
        return [*stated, Rule.at("path"), Rule.at("title"), *(() if stated else changed)]

    def _of(self, rule: Rule, name: str) -> Iterator[RuleMatch]:
        place, what = rule.places[0]
        if place == "key" and name not in self._declared:
            if not self._fields.value(what):
                return iter(())
            rule = Rule.key(self._fields.key(what))  # as the page spells it
        return self._of_places(rule, rule.places, RuleMatch(rule, ""), people=name in ("people", "guests"))

    def _of_places(
        self, rule: Rule, places: tuple[tuple[str, str], ...], before: RuleMatch, *, people: bool
    ) -> Iterator[RuleMatch]:
        """Yield what a rule finds. With several places, each match at the first joins the first match at the others."""
        (place, what), *rest = places
        for text, groups, line, whole in self._at(place, what, people=people):
            heading = whole if place == "heading" else before.heading
            match = RuleMatch(rule, text, {**before.groups, **groups}, line or before.line, heading)
            if not rest:
                yield match
            elif following := next(self._of_places(rule, tuple(rest), match, people=people), None):
                yield following

    def _at(self, place: str, what: str, *, people: bool) -> Iterator[tuple[str, dict[str, str], int | None, str]]:
        """Yield what is found at a place: the text, its groups, its line, and the whole text at that place."""
        if place == "value":
            yield what, {}, None, what
        elif place == "key":
            fields = self._fields
            texts = fields.list(what) if people else (text for _, text in fields.texts(what))
            yield from ((text, {}, fields.line(what), text) for text in texts)
        else:
            for text, line in self._texts(place):
                if not what:
                    yield text, {}, line, text
                    continue
                pattern = compiled(what)
                at, counted = line, 0
                for match in pattern.finditer(text):
                    groups = {name: one for name in pattern.groupindex if (one := match.group(name))}
                    if place == "text" and at:
                        at += text.count("\n", counted, match.start())
                        counted = match.start()
                    yield match.group(), groups, at, text

    def _texts(self, place: str) -> Iterator[tuple[str, int | None]]:
        if place == "path":
            yield self._origin.below, None
        elif place == "title":
            if title := self._title or self._stated_title():
                yield title, self._fields.line(*TITLE)
        elif place == "heading":
            yield from self._headings
        else:
            yield self._page.body, self._page.start + 1

    def _stated_title(self) -> str:
        """Return the title as far as it is known without the file name, which the day may come from."""
        if not self.rules("title"):
            return self._fields.plain(*TITLE)
        rules = (rule for rule in self._declared["title"] if rule != Rule.at("path"))
        return next((match.text for rule in rules if (match := self.title(rule))), "")

    @cached_property
    def _headings(self) -> list[tuple[str, int | None]]:
        visible = without_hidden(self._page.body, modules=self._origin.path.suffix.lower() == ".mdx")
        document = Document(as_markdown(visible))
        blocks = (block for block in document.blocks if block.kind == "heading")
        return [(document.plain_text(block.text).strip(), self._page.start + block.start + 1) for block in blocks]


def declares_day(page: Page, origin: Origin) -> bool:
    """Whether the archive's table has rules for the date, and one of them finds the day of a page."""
    if "date" not in origin.conventions.mapping.rules:
        return False
    return Declared(page, Fields(page.matter or FrontMatter()), origin).moment()[0] is not None


def of_groups(groups: Mapping[str, str]) -> tuple[Moment | None, bool]:
    """Read the groups ``year``, ``month`` and ``day``, or ``week``. The second value is whether they name a day, rather
    than a month or week whose first day is returned.
    """
    year, month, week, day = (groups.get(name, "").strip() for name in ("year", "month", "week", "day"))
    if year.isdecimal() and len(year) < 3:
        year = str(int(year) + (2000 if int(year) < 70 else 1900))
    rest = f"W{week:0>2}-1" if week else f"{month_number(month) or month}-{day if day.isdecimal() else 1}"
    return read_day(f"{year}-{rest}"), day.isdecimal()

"""Fuzzing of what reads archives: whatever stands in a file, a reader answers with episodes and problems."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import fuzz_seeds as seeds
from fuzz_engine import Target, promise
from fuzz_mutation import SHARP, mutated, mutated_bytes

from zunda_mcp.config.settings import ReaderSettings
from zunda_mcp.models import Problem
from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.reading.detection.conventions import STRATEGIES, Conventions, Origin
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.feeds.document import read_document
from zunda_mcp.reading.feeds.episodes import FeedFile, KeptFeed, drafts_of
from zunda_mcp.reading.feeds.feed_formats import read_chapters
from zunda_mcp.reading.formats import page_formats, post_export, record_lists
from zunda_mcp.reading.html.to_markdown import markdown_of
from zunda_mcp.reading.json_values import parsed
from zunda_mcp.reading.metadata.file_names import dated_name, read_name
from zunda_mcp.reading.metadata.front_matter import read_page
from zunda_mcp.reading.metadata.site import site_of_source
from zunda_mcp.reading.posts import x_export
from zunda_mcp.reading.transcripts.transcript_file import read_transcript, with_transcript
from zunda_mcp.text.calendar_days import read_day
from zunda_mcp.text.dates import parse_span
from zunda_mcp.text.timestamps import leading_time, seconds_in, seconds_of, trailing_time

TODAY = dt.date(2026, 8, 21)
_NOTHING: frozenset[str] = frozenset()


def targets(scratch: Path) -> list[Target]:
    """The doors through which archives come in."""
    one = _origins(scratch)
    text = _text_target
    return [
        text("front matter", seeds.PAGES, _front_matter, 300),
        text("pages", seeds.PAGES, lambda page: _page(page, one), 120),
        Target("file bytes", seeds.FILES, mutated_bytes, _decoded, 60),
        text("dates", seeds.DATES, _dates, 900, words=seeds.DATES),
        text("file names", seeds.NAMES, _names, 500, words=seeds.NAMES),
        text("feeds", seeds.FEEDS, lambda page: _feed(page, one), 150),
        text("markup", [page for page in seeds.FEEDS if "<p>" in page], _markup, 150),
        text("chapters", seeds.CHAPTERS, read_chapters, 150),
        Target(
            "transcripts", seeds.TRANSCRIPTS, _drawn_transcript, lambda case: _transcript(case, one), 150, pooled=False
        ),
        Target("Twilog", [page.encode() for page in seeds.TWILOG], mutated_bytes, lambda data: _twilog(data, one), 120),
        text("X scripts", seeds.X_SCRIPTS, lambda page: _x_scripts(page, one), 100),
        Target("zips", [_zip()], mutated_bytes, lambda data: _zipped(data, scratch), 20),
        text(
            "JSON lists",
            seeds.LISTS,
            lambda page: _judged(*record_lists.JsonList().read(page, one.origin(".json"))),
            100,
        ),
        text("site configurations", seeds.SITES, lambda page: _site(page, scratch), 40),
    ]


def _text_target(
    name: str, kept: Sequence[str], check: Callable[[str], Any], share: int, words: Sequence[str] = ()
) -> Target:
    """A target whose cases are texts as decoding gives them: without lone surrogates."""
    tokens = [*SHARP, *words]

    def make(draw: random.Random, pool: Sequence[str]) -> str:
        return mutated(draw, pool, tokens).encode("utf-8", "replace").decode("utf-8")

    return Target(name, kept, make, check, share)


@dataclass(frozen=True)
class _Origins:
    """Where a case is said to come from, for each strategy."""

    base: Origin

    def origin(self, suffix: str, strategy: str | None = None, name: str = "2031-01-01-1") -> Origin:
        found = replace(self.base, path=self.base.path.with_name(name + suffix), label=f"show/{name}{suffix}")
        return replace(found, conventions=Conventions(strategy)) if strategy else found


def _origins(scratch: Path) -> _Origins:
    folder = scratch / "one"
    folder.mkdir()
    (folder / "2031-01-01-1.md").write_text(seeds.PAGES[0], encoding="utf-8")
    reader = ArchiveReader([folder], ReaderSettings(timezone="Asia/Tokyo"))
    (file,) = reader.scan().files
    return _Origins(reader.origin(file))


def _judged(drafts: Iterable[Draft], problems: Iterable[Problem]) -> None:
    """What holds of everything that was read."""
    for draft in drafts:
        episode = draft.episode(_NOTHING)
        promise(bool(episode.id), "an episode has an id")
        promise(all(story.id == f"{episode.id}#{story.place}" for story in episode.stories), "stories are numbered")
        draft.speech(_NOTHING)
    for problem in problems:
        promise(problem.line is None or problem.line >= 1, "a problem's line counts from 1")
        promise(0 < len(problem.cause) < 1000, "a problem is a sentence, not the file")
        promise("Traceback" not in problem.cause, "a problem is no traceback")


def _front_matter(text: str) -> None:
    page = read_page(text)
    promise(0 <= page.start <= text.count("\n") + 2, "the body begins inside the file or right behind it")
    promise(not page.body or page.body.strip() in text, "the body is a piece of the file")
    lines = text.count("\n") + 2
    promise(all(line is None or 1 <= line <= lines for line, _ in page.remarks), "a remark's line is in the file")


def _page(text: str, origins: _Origins) -> None:
    strategy = STRATEGIES[len(text) % len(STRATEGIES)]
    _judged(*page_formats.MarkdownPage().read(text, origins.origin(".md", strategy)))


def _decoded(data: bytes) -> None:
    text = decode(data).text
    if text is not None:
        text.encode("utf-8")
        promise("\r" not in text, "newlines are newlines")


def _dates(text: str) -> None:
    moment = read_day(text)
    if moment is not None:
        moment.placed(ZoneInfo("Asia/Tokyo"))
        again = read_day(moment.day.isoformat())
        promise(again is not None and again.day == moment.day, "a day that was read is read again from its ISO form")
    span = parse_span(text, TODAY)
    if span is not None:
        promise(span.since <= span.until, "a span ends after it begins")
        again_span = parse_span(span.since.isoformat(), TODAY)
        promise(
            again_span is not None and again_span.since == again_span.until == span.since,
            "a day that was understood is understood again from its ISO form",
        )
    for read in (seconds_in, seconds_of):
        seconds = read(text)
        promise(seconds is None or 0 <= seconds < float("inf"), "a time in a recording is a number of seconds")
    leading_time(text)
    trailing_time(text, bare=True)


def _names(text: str) -> None:
    *folders, stem = text.split("/")
    named = read_name(stem, tuple(folder for folder in folders if folder))
    promise(bool(named.id) or not stem, "a file with a name has an id")
    day, slug = dated_name(stem)
    if day:
        promise(dated_name(f"{day}-{slug}".rstrip("-"))[0] == day, "a dated name in the usual form has the same day")


def _feed(text: str, origins: _Origins) -> None:
    document = read_document(text)
    if document.feed is not None:
        drafts, problems = drafts_of([document.feed], label="show/feed.xml", zone=ZoneInfo("Asia/Tokyo"))
        _judged(drafts, problems)
        promise(len({draft.id for draft in drafts}) == len(drafts), "no two items of a feed have one id")
    else:
        promise(bool(document.why), "what is not a feed is said not to be one")
    _judged(*FeedFile().read(text, origins.origin(".xml")))
    _judged(*KeptFeed().read(text, origins.origin(".feed")))


def _markup(text: str) -> None:
    for kind in ("html", "text"):
        markdown_of(text, kind)


def _drawn_transcript(draw: random.Random, pool: list[Any]) -> tuple[str, str]:
    text = mutated(draw, pool).encode("utf-8", "replace").decode("utf-8")
    return text, draw.choice(seeds.TRANSCRIPT_NAMES)


def _transcript(case: tuple[str, str], origins: _Origins) -> None:
    heard = read_transcript(*case)
    promise(all(0 < len(fault.cause) < 1000 for fault in heard.faults), "a fault is a sentence")
    for cue in heard.cues:
        promise(cue.start is None or 0 <= cue.start < float("inf"), "a cue begins at a number of seconds")
    drafts, _ = page_formats.MarkdownPage().read(seeds.PAGES[0], origins.origin(".md"))
    _judged([with_transcript(draft, heard) for draft in drafts], [])


def _twilog(data: bytes, origins: _Origins) -> None:
    _judged(*record_lists.CsvFile().read_stream(io.BytesIO(data), origins.origin(".csv", name="zunda_example-261101")))


def _scripts(text: str) -> x_export.Files:
    """The data folder of an X archive in memory, one of its files as the case has it."""
    texts = {x_export.MANIFEST: seeds.X_MANIFEST, **dict(zip(seeds.X_NAMES, seeds.X_SCRIPTS, strict=True))}
    named = next((name for name in seeds.X_NAMES if name.partition(".")[0].replace("-", "_") in text[:60]), "tweets.js")
    texts[named] = text
    return x_export.Files(list(texts), lambda name: io.BytesIO(texts[name].encode("utf-8", "surrogatepass")))


def _x_scripts(text: str, origins: _Origins) -> None:
    _judged(*x_export.read(_scripts(text), origins.origin(".js", name="manifest")))
    parsed(text)


def _zip() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("data/manifest.js", seeds.X_MANIFEST)
        for name, text in zip(seeds.X_NAMES, seeds.X_SCRIPTS, strict=True):
            made.writestr(f"data/{name}", text)
    return held.getvalue()


def _zipped(data: bytes, scratch: Path) -> None:
    folder = scratch / "zips"
    folder.mkdir(exist_ok=True)
    path = folder / "twitter-2026-03-01.zip"
    path.write_bytes(data)
    reader = ArchiveReader([folder], ReaderSettings(timezone="Asia/Tokyo"))
    for file in reader.scan().files:
        reading = reader.read(file)
        _judged(reading.drafts, reading.problems)
    post_export.XZip().digest(path)


def _site(text: str, scratch: Path) -> None:
    folder = scratch / "site"
    folder.mkdir(exist_ok=True)
    (folder / "_config.yml").write_text(text, encoding="utf-8")
    site = site_of_source(folder)
    json.dumps([site.title, site.language, site.url, site.permalink, [problem.cause for problem in site.problems]])

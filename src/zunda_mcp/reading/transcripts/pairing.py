"""Decide by names alone which transcript belongs to which episode, without opening a file.

An episode is known by the name of its file, its number, its day, its recording, and the transcript it names itself
(``EpisodeFacts``); ``mentioned`` finds the last two in the text of its file.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import takewhile
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from zunda_mcp.reading.endings import ENDINGS, ending_of, endings_of, kind_of
from zunda_mcp.reading.metadata.file_names import dated_name

__all__ = [
    "FOLDERS", "EpisodeFacts", "Mentioned", "TranscriptNames", "is_surely_transcript", "lies_in", "mentioned",
    "nearness", "number_in", "path_of", "stem_of",
]  # fmt: skip

_BEGINNING = 16_384  # characters that are searched for front matter
_KEY = re.compile(
    r"""^[ \t{,]*["']?(audio[\w-]*|mp3|podcast_file|enclosure|transcript[\w-]*)["']?[ \t]*[:=][ \t]*(\S.*?)[ \t]*,?$""",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_A_PLACE = re.compile(r"_(?:size|length|duration|type|bytes)\Z", re.IGNORECASE)
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{2,8}(?:\?\S*)?\Z")


class Mentioned(NamedTuple):
    """The recording and the transcript that an episode's file names, as written."""

    audio: str | None
    transcript: str | None


def mentioned(text: str) -> Mentioned:
    """Find both by their keys at the beginning of ``text``, in front matter of any kind, without parsing it."""
    audio = transcript = None
    for match in _KEY.finditer(text[:_BEGINNING]):
        key, value = match[1].lower(), match[2].strip().strip("\"'")
        if _NOT_A_PLACE.search(key) or not _SUFFIX.search(value):
            continue
        if key.startswith("transcript"):
            transcript = transcript or value
        else:
            audio = audio or value
    return Mentioned(audio, transcript)


FOLDERS = frozenset({"audio", "transcripts", "transcript", "captions", "subtitles", "media", "mp3"})
"""Names of folders with transcripts. In these, a number or a day in a file name is enough to match an episode."""

_WORDS = endings_of("json", "captions", "text", "markdown")  # endings of files that may be transcripts
_PLAIN_WORDS = frozenset({"episode", "ep", "show", "transcript", "no", "vol", "podcast"})
_WRITTEN = frozenset({"issue", "newsletter", "letter", "weekly"})
_LANGUAGE = re.compile(r"\.([a-z]{2,3}(?:[-_](?:[A-Za-z]{4}|[A-Z]{2}))?)\Z")
_NUMBER = re.compile(r"(?:\A|[^\d.])0*(\d{1,6})(?![\d.]|[^\W\d_])")


class EpisodeFacts(NamedTuple):
    """What is known about an episode without opening a transcript.

    ``stem`` is the name of its file without the ending, ``audio`` the address or path of its recording, ``transcript``
    the path of a transcript that the episode names. ``day`` counts only for an episode without ``audio``. ``folder`` is
    the folder of its file; of several transcripts with the same name, the nearest one matches.
    """

    stem: str
    number: int | None = None
    audio: str | None = None
    transcript: str | None = None
    day: dt.date | None = None
    folder: str = ""


class TranscriptNames:
    """The transcripts of an archive, to be looked up by what their names say. ``files`` are paths with ``/``."""

    def __init__(self, files: Iterable[str]) -> None:
        self._paths: dict[str, list[str]] = defaultdict(list)
        self._stems: dict[str, list[str]] = defaultdict(list)
        self._numbers: dict[int, list[str]] = defaultdict(list)
        self._days: dict[dt.date, list[str]] = defaultdict(list)
        for file in files:
            stem = stem_of(file)
            self._paths[file.rpartition("/")[2].lower()].append(file)
            self._stems[stem.lower()].append(file)
            if not is_surely_transcript(file):
                continue
            day, _ = dated_name(stem)
            if day is not None:
                self._days[day].append(file)
            elif (number := number_in(stem)) is not None:
                self._numbers[number].append(file)

    def of(self, episode: EpisodeFacts, language: str | None = None) -> tuple[str, ...]:
        """Return the nearest transcripts of an episode, those in ``language`` first, then the most detailed. Only the
        surest way with a match counts: by the path that the episode names; the name of its recording; its own name; its
        number or its day, if all transcripts with that number or day have the same name.
        """
        *named, numbered, dated = self._ways(episode)
        shared = (numbered, () if episode.audio else dated)
        alike = (files for files in shared if len({stem_of(file).lower() for file in files}) == 1)
        matches = next(filter(None, (*named, *alike)), ())
        nearest = max((nearness(episode.folder, file) for file in matches), default=0)
        matches = [file for file in matches if nearness(episode.folder, file) == nearest]
        return tuple(sorted(matches, key=lambda file: _preference(file, language)))

    def candidates(self, episode: EpisodeFacts) -> tuple[str, ...]:
        """Return every transcript that matches in any way: if one changes, the episode may change."""
        return tuple(dict.fromkeys(file for matches in self._ways(episode) for file in matches))

    def _ways(self, episode: EpisodeFacts) -> tuple[Sequence[str], ...]:
        """Return the transcripts that match by path, recording, name, number and day: the surest way comes first."""
        return (
            self._by_path(episode.transcript),
            self._stems.get(stem_of(path_of(episode.audio)).lower(), ()) if episode.audio else (),
            self._stems.get(episode.stem.lower(), ()),
            self._by_number(episode),
            self._days.get(episode.day, ()) if episode.day else (),
        )

    def _by_number(self, episode: EpisodeFacts) -> list[str]:
        """Return the transcripts with the number of an episode, except those of another series (``talk-12``)."""
        if episode.number is None:
            return []
        own = _series(episode.stem)
        return [
            file
            for file in self._numbers.get(episode.number, [])
            if own is None or own == (other := _series(stem_of(file))) or (other is None and not _is_issue(own, file))
        ]

    def _by_path(self, written: str | None) -> list[str]:
        """Return the files whose paths share the most parts, counted from the end, with a path as ``written``."""
        parts = [part for part in path_of(written).lower().split("/") if part not in ("", ".", "..")] if written else []
        if not parts:
            return []
        files = self._paths.get(parts[-1], [])
        alike = [(_alike(reversed(parts), reversed(file.lower().split("/"))), file) for file in files]
        most = max((count for count, _ in alike), default=0)
        return [file for count, file in alike if count == most]


def stem_of(file: str) -> str:
    """Return the name of a file without folders, ending and language: ``a`` for ``audio/a.ja.vtt``."""
    name = file.rpartition("/")[2]
    base, dot, suffix = name.rpartition(".")
    stem = base if dot and base and (suffix.isalnum() and len(suffix) <= 8) else name
    language = _language_of(stem) if f".{suffix.lower()}" in _WORDS else None
    return stem[: -len(language) - 1] if language and len(stem) > len(language) + 1 else stem


def _language_of(stem: str) -> str | None:
    """Return the language at the end of a name: ``ja`` for ``episode.ja``, ``zh-Hant`` for ``episode.zh-Hant``."""
    match = _LANGUAGE.search(stem)
    return match[1].replace("_", "-") if match else None


def number_in(stem: str) -> int | None:
    """Return the episode number in a name: the number it begins with (``001-name``), else the only one in it."""
    numbers = _NUMBER.findall(stem)
    leading = re.match(r"0*(\d{1,6})(?!\d)", stem)
    if leading:
        return int(leading[1])
    return int(numbers[0]) if len(set(numbers)) == 1 else None


def nearness(folder: str, file: str) -> int:
    """Return how many folders, from the top, the path of a folder shares with that of a file."""
    return _alike(folder.split("/"), file.split("/")[:-1])


def _alike(first: Iterable[str], second: Iterable[str]) -> int:
    """Return how many parts two paths share before the first that differs."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def _series(stem: str) -> str | None:
    """Return the words before the first digit of a name, which tell series apart; ``None`` if there are none."""
    before = re.split(r"\d", stem, maxsplit=1)[0].casefold()
    words = [word for word in re.findall(r"[^\W\d_]+", before) if word not in _PLAIN_WORDS]
    return " ".join(words) or None


def _is_issue(series: str, file: str) -> bool:
    """Whether ``series`` names written issues, but ``file`` a spoken episode: issue 50 is not episode 50."""
    return series in _WRITTEN and any(word in stem_of(file).casefold() for word in ("episode", "podcast", "show"))


def lies_in(file: str, folders: Collection[str] = FOLDERS) -> bool:
    """Whether a file is in one of these folders, at any depth. A ``_`` before the name of a folder is ignored."""
    return any(part.lstrip("_") in folders for part in file.lower().split("/")[:-1])


def is_surely_transcript(file: str) -> bool:
    """Whether a file is a transcript by its ending, or by a folder it is in."""
    return kind_of(file) == "captions" or lies_in(file)


def _preference(file: str, language: str | None) -> tuple[int, int, str]:
    own = _language_of(file.rpartition("/")[2].rpartition(".")[0])
    wanted = 0 if own and language and own.split("-")[0] == language.split("-")[0].lower() else 1 if own is None else 2
    return wanted, list(ENDINGS).index(ending) if (ending := ending_of(file)) in ENDINGS else len(ENDINGS), file


def path_of(address: str | None) -> str:
    """Return the path of an address, decoded, or a path without its query; ``""`` if there is none."""
    if not address:
        return ""
    if "://" not in address:
        return address.split("?", 1)[0]
    try:
        return unquote(urlsplit(address).path)
    except ValueError:
        return ""

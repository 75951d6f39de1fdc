"""Read front matter by meaning, whatever names an archive uses for its keys.

Besides texts, numbers and days, this module finds people, audio, video, the page, and the number in a title.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterable, Mapping
from functools import cache

from zunda_mcp.reading.metadata.front_matter import FrontMatter, Value
from zunda_mcp.text.calendar_days import Moment, Order, find_days, read_day
from zunda_mcp.text.normalize import letters
from zunda_mcp.text.timestamps import TIME_LINK
from zunda_mcp.text.urls import encoded, is_web

__all__ = [
    "AND", "CATEGORIES", "DATE", "DESCRIPTION", "GUESTS", "HOSTS", "INFORMATION", "NUMBER", "PAGE", "TITLE", "TITLED",
    "UPDATED", "Fields", "about", "audio_of", "day_of", "embedded_video", "folded_key", "names_of", "own_page",
    "played_audio", "stem", "title_number", "video_of", "whole_number", "youtube_id",
]  # fmt: skip

TITLED = ("title", "episode_title", "episode_name", "タイトル", "題名", "題", "件名", "見出し", "エピソード名")
TITLE = (*TITLED, "name", "headline", "subject")
DATE = (
    "date", "published_at", "pub_date", "publication_date", "release_date", "air_date", "broadcast_date", "broadcast",
    "issue_date", "post_date", "episode_date", "event_date", "meeting_date", "call_date", "session_date", "created_at",
    "creation_date", "date_added", "datetime", "timestamp", "recorded_at", "recording_date",
    "day", "日付", "日時", "公開日", "公開日時", "配信日", "放送日", "発行日", "投稿日", "収録日", "作成日", "日期",
    "发布日期", "날짜", "datum", "fecha", "data",
)  # fmt: skip
"""Keys of an episode's day, the surest first: the day when it was published comes before that when it was made."""
UPDATED = ("updated_at", "last_updated", "lastmod", "last_modified", "modified")
DESCRIPTION = ("description", "summary", "subtitle", "excerpt", "abstract", "tagline", "intro", "説明", "概要", "内容")
HOSTS = (
    "actor_ids", "hosts", "cohosts", "actors", "people", "persons", "participants", "presenters", "cast", "speakers",
    "speaker_name", "team", "members", "attendees", "contributors", "出演", "出演者", "話者", "司会", "author", "著者",
    "author_name", "editors",
)  # fmt: skip
GUESTS = ("guests", "guest_name", "interviewees", "ゲスト")
_AUDIO_KEYS = (
    "audiofilepath", "audio", "audiourl", "audiofileurl", "audiofile", "podcastfile", "podcasturl",
    "podcastaudio", "enclosure", "enclosureurl", "音声", "音声url", "mediaurl", "mp3", "mp3url", "media", "file", "url",
)  # fmt: skip
NUMBER = (
    "episode", "number", "episodenumber", "podcastepisode", "episodeno", "ep", "epnumber", "no", "issue", "issuenumber",
    "issueno", "itunesepisode", "#", "番号", "回", "話数",
)  # fmt: skip
INFORMATION = ("information",)
_ABOUT = ("subtitle", "excerpt", "summary", "tagline", "abstract", "tags", "keywords", "topics", "series", "location")
"""Keys whose words are searched with the notes of an episode, unless its title or description contains them."""
CATEGORIES = ("categories", "category")
PAGE = (
    "permalink", "url", "canonical_url", "canonical", "episode_url", "page_url", "link", "external_url",
    "external_link", "link_url", "original_url", "source_url", "source", "page", "リンク", "アドレス", "ページ",
)  # fmt: skip
_VIDEO = ("youtube", "youtubeid", "youtubeurl", "youtubevideo", "video", "videourl", "videolink", "youtubelink")


_INNER = ("extra", "params", "taxonomies")
"""Tables with what a site adds to front matter (Zola, Hugo)."""


class Fields:
    """Looks up values by any of several names. Case, ``-``, ``_`` and spaces make no difference (``folded_key``). Names
    also find keys with the same words (``stem``): ``speakers`` finds ``speaker``, ``pub_date`` finds ``pubDatetime``.
    """

    def __init__(self, matter: FrontMatter) -> None:
        tables = {name: one for name, one in matter.values.items() if isinstance(one, dict)}
        names = {*map(folded_key, (*DATE, *NUMBER))}  # with a title and one of these, a table is the episode
        own = [name for name, one in tables.items() if "title" in one and names.intersection(map(folded_key, one))]
        inner = [one for name, one in tables.items() if name in (*_INNER, *(() if "title" in matter.values else own))]
        values = {**{name: value for table in inner for name, value in table.items()}, **matter.values}
        self._values = {folded_key(name): value for name, value in values.items()}
        self._lines = {folded_key(name): line for name, line in matter.lines.items()}
        self._alike: dict[str, list[str]] = {}
        for name in values:
            self._alike.setdefault(stem(name), []).append(folded_key(name))

    def text(self, *names: str) -> str | None:
        """Return the first of these values that is not empty, as one text; lists are joined."""
        for name in names:
            words = [text for text in _texts(self.value(name)) if text.strip()]
            if words:
                return "、".join(words).strip()
        return None

    def texts(self, *names: str) -> list[tuple[str, str]]:
        """Return pairs of a key and a text for all values of these names, in order; for a mapping, its address."""
        pairs = []
        for key in dict.fromkeys(key for name in names for key in self._keys(name)):
            value = self._values[key]
            if isinstance(value, dict):
                value = next((value[one] for one in _ADDRESS if value.get(one)), None)
            pairs += [(key, text.strip()) for text in _texts(value) if text.strip()]
        return pairs

    def value(self, name: str) -> Value:
        """Return the value of a key as it is."""
        return self._values.get(self.key(name))

    def key(self, name: str) -> str:
        """Return the key, folded, that gives a name its value."""
        return next((key for key in self._keys(name) if self._values[key]), folded_key(name))

    def _keys(self, name: str) -> list[str]:
        """Return the keys, folded, that a name finds: first the key of that name, then those with the same words."""
        folded = folded_key(name)
        alike = self._alike.get(stem(name), [])
        return [folded, *(key for key in alike if key != folded)] if folded in self._values else alike

    @property
    def names(self) -> tuple[str, ...]:
        """All keys, folded: those of inner tables first, then in the order of the file."""
        return tuple(self._values)

    def keys(self, *names: str) -> list[str]:
        """Return the keys that these names find, in the order of the property ``names``."""
        wanted = {key for name in names for key in self._keys(name)}
        return [key for key in self._values if key in wanted]

    def plain(self, *names: str) -> str:
        """Return ``text`` with HTML entities replaced by their characters; ``""`` if there is none."""
        return html.unescape(self.text(*names) or "").strip()

    def list(self, *names: str) -> tuple[str, ...]:
        """Return the first of these values that is not empty, as a tuple; a text is split at commas."""
        for name in names:
            value = self.value(name)
            texts = value.replace("、", ",").split(",") if isinstance(value, str) else _texts(value)
            parts = dict.fromkeys(html.unescape(text).strip() for text in texts)
            parts.pop("", None)
            if parts:
                return tuple(parts)
        return ()

    def number(self, *names: str) -> int | None:
        """Return the first of these values that is a whole number; ``None`` if none is."""
        return next((number for name in names if (number := whole_number(self.text(name))) is not None), None)

    def line(self, *names: str) -> int | None:
        """Return the line of the first of these keys that is there."""
        return next((self._lines[key] for name in names for key in self._keys(name) if key in self._lines), None)


def whole_number(text: str | None) -> int | None:
    """Return a whole number of up to nine digits, perhaps after a ``#``; ``None`` for any other text."""
    digits = (text or "").strip().removeprefix("#").removesuffix(".0")
    return int(digits) if digits.isdecimal() and len(digits) < 10 else None


_ADDRESS = ("url", "src", "href", "file", "path", "id")


def _texts(value: Value) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):  # a person as {name: …, url: …}, several as {Ann: {url: …}, Bob: {…}}
        several = bool(value) and all(isinstance(one, dict) for one in value.values())
        return [*value] if several else _texts(value.get("name"))
    return []


@cache
def folded_key(name: str) -> str:
    """Return a key in lower case, and without ``-``, ``_`` and spaces."""
    return name.strip().lower().replace("-", "").replace("_", "").replace(" ", "")


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
_COMPOUND = re.compile(r"(?P<verb>[a-z]{2,})(?P<when>date|datetime|time|at|on)|(?:date)(?P<done>[a-z]{3,}ed)")
_WHEN = frozenset({"date", "datetime", "time", "at", "on", "day"})


@cache
def stem(key: str) -> str:
    """Return a form of a key that keys of the same meaning share: ``published_at``, ``datePublished`` and ``Publish
    date``, or ``guest`` and ``guestNames``. A past tense means a time, as ``at``, ``on``, ``time`` and ``date`` do.
    """
    words: dict[str, None] = {}
    when = False
    written = [word.lower() for word in _WORD.findall(key)]
    if len(written) == 1 and (compound := _COMPOUND.fullmatch(written[0])):
        written = [compound["verb"], compound["when"]] if compound["verb"] else ["date", compound["done"]]
    for word in written:
        if (word in _WHEN and len(written) > 1) or word == "date":
            when = True
        elif word not in ("of", "the", "and") and not (word in ("ids", "names") and words):
            past = len(word) > 4 and word.endswith("ed") and not word.endswith("eed")
            when = when or past
            words[(word.removesuffix("ed") if past else word.removesuffix("s")).rstrip("e")] = None
    return "".join((*sorted(words), "/date" if when else ""))


def day_of(text: str, order: Order = "") -> Moment | None:
    """Return the day that a text is, or the only one that it contains (``recorded on 1 March 2024``)."""
    if moment := read_day(text, order):
        return moment
    days = {match.day for match in find_days(text[:_LONGEST_DATE], order)}
    return Moment(days.pop(), None) if len(days) == 1 else None


_SOUND = re.compile(r"\.(?:mp3|m4a|aac|ogg|oga|opus)(?:\?[^\s\"'<>()\[\]]{0,500})?(?![^\s\"'<>()#\]])", re.IGNORECASE)
_BEFORE_ADDRESS = re.compile(r"[\s\"'<>()\[\]]")
_LONGEST_ADDRESS = 2000
_PLAYER = re.compile(r"<(?:audio|source|iframe)\b[^<>]{0,400}?\ssrc=[\"']?([^\s\"'<>]{1,2000})", re.IGNORECASE)
_NAME_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]+)\]\]|\[([^\[\]]+)\]\([^()\s]*\)")
AND = "&|and|und|et|и"
"""Words between two names, without ``y`` and ``e``, which are also parts of names."""
_AND = re.compile(rf"\s+(?:{AND})\s+")
_PARTED = re.compile(rf"{_AND.pattern}|[,、，；;＆&](?!\s*(?:[JS]r|II+|Ph\.?D|M\.?D|Esq|Inc|Ltd|LLC)\b)")
"""Where a text with several names is split, but not before a suffix (``King, Jr.``)."""
_AUDIO = re.compile(r"\.(?:mp3|m4a|m4b|aac|ogg|oga|opus|wav|flac|mp4)(?:$|[?#])", re.IGNORECASE)
_VAGUE = frozenset({"url", "file", "audio", "media"})
_NUMBERED = re.compile(
    r"(?:(?<![a-z0-9_])#\s?|第\s*|\b(?:episode|issue|ep\.?)\s*(?:#\s*)?|\bno\.\s*|\bvol\.?\s*)0*(\d{1,5})(?!\d|\s?季)",
    re.IGNORECASE,
)
_SHORTENED = re.compile(r"[A-Z]{2,5}[ -]?#?0*(\d{1,5})\s*(?:[:：|]|[-–—]\s)")
_LONGEST_DATE = 120
_VIDEO_STEMS = frozenset({"video", "videofile", "image", "transcript", "chapter"})
_LISTS = ("tags", "keywords", "topics", *CATEGORIES)
_YOUTUBE = re.compile(
    r"(?:https?:)?//(?:www\.|m\.)?(?:youtu\.be/|youtube(?:-nocookie)?\.com/(?:(?:embed|live|shorts)/|[^#]*?[?&]v=))"
    r"([\w-]{11})(?![\w-])",
    re.ASCII | re.IGNORECASE,
)
_VIDEO_ID = re.compile(r"[\w-]{11}", re.ASCII)


def names_of(people: Iterable[str], names: Mapping[str, str], *, commas: bool = False) -> tuple[str, ...]:
    """Return the names of people. ``names`` has those of slugs for which the archive has a file; a link (``[[Ann]]``,
    ``[Ann](https://…)``) counts as its text. A text is split at words like ``and``, with ``commas`` also at these.
    Names of audio files and addresses are left out.
    """
    shown = (_NAME_LINK.sub(r"\1\2", one) for one in people)
    people = (
        name.strip() for one in shown for name in ([one] if " | " in one else (_PARTED if commas else _AND).split(one))
    )
    persons = ((one, one.casefold()) for one in people if one and not _AUDIO.search(one) and not is_web(one))
    # ``name2`` is the same person as ``name`` if only ``name`` has a file
    called = (names.get(slug) or names.get(slug.rstrip("0123456789")) or one for one, slug in persons)
    return tuple(dict.fromkeys(called))


def audio_of(fields: Fields) -> str | None:
    """Return the audio's address or file name as written. ``url: …`` counts only if it names an audio file."""
    for name, text in fields.texts(*_AUDIO_KEYS):
        first, _, length = text.partition(" ")
        if not (is_web(first) and length.lstrip()[:1].isdigit()):  # "address length type" is what PodPress writes
            first = text
        if name not in _VAGUE or _AUDIO.search(first) or (name == "audio" and ("/" in first or "." in first)):
            return first
    others = (text for name in fields.names if stem(name) not in _VIDEO_STEMS for text in _leaves(fields.value(name)))
    return next((text for text in others if _sounds(text) == [text.strip()]), None)


def played_audio(text: str, number: int | None, day: dt.date | None) -> str | None:
    """Return the recording that a page plays, or the audio file it links to, if the name of the file has the number or
    the day of the episode. ``None`` if there is none, or several.
    """
    played = [address for address in _PLAYER.findall(text) if _sounds(address) == [address]]
    addresses = played or [address for address in _sounds(text) if is_web(address)]
    names = {address.partition("?")[0].rpartition("/")[2].rpartition(".")[0] for address in addresses}
    if len(names) != 1:
        return None
    name = names.pop()
    numbers = {int(digits) for digits in re.findall(r"\d{1,9}", name)}
    own = number in numbers or (day is not None and f"{day:%Y%m%d}" in "".join(filter(str.isdigit, name)))
    return addresses[0] if played or own else None


def _sounds(text: str) -> list[str]:
    """Return the addresses and paths of audio files in a text."""
    sounds = []
    for ending in _SOUND.finditer(text):
        before = text[max(0, ending.start() - _LONGEST_ADDRESS) : ending.start()]
        sounds.append(_BEFORE_ADDRESS.split(before)[-1] + ending[0])
    return sounds


def _leaves(value: Value) -> list[str]:
    """Return all texts in a value, however deep."""
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _leaves(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _leaves(inner)]
    return [value] if value else []


def about(fields: Fields) -> str:
    """Return a line for each key that says what an episode is about, besides its title and description."""
    shown = letters(f"{fields.plain(*TITLE)}\n{fields.plain(*DESCRIPTION)}")
    pairs = (
        (key, ", ".join(fields.list(key)) if key in _LISTS else fields.plain(key)) for key in (*_ABOUT, *CATEGORIES)
    )
    return "\n".join(f"{key.capitalize()}: {text}" for key, text in pairs if text and letters(text) not in shown)


def own_page(fields: Fields) -> str | None:
    """Return the whole web address that front matter gives for its page."""
    for _, text in fields.texts(*PAGE):
        if is_web(text) and not _AUDIO.search(text):
            return encoded(text)
    return None


def video_of(fields: Fields) -> str | None:
    """Return the id of the YouTube video, from an address or from the id itself."""
    videos = (
        text if _VIDEO_ID.fullmatch(text) and name.startswith("youtube") else youtube_id(text)
        for name in fields.keys(*_VIDEO)
        for text in _leaves(fields.value(name))
    )
    return next((video for video in videos if video), None)


def youtube_id(address: str) -> str | None:
    """Return the id of the video that an address of YouTube leads to or embeds, ``None`` for any other address."""
    match = _YOUTUBE.match(address.strip())
    return match[1] if match and match[1] != "videoseries" else None


def embedded_video(text: str, shown: str) -> str | None:
    """Return the first YouTube video in a frame that is not ``shown`` as code, else that of several timed links."""
    frames = (match[1] for match in _PLAYER.finditer(text) if match[0] not in shown)
    timed = [youtube_id(match[2]) for match in TIME_LINK.finditer(text)]
    linked = timed[0] if len(timed) > 2 and len({*timed}) == 1 else None
    return next((video for source in frames if (video := youtube_id(html.unescape(source)))), linked)


def title_number(title: str) -> int | None:
    """Return the number of the episode in a title: ``LCC 114 - …``, ``#12``, ``第12回``, ``Issue 12``."""
    match = _SHORTENED.match(title) or _NUMBERED.search(title)
    return int(match[1]) if match else None

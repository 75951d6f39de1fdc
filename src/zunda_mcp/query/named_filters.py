"""Filters that a question names in passing: an episode, a kind of posts, a host, a site, an archive.

最新回は？ asks for the newest episode, ``RAG in episode 120`` for RAG within that one, ブックマークしたLLMの記事 for
LLMの記事 among the bookmarks, Qiitaで紹介されたRAGの記事 for RAG among the stories that link to Qiita, ``what did Wes
say about Vite`` for Vite among the episodes that Wes hosts.

A name is a filter only if the words around it say so: a number next to a word for episodes, "my likes" or "likes", a
place to look in, a person who speaks. These functions read only the text and the names that they are given; what the
archive contains is checked in ``zunda_mcp.query.question``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple

from zunda_mcp.query.filters import KINDS
from zunda_mcp.query.parse import parse
from zunda_mcp.query.request import only_requests
from zunda_mcp.query.time_words import FIRST_EPISODE, LATEST_EPISODE
from zunda_mcp.text.calendar_days import kanji_number
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import has_cjk, in_katakana, normalize
from zunda_mcp.text.phonetics import sounds

__all__ = [
    "NamedFilter",
    "NumberedEpisode",
    "archive_in",
    "may_name_filter",
    "site_in",
    "speaker_in",
    "split_edition",
    "split_kind",
    "split_number",
    "without_post_request",
]


class NamedFilter(NamedTuple):
    """A question with a name taken out: ``rest`` is the question without it, ``name`` is spelled as in the archive."""

    rest: str
    name: str


# --- an episode, by its place or its number

_LONGEST_EDITION = 40
_EDITION = "回|エピソード|放送|配信"
_NEWEST_EDITION = lazy_pattern(
    rf"最新(?:の(?:{_EDITION})|回)|(?:一番|いちばん|もっとも|最も)新しい(?:{_EDITION})|(?:最後|直近|前回)の(?:{_EDITION})|前回|"
    r"\b(?:latest|newest|most recent|last) (?:episode|show|edition|issue)\b|"
    rf"{LATEST_EPISODE}",
    re.IGNORECASE,
)
_OLDEST_EDITION = lazy_pattern(
    rf"(?:最初|一番古い|いちばん古い)の?(?:{_EDITION})|初回|"
    r"\b(?:very )?(?:first|oldest|earliest) (?:episode|show|edition|issue)\b|"
    rf"{FIRST_EPISODE}",
    re.IGNORECASE,
)

#: Words for an episode that come before its number, in the languages of questions.
_BEFORE = (
    "episode|ep|folge|sendung|ausgabe|épisode|émission|episodio|capítulo|capitulo|programa|episódio|puntata|aflevering|"
    "avsnitt|odcinek|odcinku|выпуск|выпуске|выпуска|эпизод|эпизоде"
)
#: The same for words after an ordinal.
_AFTER = "episode|folge|sendung|ausgabe|épisode|émission|episodio|capítulo|programa|puntata|выпуск|выпуске"
_ORDINAL = r"(?:st|nd|rd|th|\.|e|er|ème|º|-?й|-?м)"
_KANJI = "〇零一二三四五六七八九十百"
_NUMBERS = (
    lazy_pattern(rf"第\s*(?P<number>\d{{1,6}}|[{_KANJI}]{{1,6}})\s*(?:回目?|話目?|号|號|期|集)"),
    lazy_pattern(r"(?<![第\d])(?P<number>\d{1,6})\s*(?:回目|話目)(?=の?(?:放送|配信|エピソード|回))"),
    lazy_pattern(r"제\s*(?P<number>\d{1,6})\s*(?:회차?|화)"),
    lazy_pattern(r"(?<![제\d])(?P<number>\d{1,6})\s*(?:회차|[회화](?=에서|에는|에 |방송|는|은))"),
    lazy_pattern(
        rf"(?:(?<!\w)(?:{_BEFORE})|エピソード|에피소드)\.?\s*"
        r"(?:number|no\.?|nr\.?|n[º°.]|numéro|número|numero|nummer|#|№)?\s*"
        r"(?P<number>\d{1,6})(?![A-Za-z0-9%]|[.,:]\d)",
        re.IGNORECASE,
    ),
    lazy_pattern(rf"(?<![\w.,])(?P<number>\d{{1,6}}){_ORDINAL}\s+(?:{_AFTER})(?!\w)", re.IGNORECASE),
    lazy_pattern(rf"\b(?:episode|show) (?:was|is) the (?P<number>\d{{1,6}}){_ORDINAL}(?!\w)", re.IGNORECASE),
)


def split_edition(text: str) -> Literal["oldest", "newest"] | None:
    """The order in which the episode that a question asks for comes first (最新回は？); None if it asks for more."""
    last, first = _NEWEST_EDITION.search(text), _OLDEST_EDITION.search(text)
    named = last or first
    if named is None or (last and first) or len(text) > _LONGEST_EDITION:
        return None
    if not only_requests(parse(f"{text[: named.start()]} {text[named.end() :]}")):
        return None
    return "newest" if last else "oldest"


class NumberedEpisode(NamedTuple):
    """A question with the number of an episode taken out: ``rest`` is the question without it."""

    rest: str
    number: int


def split_number(text: str) -> NumberedEpisode | None:
    """Take the number of an episode out of a question; None if it names none, or several. Never raises."""
    text = unicodedata.normalize("NFKC", text).strip()
    named = [match for pattern in _NUMBERS for match in pattern.finditer(text)]
    if len(named) != 1:
        return None
    (match,) = named
    digits = match["number"]
    number = int(digits) if digits.isdecimal() else kanji_number(digits)
    return NumberedEpisode(f"{text[: match.start()]} {text[match.end() :]}".strip(), number)


# --- a kind of posts

_NOUN = r"(?P<kind>like|favou?rite|bookmark|repost|retweet)s"
_DONE = r"(?P<kind>liked|favorited|faved|bookmarked|saved|reposted|retweeted)"
_THINGS = r"(?:posts?|tweets?|articles?|links?|stories|things|ones|pages|what|everything)"
_ABOUT = r"(?:about|on|of|with|for|regarding|concerning)"
_JAPANESE = r"(?P<kind>いいね|ふぁぼ|ブックマーク|ブクマ|リポスト|リツイート|RT)"
_WHOLE = (
    rf"(?:all )?(?:(?:my|the) )?{_NOUN} {_ABOUT} (?P<rest>.+)",
    rf"(?:(?:my|the) )?{_DONE} {_THINGS} {_ABOUT} (?P<rest>.+)",
    rf"(?:(?:my|the|all) )?(?:{_THINGS} )?(?:that |which )?(?:i|i've|i have) {_DONE} {_ABOUT} (?P<rest>.+)",
    rf"(?P<rest>.+?)(?: {_THINGS})?(?: that| which)? (?:i|i've|i have) {_DONE}",
    rf"my (?P<rest>.+) {_NOUN}",
    rf"{_JAPANESE}(?:した|してた|していた|してある|済みの|から|の中の|の中から)[、\s]*(?P<rest>.+)",
    rf"(?P<rest>.+?)(?:の|に関する|についての)?{_JAPANESE}(?:一覧|を?(?:全部|すべて))?",
)
_ALONE = (
    rf"(?:all |list )?(?:(?:my|the) )?{_NOUN}(?P<rest>)",
    rf"{_JAPANESE}(?:一覧|した(?:もの|投稿|記事|ポスト|ツイート))?(?P<rest>)",
)
_KINDED = tuple(lazy_pattern(pattern, re.IGNORECASE) for pattern in (*_ALONE, *_WHOLE))
_END_SIGNS = "?？!！。. "


def split_kind(text: str) -> NamedFilter | None:
    """Take a kind of posts out of a question; None if it names none. ``rest`` may be empty. Never raises."""
    text = text.strip().rstrip(_END_SIGNS)
    if len(text) > 200:
        return None
    for pattern in _KINDED:
        if (match := pattern.fullmatch(text)) and (not match["rest"] or any(map(str.isalnum, match["rest"]))):
            return NamedFilter(match["rest"].strip(), KINDS[match["kind"].lower()])
    return None


_POST_REQUEST = lazy_pattern(
    r"(?:の|に関する|についての|って|という)?(?:投稿|ツイート|ポスト|つぶやき|呟き)(?:一覧)?(?:[をは]?(?:全部|すべて|全て|ぜんぶ)?"
    r"(?:まとめて|教えて|見せて|みせて|探して|出して|一覧にして))?(?:ください|下さい|ほしい|欲しい|くれる?)?[。？?！!\s]*$|"
    r"[をは]?まとめて(?:ください|下さい|ほしい|欲しい|くれる?)?[。？?！!\s]*$"
)


def without_post_request(text: str) -> str:
    """A question without a request for posts of any kind at its end: ラーメンの投稿をまとめて becomes ラーメン.

    A question that is only such a request is returned unchanged.
    """
    rest = _POST_REQUEST.sub("", text, count=1).rstrip()
    return rest if any(sign.isalnum() for sign in rest) and not only_requests(parse(rest)) else text


# --- a host, a site, an archive

_LONGEST = 300
_HONORIFIC = "(?:さん|ちゃん|くん|君|氏|様)?"
_SAYS = "話し|話す|話題|言っ|言う|言及|紹介|取り上げ|取上|担当|解説|しゃべ|喋|語っ|語る|触れ|すすめ|お勧め|おすすめ"
_PAGES = "記事|投稿|まとめ|ページ|ブログ|スレ|ポスト|ニュース|リンク|動画"
_PLACED = "見|読|書|投稿|公開|紹介|話題|人気|流行|バズ|掲載|まとめ|上が"
_SITE = r"(?<![A-Za-z0-9.-])(?P<name>[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9])"
_SITES = (
    lazy_pattern(rf"{_SITE}の(?:{_PAGES})(?:[でにのをは、]|から|$)"),
    lazy_pattern(rf"{_SITE}(?:上)?(?:で|に)(?={_PLACED})"),
    lazy_pattern(
        rf"\b(?:posted |published |shared |written |hosted )?(?:on|at|from|via) {_SITE}(?![\w-]|(?-i: [A-Z]))",
        re.IGNORECASE,
    ),
    lazy_pattern(rf"{_SITE} (?:articles?|posts?|links?|pages?)\b(?: (?:about|on) )?", re.IGNORECASE),
)
_PERSON = r"(?P<name>[^\s、。,.?？「」『』]{2,24}?)"
_JAPANESE_SPEAKERS = (
    lazy_pattern(rf"(?:^|[\s、。]){_PERSON}{_HONORIFIC}[がは](?:[^\s、。]{{0,12}}で)?(?=(?:{_SAYS}))"),
    lazy_pattern(rf"(?:^|[\s、。]){_PERSON}{_HONORIFIC}の(?:担当)?(?:回|放送|配信)(?:[でにの、]|$)"),
    lazy_pattern(rf"(?:^|[\s、。]){_PERSON}{_HONORIFIC}が(?=.{{1,40}}?(?:{_SAYS}))"),
)
_WHO = r"(?P<name>[A-Za-z][\w'.-]*(?: (?-i:[A-Z])[\w'.-]*){0,3})"
_TALKS = "talk|talked|talks|say|said|says|mention|mentioned|cover|covered|discuss|discussed|recommend|recommended|think"
_ENGLISH_SPEAKERS = (
    lazy_pattern(rf"\b(?:did|does|do|has|have) {_WHO} (?=(?:ever |already )?(?:{_TALKS})\b)", re.IGNORECASE),
    lazy_pattern(rf"(?:^|\b(?:what|which|where|when|that|episodes?) ){_WHO} (?=(?:{_TALKS}) )", re.IGNORECASE),
    lazy_pattern(rf"\b(?:hosted|presented|told|recommended) by {_WHO}(?![\w'])", re.IGNORECASE),
    lazy_pattern(rf"\b{_WHO}(?:'s|’s) (?:episodes?|shows?)\b", re.IGNORECASE),
)
_ABSENT_SPEAKERS = (
    lazy_pattern(rf"\b(?:without|not hosted by|ohne|sin|sans|senza|sem|zonder) {_WHO}(?![\w'])", re.IGNORECASE),
    lazy_pattern(
        rf"(?:^|[\s、。]){_PERSON}{_HONORIFIC}(?:[がの](?:い|出てい|出)ない|抜きの|以外が(?:司会|担当)の)(?:{_EDITION})"
    ),
)
_ARCHIVE = lazy_pattern(
    r"(?:\b(?:in|on|from) (?P<after>.{2,40}?)(?=$|[?,.]| (?:about|on)\b))|(?P<before>\S{2,40}?)で(?=\S)"
)


def may_name_filter(text: str) -> bool:
    """Whether a question may name a host or a site: a cheap test before names are looked up."""
    return len(text) <= _LONGEST and any(
        pattern.search(text) for pattern in (*_SITES, *_ABSENT_SPEAKERS, *_JAPANESE_SPEAKERS, *_ENGLISH_SPEAKERS)
    )


def site_in(text: str, sites: Collection[str]) -> NamedFilter | None:
    """The one site that a question names, by its domain or its first word, as where links go. If nothing else is asked,
    the first word is a subject in English (``anything on trello``), but a site in Japanese (Qiitaの記事).
    """
    for name, rest in _named(text, _SITES):
        if "." not in name and not has_cjk(text) and only_requests(parse(rest)):
            continue
        named = [
            site for site in sites if name in {site, site.split(".")[0]} and site.count(".") == 1 + name.count(".")
        ]
        named = [name] if "." in name and name in sites else named if "." not in name else []
        if len(named) == 1:
            return NamedFilter(rest, named[0])
    return None


def speaker_in(text: str, hosts: Collection[str], *, absent: bool = False) -> NamedFilter | None:
    """The one host that a question names as the speaker, by the whole name or by its beginning or end; with ``absent``,
    the one whose episodes it leaves out.
    """
    spelled = {normalize(host): host for host in hosts}
    for name, rest in _named(text, _ABSENT_SPEAKERS if absent else (*_JAPANESE_SPEAKERS, *_ENGLISH_SPEAKERS)):
        sound = sounds(in_katakana(name))
        whole = [name] if name in spelled else [one for one in spelled if _is_part(name, one)]
        whole = whole or [one for one in spelled if sound and sounds(in_katakana(one)) == sound]
        if len(whole) == 1:
            return NamedFilter(rest, spelled[whole[0]])
    return None


def archive_in(text: str, archives: Collection[str]) -> NamedFilter | None:
    """The archive that a question names as the place to look in."""
    spelled = {normalize(archive): archive for archive in archives}
    for match in _ARCHIVE.finditer(text):
        name = normalize(match["after"] or match["before"]).removeprefix("the ").strip()
        if name in spelled:
            return NamedFilter(_without(text, match.start(), match.end()), spelled[name])
    return None


def _named(text: str, patterns: Collection[re.Pattern[str]]) -> Iterator[tuple[str, str]]:
    """Each name that one of ``patterns`` finds, normalised, with the question without the match."""
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield normalize(match["name"]), _without(text, match.start(), match.end())


def _without(text: str, start: int, end: int) -> str:
    return " ".join(f"{text[:start]} {text[end:]}".split())


def _is_part(name: str, whole: str) -> bool:
    """Whether a name is the beginning or the end of another, as a given name or a surname is."""
    return whole.startswith(name) or whole.endswith(name)

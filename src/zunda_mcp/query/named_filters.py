"""A host, a site or an archive that a question names in passing: Qiitaで紹介されたRAGの記事 asks for RAG among the
stories that link to Qiita, ``what did Wes say about Vite`` for Vite among the episodes that Wes hosts.

A name is taken for a filter only where the words around it say that it is a place or a person that speaks, and where
the archive has it as one. Whether the name of a site means the site is for the caller to find out: OpenAI is a company,
Qiita is where people write.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from zunda_mcp.query.parse import parse
from zunda_mcp.query.request import only_requests
from zunda_mcp.text.normalize import has_cjk, normalize

__all__ = ["NamedFilter", "archive_in", "may_name_filter", "site_in", "speaker_in"]

_LONGEST = 300
_HONORIFIC = "(?:さん|ちゃん|くん|君|氏|様)?"
_SAYS = "話し|話す|話題|言っ|言う|言及|紹介|取り上げ|取上|担当|解説|しゃべ|喋|語っ|語る|触れ|すすめ|お勧め|おすすめ"
_THINGS = "記事|投稿|まとめ|ページ|ブログ|スレ|ポスト|ニュース|リンク|動画"
_PLACED = "見|読|書|投稿|公開|紹介|話題|人気|流行|バズ|掲載|まとめ|上が"
_SITE = r"(?<![A-Za-z0-9.-])(?P<name>[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9])"
_SITES = (
    re.compile(rf"{_SITE}の(?:{_THINGS})(?:[でにのをは、]|から|$)"),
    re.compile(rf"{_SITE}(?:上)?(?:で|に)(?={_PLACED})"),
    re.compile(
        rf"\b(?:posted |published |shared |written |hosted )?(?:on|at|from|via) {_SITE}(?![\w-])", re.IGNORECASE
    ),
    re.compile(rf"{_SITE} (?:articles?|posts?|links?|pages?)\b(?: (?:about|on) )?", re.IGNORECASE),
)
_PERSON = r"(?P<name>[^\s、。,.?？「」『』]{2,24}?)"
_JAPANESE_SPEAKERS = (
    re.compile(rf"(?:^|[\s、。]){_PERSON}{_HONORIFIC}[がは](?:[^\s、。]{{0,12}}で)?(?=(?:{_SAYS}))"),
    re.compile(rf"(?:^|[\s、。]){_PERSON}{_HONORIFIC}の(?:担当)?(?:回|放送|配信)(?:[でにの、]|$)"),
    re.compile(rf"(?:^|[\s、。]){_PERSON}{_HONORIFIC}が(?=.{{1,40}}?(?:{_SAYS}))"),
)
_WHO = r"(?P<name>[A-Za-z][\w'.-]*(?: [A-Z][\w'.-]*){0,3}?)"
_TALKS = "talk|talked|talks|say|said|says|mention|mentioned|cover|covered|discuss|discussed|recommend|recommended|think"
_ENGLISH_SPEAKERS = (
    re.compile(rf"\b(?:did|does|do|has|have) {_WHO} (?=(?:ever |already )?(?:{_TALKS})\b)", re.IGNORECASE),
    re.compile(rf"(?:^|\b(?:what|where|when|that|episodes?) ){_WHO} (?=(?:{_TALKS}) )", re.IGNORECASE),
    re.compile(rf"\b(?:hosted|presented|told|recommended) by {_WHO}(?![\w'])", re.IGNORECASE),
    re.compile(rf"\b{_WHO}(?:'s|’s) (?:episodes?|shows?)\b", re.IGNORECASE),
)
_ARCHIVE = re.compile(
    r"(?:\b(?:in|on|from) (?P<after>.{2,40}?)(?=$|[?,.]| (?:about|on)\b))|(?P<before>\S{2,40}?)で(?=\S)"
)


class NamedFilter(NamedTuple):
    """A question without a name in it: ``rest`` is what is asked, ``name`` as the archive has it."""

    rest: str
    name: str


def may_name_filter(text: str) -> bool:
    """Whether the words of a question leave room for one; cheap, so that names are looked up where it is worth it."""
    return len(text) <= _LONGEST and any(
        pattern.search(text) for pattern in (*_SITES, *_JAPANESE_SPEAKERS, *_ENGLISH_SPEAKERS)
    )


def site_in(text: str, sites: Collection[str]) -> NamedFilter | None:
    """The one site that a question names by its domain or by the first word of it, as what is linked to. Where nothing
    else is asked, ``anything on trello`` is asked about it, and 記事 of it are all that it has.
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


def speaker_in(text: str, hosts: Collection[str]) -> NamedFilter | None:
    """The one host that a question names, wholly or by the beginning or the end of the name, as the one who speaks."""
    spelled = {normalize(host): host for host in hosts}
    for name, rest in _named(text, (*_JAPANESE_SPEAKERS, *_ENGLISH_SPEAKERS)):
        whole = [name] if name in spelled else [one for one in spelled if _is_part(name, one)]
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
    """Each name that stands as one of ``patterns`` has it, normalised, and the question without it."""
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield normalize(match["name"]), _without(text, match.start(), match.end())


def _without(text: str, start: int, end: int) -> str:
    return " ".join(f"{text[:start]} {text[end:]}".split())


def _is_part(name: str, whole: str) -> bool:
    """Whether a name is the beginning or the end of another, as a given name is."""
    return whole.startswith(name) or whole.endswith(name)

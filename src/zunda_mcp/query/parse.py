"""Parses a query: words, phrases, exclusions, alternatives, links and sites.

``"exact words"`` and 「…」 ask for a phrase, ``-word`` and ``-"a phrase"`` leave stories out, a URL asks for the
stories that link to it, ``site:zenn.dev`` for those that link to a domain. Everything else is words. Nothing that a
person can type is an error: an unclosed quote is an ordinary character, a lone hyphen is ignored.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from zunda_mcp.query import tuning
from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.urls import canonical_url, is_url, looks_like_domain, site

__all__ = ["Query", "Word", "domain_in", "parse", "site_name", "without_operators"]

_PIECE = re.compile(
    r"""(?P<minus>(?<!\S)[-−－])?                       # an exclusion, only where a word begins
        (?: "(?P<p1>[^"]+)" | “(?P<p2>[^”]+)” | 「(?P<p3>[^」]+)」 | 『(?P<p4>[^』]+)』   # a phrase
          | (?<![\w'’])['‘](?P<p5>\w[^'‘’"\s]{0,30}\s[^'‘’"\n]{0,160}?[\w.!?])['’](?!\w)  # of several words
          | (?P<url>https?://[^\s"「」『』、。）)]+)
          | (?P<op>site):(?P<value>[^\s"]+)
          | (?P<word>(?:[^\s"“”「」『』、。，．？！¿¡?!,;；：（）()\[\]［］{}<>＜＞【】…|]
                |(?<=\d),(?=\d{3}(?!\d)))+) )            # 1,500 is one number
    """,
    re.VERBOSE | re.IGNORECASE,
)
_QUOTED = r"\"[^\"]*\"|“[^”]*”|「[^」]*」|『[^』]*』"
_OR_SIGN = r"(?<=[\s)）])(?:OR|または)(?=[\s(（])|[|｜]"
_OR = re.compile(rf"{_QUOTED}|(?P<or>{_OR_SIGN})")
_SIGN = re.compile(rf"{_QUOTED}|(?P<sign>{_OR_SIGN}|(?<!\S)[-−－](?=\S))")
_GROUP = re.compile(r"[(（]([^()（）]*)[)）]")
_DOTTED = re.compile(r"\.[a-z][a-z0-9]+")  # .net
_TRIM = ".:'/_-~〜"


class Word(NamedTuple):
    """One part of a query: ``text`` is normalised, ``shown`` as typed. A ``phrase`` must occur exactly. ``either`` are
    alternatives: a story must contain all words of at least one.
    """

    text: str
    shown: str
    phrase: bool = False
    either: tuple[tuple[Word, ...], ...] = ()


class Query(NamedTuple):
    """A parsed query. ``hints`` are words that only help to order; an answer need not contain them. ``text`` is the
    query as typed, without what narrows it (exclusions, links, sites). ``cut``: it was longer than the part that was
    read. ``left_out`` are words in another language than the archive's, dropped because they may only ask.
    """

    words: tuple[Word, ...] = ()
    excluded: tuple[Word, ...] = ()
    urls: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    cut: bool = False
    text: str = ""
    hints: tuple[Word, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def only_words(self) -> bool:
        """Whether there is no phrase, exclusion, link or site."""
        return not (self.excluded or self.urls or self.sites or any(word.phrase for word in self.words))

    @property
    def empty(self) -> bool:
        """Whether nothing was asked for, so that everything is listed."""
        return not (self.words or self.excluded or self.urls or self.sites)


def parse(text: str) -> Query:
    """Parse what a person or a model typed. ``OR`` and ``|`` separate alternatives of the whole query, or of a part in
    parentheses. Never raises.
    """
    rest, groups = _without_alternatives(text[: tuning.MAX_QUERY_CHARS])
    query = _parse_words(rest)
    if not groups:
        return query._replace(cut=query.cut or len(text) > tuning.MAX_QUERY_CHARS)
    words = tuple(dict.fromkeys([*query.words, *groups]))[: tuning.MAX_WORDS]
    shown = " ".join(part for part in (query.text, *(word.shown for word in groups)) if part)
    return query._replace(words=words, text=shown)


def without_operators(text: str) -> str:
    """``text`` without its signs for alternatives and exclusions; an ``OR`` becomes an ordinary word."""
    return _SIGN.sub(lambda match: match["sign"].lower().strip("|｜-−－") or " " if match["sign"] else match[0], text)


def _without_alternatives(text: str) -> tuple[str, list[Word]]:
    """``text`` without its alternatives, and a word for each group of them."""
    groups: list[Word] = []

    def take(part: str) -> bool:
        """Add the alternatives in ``part`` to ``groups``; return whether there are any."""
        start, ends = 0, []
        for match in _OR.finditer(part):
            if match["or"]:
                ends.append((start, match.start()))
                start = match.end()
        parsed = [_parse_words(part[a:b]) for a, b in (*ends, (start, len(part)))] if ends else []
        either = tuple(dict.fromkeys(query.words for query in parsed if query.words))
        if len(either) < 2 or any(query.excluded or query.urls or query.sites for query in parsed):
            return False
        names = [" ".join(word.text for word in words) for words in either]
        shown = " ".join(word.shown for words in either for word in words)
        groups.append(Word(" or ".join(names), shown, either=either))
        return True

    rest = _GROUP.sub(lambda group: " " if take(group[1]) else group[0], text)
    if _OR.search(rest) and take(rest):
        return "", groups[-1:] if rest == text else groups
    return rest, groups


def _parse_words(text: str) -> Query:
    """Parse text that contains no alternatives: a query, or one alternative of it."""
    cut = len(text) > tuning.MAX_QUERY_CHARS
    words: list[Word] = []
    excluded: list[Word] = []
    urls: list[str] = []
    sites: list[str] = []
    text = text[: tuning.MAX_QUERY_CHARS]
    asking, at = "", 0
    for piece in _PIECE.finditer(text):
        if len(words) + len(excluded) >= tuning.MAX_WORDS:
            cut = True
            break
        phrase = piece["p1"] or piece["p2"] or piece["p3"] or piece["p4"] or piece["p5"]
        narrows = piece["op"] or piece["minus"] or piece["url"]
        asking, at = asking + text[at : piece.start() if narrows else piece.end()], piece.end()
        if piece["url"] and is_url(piece["url"]):
            urls.append(canonical_url(piece["url"]))
        elif piece["op"]:
            sites.append(site_name(piece["value"]))
        elif shown := phrase or piece["word"] or piece["url"]:
            word = _word(shown, phrase is not None)
            if word is not None:
                (excluded if piece["minus"] else words).append(word)
    asking += text[at:]
    return Query(tuple(dict.fromkeys(words)), tuple(excluded), tuple(urls), tuple(sites), cut, asking.strip())


def site_name(text: str) -> str:
    """The host that a site as typed names: without scheme, ``www.`` and capitals; "" if there is none."""
    return (site(normalize(text).strip().strip("/")) or "").strip(".")


def domain_in(word: Word) -> str | None:
    """The host that a word may name (``zenn.dev``, ``openai.com/blog``; also Node.js), or None."""
    return site(word.text) if looks_like_domain(word.text) else None


def _word(shown: str, phrase: bool) -> Word | None:
    text = normalize(shown).replace("\n", " ").strip()
    if not phrase:
        text = text if _DOTTED.fullmatch(text) else text.strip(_TRIM)
    return Word(text, shown.strip(), phrase) if any(c.isalnum() for c in text) else None

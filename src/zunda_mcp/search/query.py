"""What was asked, parsed: words, phrases, exclusions, links and sites.

``"exact words"`` and 「…」 ask for a phrase, ``-word`` and ``-"a phrase"`` leave stories out, a URL asks for the
stories that link to it, ``site:zenn.dev`` for a domain. Everything else is words. Nothing a person can type is an
error: an unclosed quote is an ordinary character, a lone hyphen is nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from zunda_mcp.search.question_words import is_asking
from zunda_mcp.text.links import canonical_url, is_url, looks_like_domain, site
from zunda_mcp.text.normalize import normalize

MAX_QUERY_CHARS = 2000
MAX_WORDS = 40

_PIECE = re.compile(
    r"""(?P<minus>(?<!\S)[-−－])?                       # an exclusion, only where a word begins
        (?: "(?P<p1>[^"]+)" | “(?P<p2>[^”]+)” | 「(?P<p3>[^」]+)」 | 『(?P<p4>[^』]+)』   # a phrase
          | (?P<url>https?://[^\s"「」『』、。）)]+)
          | (?P<op>site):(?P<value>[^\s"]+)
          | (?P<word>[^\s"“”「」『』、。，．？！?!,;；：（）()\[\]［］{}<>＜＞【】…|]+) )""",
    re.VERBOSE | re.IGNORECASE,
)
_TRIM = ".:'/_-~〜"


@dataclass(frozen=True, slots=True)
class Word:
    """One thing asked for: ``text`` is normalised, ``shown`` as typed; a ``phrase`` must stand as it is."""

    text: str
    shown: str
    phrase: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. ``text`` is the asking itself, as typed but for what narrows (exclusions, links, sites); ``cut``
    says that it was longer than what is looked at.
    """

    words: tuple[Word, ...] = ()
    excluded: tuple[Word, ...] = ()
    urls: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    cut: bool = False
    text: str = ""

    @property
    def asks_nothing(self) -> bool:
        """Whether there is nothing in it but words that make a question (投稿をまとめて)."""
        return self.empty or (self.only_words and all(is_asking(word.text) for word in self.words))

    @property
    def only_words(self) -> bool:
        """Whether it has plain words and nothing that narrows."""
        return not (self.excluded or self.urls or self.sites or any(word.phrase for word in self.words))

    @property
    def empty(self) -> bool:
        """Whether nothing was asked for, so that everything is listed."""
        return not (self.words or self.excluded or self.urls or self.sites)


def parse(text: str) -> Query:
    """Parse what a person or a model typed. Never raises."""
    cut = len(text) > MAX_QUERY_CHARS
    words: list[Word] = []
    excluded: list[Word] = []
    urls: list[str] = []
    sites: list[str] = []
    text = text[:MAX_QUERY_CHARS]
    asking, at = "", 0
    for piece in _PIECE.finditer(text):
        if len(words) + len(excluded) >= MAX_WORDS:
            cut = True
            break
        phrase = piece["p1"] or piece["p2"] or piece["p3"] or piece["p4"]
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
    """A site as typed (a URL, ``www.``, capitals) as the host it names."""
    return (site(normalize(text).strip().strip("/")) or "").strip(".")


def domain_in(word: Word) -> str | None:
    """The host a plain word may name (``zenn.dev``, ``openai.com/blog``), to be looked up before it is believed."""
    return site(word.text) if looks_like_domain(word.text) else None


def _word(shown: str, phrase: bool) -> Word | None:
    text = normalize(shown).replace("\n", " ").strip()
    if not phrase:
        text = text.strip(_TRIM)
    return Word(text, shown.strip(), phrase) if any(c.isalnum() for c in text) else None

"""Words that make a question but not its subject, in English and Japanese.

They are left out of a query only where something else remains. The English ones are the classic stop list of
van Rijsbergen ("Information Retrieval", 1979) cut down to what questions hold, and the words for the archive itself.

What was asked, parsed: words, phrases, exclusions, links and sites.

``"exact words"`` and 「…」 ask for a phrase, ``-word`` and ``-"a phrase"`` leave stories out, a URL asks for the
stories that link to it, ``site:zenn.dev`` for a domain. Everything else is words. Nothing a person can type is an
error: an unclosed quote is an ordinary character, a lone hyphen is nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from zunda_mcp.query import tuning
from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.urls import canonical_url, is_url, looks_like_domain, site

__all__ = ["Query", "Word", "domain_in", "is_question_word", "parse", "site_name", "without_post_request"]

_ENGLISH = """
    a about above after again against all also am among an and another any anybody anyone anything are around as ask
    at be became because become been before being below besides between both but by came can could cover covered
    covering covers did discuss discussed do does doing done during each either else ever every everything explain
    explained explains feature featured few find for from further gave get gets getting give given go goes going got
    had has have having he hear heard her here him his how however i if in instead into is it its itself just keep
    kind let like list made make makes many may me mention mentioned mentions might mine more most much must my
    myself no nobody nor not nothing of off often on once one only onto or other others our ours out over own please
    podcast put rather really said same say says see seen several she should show shows since so some somebody
    somehow someone something sometimes still such summarise summarize talk talked talking talks tell than thank
    that the their theirs them themselves then there these they thing things this those though through thus to
    together too topic topics toward towards under until up upon us very via want wants was way ways we well were
    what whatever when whenever where whether which while who whoever whole whom whose why will with within without
    would you your yours yourself episode episodes story stories post posts tweet tweets
"""
_JAPANESE = """
    話 話題 回 紹介 記事 番組 放送 配信 放送回 配信回 エピソード ポッドキャスト ストーリー
    ニュース 何 内容 件 どれ どの いつ どこ 誰 解説 教 言及 聞 知 探 最近 教え 聞い 知り 探し 方法 取り上げ 取上
    投稿 ツイート つぶやき 呟き ポスト まとめ まとめて 一覧
"""
_ASKING = re.compile(
    r"(?:の|を|は|に|が|で|した|について|全部|すべて|全て|ぜんぶ|ください|下さい|ほしい|欲しい|見せて|みせて|出して|"
    + "|".join(sorted(_JAPANESE.split(), key=len, reverse=True))
    + r")+"
)

QUESTION_WORDS = frozenset(_ENGLISH.split() + _JAPANESE.split())


_REQUEST = re.compile(
    r"(?:の|に関する|についての|って|という)?(?:投稿|ツイート|ポスト|つぶやき|呟き)(?:一覧)?(?:[をは]?(?:全部|すべて|全て|ぜんぶ)?"
    r"(?:まとめて|教えて|見せて|みせて|探して|出して|一覧にして))?(?:ください|下さい|ほしい|欲しい|くれる?)?[。？?！!\s]*$|"
    r"[をは]?まとめて(?:ください|下さい|ほしい|欲しい|くれる?)?[。？?！!\s]*$"
)


def without_post_request(text: str) -> str:
    """A question without the request for posts at its end: ラーメンの投稿をまとめて is ラーメン.

    It stays as it is where nothing else would remain.
    """
    rest = _REQUEST.sub("", text, count=1).rstrip()
    return rest if any(sign.isalnum() for sign in rest) and not is_asking(rest) else text


def is_asking(text: str) -> bool:
    """Whether normalised text is nothing but such words and the grammar between them (投稿をまとめて)."""
    return text in QUESTION_WORDS or _ASKING.fullmatch(text) is not None


def is_question_word(text: str) -> bool:
    """Whether a normalised word belongs to the asking rather than to what is asked about."""
    return text in QUESTION_WORDS


_PIECE = re.compile(
    r"""(?P<minus>(?<!\S)[-−－])?                       # an exclusion, only where a word begins
        (?: "(?P<p1>[^"]+)" | “(?P<p2>[^”]+)” | 「(?P<p3>[^」]+)」 | 『(?P<p4>[^』]+)』   # a phrase
          | (?P<url>https?://[^\s"「」『』、。）)]+)
          | (?P<op>site):(?P<value>[^\s"]+)
          | (?P<word>[^\s"“”「」『』、。，．？！¿¡?!,;；：（）()\[\]［］{}<>＜＞【】…|]+) )""",
    re.VERBOSE | re.IGNORECASE,
)
_OR = re.compile(r"\"[^\"]*\"|“[^”]*”|「[^」]*」|『[^』]*』|(?P<or>(?<=[\s)）])(?:OR|または)(?=[\s(（])|[|｜])")
_GROUP = re.compile(r"[(（]([^()（）]*)[)）]")
_TRIM = ".:'/_-~〜"


@dataclass(frozen=True, slots=True)
class Word:
    """One thing asked for: ``text`` is normalised, ``shown`` as typed; a ``phrase`` must stand as it is. ``either`` are
    alternatives, of which one must be held, each with all of its words.
    """

    text: str
    shown: str
    phrase: bool = False
    either: tuple[tuple[Word, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. ``hints`` are words that help to order and that no answer must hold. ``text`` is the asking
    itself, as typed but for what narrows (exclusions, links, sites); ``cut`` says that it was longer than what is
    looked at.
    """

    words: tuple[Word, ...] = ()
    excluded: tuple[Word, ...] = ()
    urls: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    cut: bool = False
    text: str = ""
    hints: tuple[Word, ...] = ()

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
    """Parse what a person or a model typed: ``OR`` and ``|`` stand between alternatives, of the whole query or of a
    part in parentheses. Never raises.
    """
    rest, groups = _without_alternatives(text[: tuning.MAX_QUERY_CHARS])
    query = _parse_words(rest)
    if not groups:
        return replace(query, cut=query.cut or len(text) > tuning.MAX_QUERY_CHARS)
    words = tuple(dict.fromkeys([*query.words, *groups]))[: tuning.MAX_WORDS]
    shown = " ".join(part for part in (query.text, *(word.shown for word in groups)) if part)
    return replace(query, words=words, text=shown)


def _without_alternatives(text: str) -> tuple[str, list[Word]]:
    """``text`` without its alternatives, and these as words."""
    groups: list[Word] = []

    def take(part: str) -> bool:
        """Whether ``part`` is alternatives; they are then among ``groups``."""
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
    """Parse a query or an alternative of one, which holds no alternatives."""
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

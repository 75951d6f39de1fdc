"""Words that make a question but not its subject, in English and Japanese.

They are left out of a query only where something else remains. The English ones are the classic stop list of
van Rijsbergen ("Information Retrieval", 1979) cut down to what questions hold, and the words for the archive itself.
"""

from __future__ import annotations

import re

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


def without_request(text: str) -> str:
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

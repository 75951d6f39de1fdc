"""Words that make a question but not its subject, in English and Japanese.

They are left out of a query only where something else remains. The English ones are the classic stop list of
van Rijsbergen ("Information Retrieval", 1979) cut down to what questions hold, and the words for the archive itself.
"""

from __future__ import annotations

_ENGLISH = """
    a about all an and any are as at be been by can could cover covered covering covers did discuss discussed do does
    episode episodes explain explained explains feature featured find for from get give had has have hear heard how i
    in is it its list me mention mentioned mentions my of on or please podcast said say show shows some stories story
    talk talked talking tell that the their them there these they this those to topic topics us was we were what when
    where which who why will with would you your
"""

_JAPANESE = """
    話 話題 回 紹介 記事 番組 放送 配信 放送回 配信回 エピソード ポッドキャスト ストーリー
    ニュース 何 内容 件 どれ どの いつ どこ 誰 解説 教 言及 聞 知 探 最近
"""

QUESTION_WORDS = frozenset(_ENGLISH.split() + _JAPANESE.split())


def is_question_word(text: str) -> bool:
    """Whether a normalised word belongs to the asking rather than to what is asked about."""
    return text in QUESTION_WORDS

"""Words that make a question but not its subject, in English and Japanese.

They are left out of a query only where something else remains. The English ones are the classic stop list of
van Rijsbergen ("Information Retrieval", 1979) cut down to what questions hold, and the words for the archive itself.
"""

from __future__ import annotations

import re

ENGLISH = frozenset(
    """a about all an and any are as at be been by can could cover covered covering covers did do does episode episodes
    explain explained explains find for from get give had has have how i in is it its list me mention mentioned mentions
    my of on or please podcast show shows some stories story talk talked talking tell that the their them there these
    they this those to topic topics us was we were what when where which who why will with would you your discussed
    discuss featured feature said say heard hear""".split()
)

JAPANESE = frozenset(
    """話 話題 回 紹介 記事 番組 放送 配信 放送回 配信回 エピソード ポッドキャスト ストーリー ニュース 何 内容 件 どれ どの いつ どこ 誰 解説 教 言及
    聞 知 探 最近""".split()
)

#: The grammar around the subject of a Japanese question: particles and verb endings in hiragana between content words.
FUNCTION_KANA = re.compile(r"[ぁ-ゖー]+")


def is_question_word(text: str) -> bool:
    """Whether a normalised word belongs to the asking rather than to what is asked about."""
    return text in ENGLISH or text in JAPANESE

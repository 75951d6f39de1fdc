"""What a question says of the kind of posts it wants: ブックマークしたLLMの記事 asks for LLMの記事 among the bookmarks.

Only words that name likes, bookmarks or reposts, at the edges of a question, together with what says that they are
somebody's (``I liked``, ``いいねした``) or that they are many (``likes about``). 投稿 and ``posts`` name all kinds.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_KINDS = {
    "like": "like", "liked": "like", "favorite": "like", "favourite": "like", "favorited": "like", "faved": "like",
    "bookmark": "bookmark", "bookmarked": "bookmark", "saved": "bookmark", "repost": "repost", "reposted": "repost",
    "retweet": "repost", "retweeted": "repost", "いいね": "like", "ふぁぼ": "like", "ブックマーク": "bookmark",
    "ブクマ": "bookmark", "リポスト": "repost", "リツイート": "repost", "rt": "repost",
}  # fmt: skip
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
_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (*_ALONE, *_WHOLE))
_END = "?？!！。. "


class Kinded(NamedTuple):
    """A question without the kind it names: ``rest`` is what is asked."""

    rest: str
    kind: str


def split_kind(text: str) -> Kinded | None:
    """Take a kind of posts off a question; None where it names none. ``rest`` may be empty. Never raises."""
    text = text.strip().rstrip(_END)
    if len(text) > 200:
        return None
    for pattern in _PATTERNS:
        if (found := pattern.fullmatch(text)) and (not found["rest"] or any(map(str.isalnum, found["rest"]))):
            return Kinded(found["rest"].strip(), _KINDS[found["kind"].lower()])
    return None

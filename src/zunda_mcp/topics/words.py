"""Closed lists: words of grammar and residue of markup. No names, no subjects, nothing learnt from an archive."""

from __future__ import annotations

_ENGLISH = """
a about above across actually after again against all almost along already also although always am among an and
another any anyone anything are around as ask at away back be became because become been before behind being below
best better between beyond big both bring but by call came can can't cannot come could day days did didn't different
do does doesn't doing don't done down during each early easy either else enough etc even ever every everyone
everything few find first for found from full further gave get gets getting give given go goes going gone good got
great guide had has have having he hello her here hers herself hey hi him himself his how however i if important in
instead into is isn't it it's its itself join just keep kind know last later latest learn least less let let's like
little look lot made make makes making many may maybe me meet might mine more most much must my myself near need
never new next no nobody none nor not nothing now of off often oh ok okay old on once one only onto or other others
our ours out over own part people perhaps please put quite rather re read really right said same say says second see
seem seen set several shall she should show shows simple since so some somebody someone something sometimes soon
still stop such take taken tell than thank thanks that that's the their theirs them then there there's these they
they're thing things think third this those though three through thus till time times to today together tomorrow too
top toward try trying turn two under until up upon us use used useful user users uses using very via vs want wants
was wasn't watch way ways we we're welcome well went were what what's whatever when where whether which while who
who's whole whom whose why will with within without won't would wow yeah year years yes yesterday yet you you're
your yours yourself
january february march april june july august september october november december jan feb mar apr jun jul aug sep
sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun
introduction intro introducing overview summary announcing announcement note notes part chapter figure fig table
vol no ver ch qa faq tips
"""

_MARKUP = "http https www com org net html htm amp nbsp quot utm href src img png jpg jpeg gif svg md pdf url urls ref rss"

_JAPANESE = """
タイトル 要約 引用元 まとめ 出典 参考 概要 本記事 記事 詳細 以下 以上 場合 時間 今回 前回 次回 最近 現在 今後 本日 昨日 今日
明日 今年 昨年 来年 今月 先月 来月 今週 先週 来週 毎日 毎月 毎年 一方 一部 一般 一番 一度 一緒 一般的 具体的 結果 理由 目的
方法 必要 可能 可能性 重要 重要性 主要 主 特徴 特定 同時 同様 同社 同氏 当社 弊社 自分 自身 自分自身 自体 全体 全部 全員 皆様 皆
人々 我々 私達 彼等 何故 何度 誰 誰でも 際 時 点 他 中 前 後 上 下 内 外 間 等 的 化 型 性 用 例 数 多数 複数 大量 大幅
最大 最小 最高 最適 最新 最後 最初 最終 最終的 最終的に 最大限 以前 以降 以外 以内 未満 程度 非常 基本 基本的 実際 実際的
"""

FUNCTION_WORDS = frozenset(_ENGLISH.split())
"""English words of grammar, of time and of address, in lower case: none begins, ends or is a name by itself."""

RESIDUE = frozenset(_MARKUP.split())
"""What addresses and markup leave behind."""

JAPANESE_FUNCTION = frozenset(_JAPANESE.split())
"""Japanese words of reference, time and degree, and the headings a digest puts over its text."""

CONNECTORS = frozenset({"of"})
"""Lower-case words that may stand inside a Latin name."""

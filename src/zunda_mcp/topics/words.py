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

_MARKUP = (
    "http https www com org net html htm amp nbsp quot utm href src img png jpg jpeg gif svg md pdf url urls ref rss"
)

_JAPANESE = "タイトル 引用元 本記事 当記事 本稿 一般的 具体的 可能性 自分自身"

FUNCTION_WORDS = frozenset(_ENGLISH.split())
"""English words of grammar, of time and of address, in lower case: none begins, ends or is a name by itself."""

RESIDUE = frozenset(_MARKUP.split())
"""What addresses and markup leave behind."""

JAPANESE_FUNCTION = frozenset(_JAPANESE.split())
"""Words by which a Japanese digest speaks of itself, and words of degree."""

CONNECTORS = frozenset({"of"})
"""Lower-case words that may stand inside a Latin name."""

"""The tuned numbers of queries, from parsing to ranking, each with its unit, its effect and the source of its value.
Those of the index are in ``zunda_mcp.index.index_tuning``.

"Judged" marks a value that was set by the judged queries (``make quality``), because it changes which stories are found
or their order; whoever changes it shows that table before and after. "Judgement" marks a reasonable choice that was
never measured. A *share* is a number from 0 to 1, and so is a *likeness*: 1 means identical. A *frequency* is a number
of stories.
"""

from __future__ import annotations

# --- parsing

#: Most characters and words that are read of a query. Judgement: a pasted page is not a query, and words cost time.
MAX_QUERY_CHARS, MAX_WORDS = 2000, 40

# --- words and their forms, see ``zunda_mcp.engine.terms``

#: Share of its impact that a word gains if it is a whole run of Japanese and not only a part of one. Judged.
RUN_SHARE = 0.35
#: Share of an exact match for another spelling of katakana, or the other number of an English noun. Judged.
VARIANT_SHARE = 0.8
#: Share of an exact match for a word with other accents, or with none. Judgement: the same as for another spelling.
ACCENT_SHARE = 0.8
#: Fewest characters of the shorter half of a word that others write as two words, and of the whole word. Judgement: a
#: single letter, or a half of a shorter word, is a word by chance.
MIN_SPLIT, MIN_SPLIT_WORD = 2, 5
#: When no more candidates than this are left for a phrase, their texts are read instead of further postings. Speed
#: only: a text takes about as long to read as a short list.
FEW_TEXTS = 24
#: Most bytes of clauses, mostly postings, that one field of a generation caches. Memory only: the clauses of all judged
#: queries and questions take about as much.
CACHED_CLAUSE_BYTES = 16_000_000

# --- segmentation, see ``segmentation`` and ``plan``

#: Most characters of a word that is never cut: there is nothing to cut.
MAX_WHOLE = 2
#: Fewest characters of a katakana word inside a longer run: shorter ones occur in others by chance. Judgement.
MIN_KATAKANA_PIECE = 3

# --- planning, see ``plan``

#: Weight of the bigrams of a run that the archive lacks: each counts its information times this, divided by the square
#: root of their number. Judged.
LOOSE_WEIGHT = 0.5
#: Most words of a row of Latin words that are looked for side by side. Names are not longer, and the number of rows
#: grows with the square of this.
MAX_NAME_WORDS = 4
#: If at least this share of the stories with all words of a row have them side by side, a full match must. Judged.
ONE_NAME_SHARE = 0.5
#: Share of the stories from which on a word counts as being everywhere: with it, another word is at most twice as
#: frequent as by chance. In the first show AI is in .69 of the stories, LLM in .32.
EVERYWHERE_SHARE = 0.5
#: Fewest stories with another name of a word next to such a word, for that name to count: one is chance (お座りAI).
LEAST_BESIDE = 2
#: Zipf value from which on a word is ordinary: once in 600,000 words (inflection 3.0, stability 4.0, scale 4.7).
ORDINARY_ZIPF = 3.2
#: Weight of an absent word in lower-case Latin letters if the query is not in the archive's language. Judged on English
#: queries over a Japanese archive.
ORDINARY_WEIGHT = 0.5
#: Shares from which on an expansion by meaning counts as the same word; the second is for a single kanji. As cosines
#: they are 0.77 and 0.83 (see ``MEANING_SHARE``). Judged.
SURE_SHARE, SURE_KANJI_SHARE = 0.40, 0.45

# --- expansion, see ``zunda_mcp.engine.expander``

#: Share of an exact match that each kind of expansion is worth; that of a sound or a misspelling is multiplied by the
#: likeness of the words. Judgement: an alias and a gloss come first, because somebody states them.
ALIAS_SHARE, GLOSS_SHARE, DICTIONARY_SHARE, FORM_SHARE, SOUND_SHARE, TYPO_SHARE = 0.95, 0.9, 0.75, 0.75, 0.8, 0.8
#: Least likeness of sound for a word of the other script to expand a Latin word, and a katakana word, whose sounds are
#: coarser. Judged on variants of spelling.
SOUND_LIKENESS, KATAKANA_SOUND_LIKENESS = 0.82, 0.87
#: The same if the keys of consonants differ by one, and for keys of at most ``SHORT_SOUND_KEY`` consonants, which many
#: words share. Judged on variants of spelling.
NEAR_SOUND_LIKENESS = 0.8
SHORT_SOUND_LIKENESS, SHORT_SOUND_KEY = 0.9, 2
#: Fewest consonants of a key for which keys that differ by one consonant are looked up as well. Judgement.
MIN_NEAR_SOUND_KEY = 5
#: Likeness of sound from which on a word and its katakana in the dictionary are one word, however frequent (user and
#: ユーザー: .72); the same for katakana that the dictionary lacks, and the fewest consonants of its key. The second
#: finds 20 pairs in 1,991 Japanese stories, one of them wrong; at .94 it finds 36, seven of them wrong.
GLOSSED_LOAN_LIKENESS, LOAN_LIKENESS, MIN_LOAN_KEY = 0.7, 0.96, 4
#: If another gloss of the katakana sounds like it nearly as much, to within this difference, either may be its origin.
#: Judgement: light and right differ by less.
ORIGINS_APART = 0.05
#: Fewest characters of a word in hiragana, or in Latin letters, that is looked for in the other of these scripts.
#: Judgement: a shorter one may be grammar (made, まで).
MIN_ROMANIZED = 4
#: Likeness of sound from which on a word may differ by two slips, even if its length allows only one. Judgement.
SAME_SOUND_LIKENESS = 0.97
#: A word of the other script is rejected if a rival of the typed word sounds more like it by more than this. Judgement:
#: no more than an error of rounding.
SOUND_TIE = 0.02
#: Least likeness of sound between a word of general English and katakana that the dictionary lacks. For 700 English
#: words drawn at random it rejects 11 of 17 false pairs; claude and クロード have .887.
GENERAL_SOUND_LIKENESS = 0.88
#: How many glosses of a Japanese word count as the same thing; the dictionary lists the nearest first. Judged without
#: vectors: nDCG@10 .688 with none, .698 with one, .699 with two, three or all.
FIRST_GLOSSES = 2
#: Fewest letters of a word that a longer one is cut into, or of a singular; and of a word that is cut. Judgement.
MIN_WORD, MIN_RUN_TOGETHER = 3, 8
#: A word of more letters than the first may have one slip, of more than the second two. Judgement.
ONE_SLIP_LENGTH, TWO_SLIPS_LENGTH = 5, 8
#: Least likeness of sound of each word of a row and its own stretch of a name; and the Zipf value from which on a word
#: is grammar, which no such row contains. Of the rows of 133 judged and foreign questions, the two together leave only
#: those that are the name (supply chain, vibe coding).
IN_TURN_LIKENESS, GRAMMAR_WORD = 0.8, 6.0
#: The same likeness if dots cut the name into as many words (リーナス・トーバルズ: .76). Judgement.
WORD_BY_WORD_LIKENESS = 0.75
#: Zipf value from which on a word is common: a word that general language lacks is not a form of it (Fastly and fast).
#: Judgement: the same value as ``COMMON`` in ``word_kinds``.
COMMON_ZIPF = 4.2
#: How much each slip reduces the share of a misspelling: by this part of it. Judgement.
SLIP_COST = 0.1
#: Most expansions of one word. Judgement: as many as an answer can name.
MAX_EXPANSIONS = 4
#: Frequency up to which a word counts as nearly absent: it may itself be a slip. Judgement.
HARDLY_THERE = 2
#: Expansions by likeness are tried if at most one story in this many has the word. Judgement.
SELDOM = 4
#: How many times as frequent as the typed word a word like it must be to replace it. Judgement.
RARER = 2
#: To replace a typed word that is not nearly absent, another must be in the same stories this many times as often as by
#: chance, and in this share of the typed word's stories. Judgement.
STANDS_FOR_LIFT, STANDS_FOR_SHARE = 2.0, 0.2
#: Most characters of katakana in the dictionary that expands a word only as a whole run or dotted word: such short
#: words occur in others by chance.
SHORT_KATAKANA = 4
#: An archive is Japanese if one story in this many has した, the end of most verbs in the past. Judgement.
IN_JAPANESE = 20
#: Most words whose expansions are cached. Memory only.
CACHED_EXPANSIONS = 4096
#: Most bytes of a file of aliases. A bound, far above what a person writes.
MAX_ALIASES_BYTES = 8 * 1024 * 1024

# --- words in the same stories, see ``zunda_mcp.engine.association``

#: Least and greatest frequency of a word that is associated with others: one story proves nothing.
MIN_ASSOCIATED_STORIES, MAX_ASSOCIATED_STORIES = 2, 100
#: Share of a word's stories that must have the other word. Judged on English queries over a Japanese archive.
MIN_TOGETHER_SHARE = 0.3
#: The other word is in at most one story in this many: a word in every story goes with any other. Judgement.
ASSOCIATED_RARITY = 4
#: Most associated words of one word, and the share of an exact match for one in all of its stories. Judged.
MAX_ASSOCIATED_WORDS, ASSOCIATED_SHARE = 2, 0.5
#: Share of an exact match for the dictionary's word for a foreign one that the archive has as well, and how many
#: glosses count. Judged without vectors, on the same queries and 37 others: nDCG@10 .720/.553 at a share of .35,
#: .724/.593 at .5, .722/.576 at .75; .722/.575 with two glosses, .724/.564 with nine.
GLOSSED_SHARE, NEAR_GLOSSES = 0.5, 4
#: Most words whose associations are cached. Memory only.
CACHED_ASSOCIATIONS = 2048

# --- meaning, see ``zunda_mcp.engine.semantic``

#: Cosine from which on one word may expand another, and how many words expand one at most. Judged.
MIN_WORD_LIKENESS, MAX_NEAR_WORDS = 0.6, 8
#: Share of an exact match for a word of cosine 1, and the cosine at which the share is 0; linear in between. Judged.
MEANING_SHARE, MEANING_ZERO = 0.6, 0.3
#: Most questions, and most words, whose vectors are cached. Memory only: 2 kB each.
CACHED_VECTORS = 1024
#: Most bytes of cached rankings by meaning, and bytes of one document in them. Memory only: about a hundred questions.
CACHED_RANKED_BYTES, RANKED_BYTES = 2_000_000, 128

# --- ranking, see ``zunda_mcp.engine.ranking``

#: With at least this many full matches no near ones are looked for: they fill a first page.
ENOUGH_FULL = 10
#: Most stories that are listed if some are full matches, and if none is. Judgement: two pages, five pages.
MAX_WITH_FULL, MAX_WITHOUT_FULL = 20, 50
#: Least share of the query's information in a near match. Judgement.
MIN_NEAR_SHARE = 0.1
#: The score of a near match is multiplied by that share to this power. Judged.
COORDINATION_POWER = 0.5
#: What a word with a similar meaning counts towards that share, against 1 for the word itself. Judged.
LIKENESS_HELD = 0.5
#: These change speed (``make bench``), never results: a heap beats sorting below one in this many of a list; most
#: clauses that are combined into groups; most postings that are sorted by impact; how many candidates are few; most
#: postings of a boost that are all scored; and how many candidates are scored first.
HEAP_PART, MAX_COMBINED, MAX_SORTED_POSTINGS, FEW_CANDIDATES, SHORT_BOOST, FIRST_CANDIDATES = (
    8,
    4,
    20_000,
    256,
    2_000,
    64,
)
#: How much a bound is lowered, so that rounding excludes nothing: single precision, scores below 100.
ROUNDING = 1e-6
#: Share of an exact match for a word that is only spoken. Judgement.
SPOKEN_SHARE = 0.4
#: Bytes of normalised text before and after a spoken word that are compared with other episodes, to see if they say the
#: same: about six words of a language with spaces. Judgement.
CONTEXT = 36
#: What at least this many episodes say in the same words is an advertisement or a standing phrase. Judgement.
RECURRING = 3
#: Share of its score that such a passage keeps. Judgement: low enough to come after all others.
RECURRING_SHARE = 0.3
#: Least share of the weight of a question's words in a passage that is a near match. Judgement.
NEAR_SPOKEN_SHARE = 0.5
#: Least share of an expansion by meaning between Latin words of which general language lacks one. In 300 talks the
#: words nearest to the name zulip are aas and ellis, at .29; the judged queries do not change.
UNKNOWN_MEANING_SHARE = 0.3
#: What a word counts in a passage if it is spoken in another passage of the episode. Judgement: for a name and two
#: common words, the passages of the one talk about the name come before those of another talk with both common words.
ELSEWHERE_SHARE = 0.5
#: Most windows of passages that are ranked by meaning, however near. Of 3,404 windows the nearest is, in the median,
#: 1.3 times as near as by chance for 26 questions with an answer, and 1.2 times for 15 without.
MAX_NEAR_WINDOWS = 50
#: Most near passages that are listed. Judgement.
MAX_NEAR_SPOKEN = 5
#: Words of a question are spoken together within this many bytes of normalised speech for each of them: about ten words
#: of English, or half a sentence of Japanese. Judgement.
SPOKEN_TOGETHER = 60
#: How many of the best passages are checked for that. A bound of time: a text is read for each.
MAX_COMPARED = 200

# --- fusion, see ``zunda_mcp.engine.fusion``

#: The share of the query that a story contains, to this power, is added to its score. Judged.
HELD_POWER = 2
#: Weight of the names of the query that a story contains, in any spelling. Judged: nDCG@10 .820 without, .825 at a
#: quarter, .828 at a half, .824 at one.
NAME_PULL = 0.5
#: Weight of meaning next to words, and what is added to it if no story contains any word of the query; both for a
#: nearness of ``MEANING_DEVIATIONS`` standard deviations. Judged.
MEANING_WEIGHT, MEANING_UNHELD_WEIGHT, MEANING_DEVIATIONS = 1.0, 6.0, 6.0
#: Weight of nearness in meaning to the first stories, and the number of these. Judged.
VECTOR_PULL, VECTOR_PULLING = 0.5, 4
#: Most stories that are ranked by meaning, and most full matches that are ordered again. Bounds of time.
MAX_BY_MEANING, MAX_FUSED_FULL = 100, 500
#: A story does not answer if it contains a smaller share of the query's words than the first, and its meaning is less
#: near than the second, in standard deviations. Judged.
MIN_HELD, MIN_NEARNESS = 0.1, 2.5
#: Weight of the terms that the first stories share, the number of these stories, and most terms. Judged.
TERM_PULL, TERM_PULLING, FEEDBACK_TERMS = 0.4, 5, 10
#: Such a term is in at most one of this many stories of all, and in at least this many of the first ones. Judgement.
FEEDBACK_RARITY, MIN_SHARED_BY = 10, 2

# --- what is asked, apart from how

#: Share of its weight that a common word next to a name keeps: it only helps to order. Judgement.
HINT_WEIGHT = 0.25

# --- titles of episodes

#: Episodes whose titles contain the query come first if there are at most this many, and they are at most this share of
#: all. Judgement: titles that more episodes share contain the name of the show or of a series.
MAX_TITLED, MAX_TITLED_SHARE = 20, 0.5
#: A query of at least this many characters that is in a title was copied from it, so its signs are not operators (in a
#: shorter one, ``A | B`` may be either). Judgement.
MIN_TITLE = 20
#: How many of the first stories are checked for a title that is the query. Of 700 titles, each typed word for word, 6
#: were not first but second or third.
TITLES_LOOKED_AT = 10

# --- what answers, and what is merely near

#: If at least this share of a query's information is absent from the archive, stories with the rest do not answer.
#: Judged on queries without an answer. At .38 a question of the sample that has an answer gets none; at .385 one of six
#: open questions without an answer gets one.
ABSENT_SHARE = 0.385
#: Most words of a query for which that is decided without vectors: a longer one is a sentence, and a word may be absent
#: by chance.
MAX_JUDGED_SUBJECTS = 6
#: However much is absent, a story answers if it is this many times as near as the nearest of so many would be by
#: chance; and the same if there is nothing but names, of which the embedder knows little. Calibrated on 133 questions
#: over six archives, then measured on 365 others over twelve (docs/quality.md), and judged.
SURELY_NEAR, SURELY_NEAR_NAME = 1.4, 1.6
#: The same factor for the windows of passages, by the deviations of a question's own cosines. Judged.
SURELY_NEAR_SPOKEN = 1.6
#: How many stories are compared with each other to measure that nearness. A bound of time.
SPREAD_SAMPLE = 128
#: Most words of a query that may be a name with a few other words. In a longer one, a sentence, absent ordinary words
#: of a foreign language count half, and words that are found only in translation not at all. Judged.
MAX_NAMED_SUBJECTS = 4
#: Most near stories that are shown if nothing answers. Judgement.
MAX_NEAR = 3
#: Stories on the first page if there are more full matches than one page lists. Judgement.
FIRST_OF_MANY = 20
#: A word is distinctive if at most one story in this many contains it. Judgement.
DISTINCTIVE = 8
#: Stories on the first page if a question asks for the first or the last, or for a number of stories too great to list:
#: the header has the days and the numbers. Judgement.
FIRST_FEW = 5
#: Fewest stories on a first page that lists all that speak the words close together. Judgement.
FIRST_TOGETHER = 10
#: Most near stories listed after full matches, and after one that surely answers. Judgement.
BESIDE_FULL, BESIDE_SURE = 3, 2
#: Most stories listed if none is a full match, and the least share of the best score that they have. Judged: in the
#: open questions neither more stories nor lower scores gave another answer.
CLOSEST, CLOSEST_SHARE = 6, 0.5
#: A word is a name if its Zipf value is below this: 3.5 is once in 300,000 words. If no story is a full match, at most
#: this many that contain the names of the query are listed as well. Judged on the open questions.
NAME_ZIPF, MAX_NAMED = 3.5, 12
#: The first story surely answers if its score is this many times the second's; a near story is listed if its score
#: times this exceeds the best. Judged: wherever this holds in the 70 judged queries, the first story is relevant.
SURE_RATIO = 1.5
#: Most words with expansions, most absent words, and most expansions of one word that an explanation names. Judgement.
MAX_EXPLAINED_EXPANSIONS, MAX_EXPLAINED_MISSING, MAX_EXPLAINED_OTHERS = 3, 4, 2

# --- related stories, see ``zunda_mcp.engine.similar``

#: Most terms of a story by which related stories are looked for, and fewest of them that a related story shares.
#: Robertson ("On term selection for query expansion", 1990) advises few; the numbers are judgement.
RELATED_TERMS, MIN_RELATED_SHARED = 30, 3
#: What each standard deviation of nearness adds to a best score of 1 by terms, and how many do not count. Judgement.
RELATED_MEANING_WEIGHT, MIN_RELATED_NEARNESS = 0.2, 2.0

# --- quotes and counts, see ``zunda_mcp.engine.similar`` and ``zunda_mcp.results.quotes``

#: Most terms of a text, spread evenly over it, whose frequency is looked up; most of the rarest whose postings are
#: read; and most postings of these together. Bounds of time: a quote has at most 2,000 characters.
MAX_COUNTED_TERMS, MAX_SIMILAR_TERMS, MAX_SIMILAR_POSTINGS = 256, 48, 300_000
#: Most characters of a word for which other spellings are offered. A bound of time: comparing two words of 2,000
#: characters takes a tenth of a second, and no name is that long.
MAX_CORRECTED = 100
#: How many of the episodes with the most stories a count names. Judgement.
MAX_BUSIEST = 5

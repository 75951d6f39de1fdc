"""The tuned numbers of queries, from planning to ranking, each with its unit, what it does, and where its value comes
from. Those of the index stand in ``zunda_mcp.index.index_tuning``.

"Judged" marks a value that changes which stories are found or their order: the judged queries (``make quality``) are
its measure, and that table belongs beside a change of it. "Judgement" marks a value chosen as reasonable: no
measurement of it is recorded. A *share* is a part of 1, a *likeness* 1 for what is the same; a frequency counts
stories.
"""

from __future__ import annotations

# --- parsing

#: Characters and words of a query that are looked at. Judgement: a pasted page is no query, and every word costs time.
MAX_QUERY_CHARS, MAX_WORDS = 2000, 40

# --- words and their forms, see ``zunda_mcp.engine.terms``

#: Share of its impact that a whole run of Japanese adds to a word, beyond the word as a part of runs. Judged.
RUN_SHARE = 0.35
#: Share of an exact match that another spelling of katakana, or another number of an English noun, is worth. Judged.
VARIANT_SHARE = 0.8
#: Share of an exact match that a word with other accents, or with none, is worth. Judgement: as another spelling.
ACCENT_SHARE = 0.8
#: Characters of the shorter half of a word that is written as two elsewhere, and of the whole word. Judgement: one
#: letter and shorter words are cut by chance.
MIN_SPLIT, MIN_SPLIT_WORD = 2, 5
#: Candidates for a phrase from which on their texts are read before further postings. Speed only: a text costs about as
#: much as a short list.
FEW_TEXTS = 24
#: Bytes of clauses, mostly their postings, that one field of a generation caches. Memory only: those of all judged
#: queries and questions take about as much.
CACHED_CLAUSE_BYTES = 16_000_000

# --- segmentation, see ``segmentation`` and ``plan``

#: Characters up to which a word is looked for as it is: there is nothing to cut in two.
MAX_WHOLE = 2
#: Characters of the shortest katakana word inside a longer run: shorter ones stand in others by chance. Judgement.
MIN_KATAKANA_PIECE = 3

# --- planning, see ``plan``

#: What the bigrams of a run that nobody wrote count together, beside one word of their information. Judged.
LOOSE_WEIGHT = 0.5
#: Words of a row of Latin words that are looked for side by side at most. Names are not longer, and the number of rows
#: grows with its square.
MAX_NAME_WORDS = 4
#: Share of the stories with all words of a row that must have them side by side before a full match must. Judged.
ONE_NAME_SHARE = 0.5
#: Share of the stories from which on a word stands everywhere: a story has any other beside it at most twice as often
#: as chance gives it. AI has .69 in the first show, LLM .32.
EVERYWHERE_SHARE = 0.5
#: Stories that have another name of a word beside such a one before it is believed: one is chance (お座りAI).
LEAST_BESIDE = 2
#: Zipf value from which on a word is an ordinary one: one in 600,000 (inflection 3.0, stability 4.0, scale 4.7).
ORDINARY_ZIPF = 3.2
#: Weight of an absent word in small Latin letters in a query of a foreign language. Judged on English queries of a
#: Japanese archive.
ORDINARY_WEIGHT = 0.5
#: Shares from which on an expansion by meaning surely means the same; the second for one kanji. They are likenesses of
#: 0.74 and 0.83 (see ``MEANING_SHARE``). Judged.
SURE_SHARE, SURE_KANJI_SHARE = 0.40, 0.45

# --- expansion, see ``zunda_mcp.engine.expander``

#: Share of an exact match that each way of expanding is worth. An alias and a gloss are stated by somebody, the others
#: are likenesses, which are multiplied by how alike the words are. Judgement, in this order.
ALIAS_SHARE, GLOSS_SHARE, DICTIONARY_SHARE, FORM_SHARE, SOUND_SHARE, TYPO_SHARE = 0.95, 0.9, 0.75, 0.75, 0.8, 0.8
#: Likeness of sound from which on a word of the other script is taken for a Latin word, and for a katakana word, whose
#: sounds are coarser. Judged on variants of spelling.
SOUND_LIKENESS, KATAKANA_SOUND_LIKENESS = 0.82, 0.87
#: The same for a key of consonants that is one away, and for keys of at most this many consonants, which many words
#: share. Judged on variants of spelling.
NEAR_SOUND_LIKENESS = 0.8
SHORT_SOUND_LIKENESS, SHORT_SOUND_KEY = 0.9, 2
#: Consonants of the shortest key that is also looked up one consonant away. Judgement.
MIN_NEAR_SOUND_KEY = 5
#: Likeness of sound from which on a word and its katakana in the dictionary are one word however frequent (user is
#: ユーザー by .72); the same where the dictionary lacks it, and the consonants of the shortest such name. Of 20 such
#: pairs in 1,991 Japanese stories one is wrong; at .94 of 36 seven.
GLOSSED_LOAN_LIKENESS, LOAN_LIKENESS, MIN_LOAN_KEY = 0.7, 0.96, 4
#: How much less another gloss of the katakana may sound like it before it is the word it was taken from as well.
#: Judgement: light and right differ by less, and rust is further from ラスト than last is.
ORIGINS_APART = 0.05
#: Letters of the shortest word in hiragana, or of what it is in Latin letters, that are one word. Judgement: a shorter
#: one is grammar as well (made, まで).
MIN_ROMANIZED = 4
#: Likeness of sound from which on two words of one script are the same but for their spelling. Judgement.
SAME_SOUND_LIKENESS = 0.97
#: How much more a rival may sound like a word before the typed one is not it. Judgement: what rounding makes.
SOUND_TIE = 0.02
#: Likeness of sound that a word of general English must have with katakana that the dictionary lacks. Of 700 English
#: words drawn by chance it refuses 11 of 17 false pairs; claude, which is クロード, has .887.
GENERAL_SOUND_LIKENESS = 0.88
#: Glosses of a Japanese word that are taken for the same thing: the dictionary puts the nearest first. Judged without
#: vectors: nDCG@10 .688 with none, .698 with one, .699 with two, three or all.
FIRST_GLOSSES = 2
#: Letters of the shortest word inside others or in another number, and of the shortest that is cut into words.
#: Judgement.
MIN_WORD, MIN_RUN_TOGETHER = 3, 8
#: Letters beyond which one slip, and beyond which two slips, are believed in a word. Judgement: short words are near to
#: too many.
ONE_SLIP_LENGTH, TWO_SLIPS_LENGTH = 5, 8
#: Likeness of sound that each word of a row must have with its own stretch of a name. Of the rows of 133 judged and
#: foreign questions it leaves those that are the name (supply chain, vibe coding), and of others what is left holds
#: grammar: a word of the second, a Zipf value.
IN_TURN_LIKENESS, GRAMMAR_WORD = 0.8, 6.0
#: The same where dots cut the name into as many words (リーナス・トーバルズ: .76). Judgement.
WORD_BY_WORD_LIKENESS = 0.75
#: Zipf value from which on a word is one that everybody uses: a word that general language lacks is no form of it
#: (Fastly is not fast). Judgement: as for what is asked.
COMMON_ZIPF = 4.2
#: Share that each slip takes from a misspelt word. Judgement.
SLIP_COST = 0.1
#: Expansions of one word at most. Judgement: what an answer can name.
MAX_EXPANSIONS = 4
#: Frequency up to which a word is as good as absent: it may itself be a slip. Judgement.
HARDLY_THERE = 2
#: A likeness is looked for where at most one story in so many has the word. Judgement: frequent words mean themselves.
SELDOM = 4
#: How many times more frequent the other word must be. Judgement.
RARER = 2
#: How many times more often than by chance two words must stand together, and in which share of the stories of the
#: typed one. Judgement.
STANDS_FOR_LIFT, STANDS_FOR_SHARE = 2.0, 0.2
#: Characters up to which katakana is another name only as a whole run: shorter ones stand in others by chance.
SHORT_KATAKANA = 4
#: An archive is Japanese where one of so many stories has した, which ends every other sentence in the past. Judgement.
IN_JAPANESE = 20
#: Words whose expansions are cached. Memory only.
CACHED_EXPANSIONS = 4096
#: Bytes of the largest file of aliases that is read. A bound, far above what a person writes.
MAX_ALIASES_BYTES = 8 * 1024 * 1024

# --- words that stand together, see ``zunda_mcp.engine.association``

#: Frequency of a word that is associated with others: one story proves nothing, of very many it needs no help.
MIN_ASSOCIATED_STORIES, MAX_ASSOCIATED_STORIES = 2, 100
#: Share of a word's stories that must have the other word. Judged on English queries of a Japanese archive.
MIN_TOGETHER_SHARE = 0.3
#: The other word is in at most one story in so many: a word of every story is beside all. Judgement.
ASSOCIATED_RARITY = 4
#: Words that are taken at most, and the share of an exact match that one in all the same stories is worth. Judged.
MAX_ASSOCIATED_WORDS, ASSOCIATED_SHARE = 2, 0.5
#: Share of an exact match that a word of the dictionary is worth beside a foreign one that the archive has, and how
#: many of its glosses count. Judged without vectors, on these queries and 37 of our own: nDCG@10 .720/.553 at a share
#: of .35, .724/.593 at .5, .722/.576 at .75; .722/.575 with two glosses, .724/.564 with nine.
GLOSSED_SHARE, NEAR_GLOSSES = 0.5, 4
#: Words whose associations are cached. Memory only.
CACHED_ASSOCIATIONS = 2048

# --- meaning, see ``zunda_mcp.engine.semantic``

#: Cosine from which on two words are of each other's business, and how many are taken for one. Judged.
MIN_WORD_LIKENESS, MAX_NEAR_WORDS = 0.6, 8
#: Share of an exact match that a word of cosine 1 is worth, and the cosine at which it falls to nothing. Judged.
MEANING_SHARE, MEANING_ZERO = 0.6, 0.3
#: Questions, and words, whose vectors are cached. Memory only: 2 kB each.
CACHED_VECTORS = 1024
#: Bytes of the rankings by meaning that are cached, and of one document in them. Memory only: some hundred questions.
CACHED_RANKED_BYTES, RANKED_BYTES = 2_000_000, 128

# --- ranking, see ``zunda_mcp.engine.ranking``

#: Full matches from which on no near ones are looked for: a first page.
ENOUGH_FULL = 10
#: Stories that are listed where some are full matches, and where none is. Judgement: two pages, five pages.
MAX_WITH_FULL, MAX_WITHOUT_FULL = 20, 50
#: Share of the query's information that a near match must hold. Judgement.
MIN_NEAR_SHARE = 0.1
#: Power of that share by which the score of a near match is multiplied. Judged.
COORDINATION_POWER = 0.5
#: What something like a word counts of holding the word. Judged.
LIKENESS_HELD = 0.5
#: Speed only (``make bench``), never results: the part of a list below which a heap beats sorting, clauses that are
#: combined into groups, postings that are sorted by impact, candidates that are few, postings of a boost that are all
#: scored, and candidates that are scored first.
HEAP_PART, MAX_COMBINED, MAX_SORTED_POSTINGS, FEW_CANDIDATES, SHORT_BOOST, FIRST_CANDIDATES = (
    8,
    4,
    20_000,
    256,
    2_000,
    64,
)
#: What a bound is lowered by, so that rounding excludes nothing: single precision over scores below 100.
ROUNDING = 1e-6
#: Share of an exact match that a word is worth where it is only spoken. Judgement.
SPOKEN_SHARE = 0.4
#: Bytes of normalised text before and after a spoken word that tell whether it is said in the same words elsewhere:
#: about six words of a language with spaces. Judgement.
CONTEXT = 36
#: Episodes that say the same before what they say is an advertisement or a standing phrase. Judgement.
RECURRING = 3
#: Share of its score that such a passage keeps. Judgement: it comes after all others.
RECURRING_SHARE = 0.3
#: Share of the weight of the words of a question that a passage must hold to be near to it. Judgement.
NEAR_SPOKEN_SHARE = 0.5
#: Share of an expansion by meaning from which on it counts, where general language does not know both words. In 300
#: talks the nearest words of the name zulip are aas and ellis at .29; the judged queries are as before.
UNKNOWN_MEANING_SHARE = 0.3
#: Share at which a word counts that is spoken in another passage of the episode. Judgement: of a name and two common
#: words the passages of the one talk about the name come before those that have both words of another.
ELSEWHERE_SHARE = 0.5
#: Windows of passages nearest in meaning that are weighed, however near: of 3,404 the nearest is 1.3 times as near as
#: by chance to the median of 26 questions that have an answer, and 1.2 times to that of 15 that have none.
MAX_NEAR_WINDOWS = 50
#: How many passages that are near are listed. Judgement.
MAX_NEAR_SPOKEN = 5
#: Bytes of normalised speech, for each word of a question, within which its words are spoken together: some ten words
#: of English, half a sentence of Japanese. Judgement.
SPOKEN_TOGETHER = 60
#: How many of the best passages are compared for that. Bounds the time: a text is read for each.
MAX_COMPARED = 200

# --- fusion, see ``zunda_mcp.engine.fusion``

#: Power of the share of the query that a story holds, as it is added to its score. Judged.
HELD_POWER = 2
#: Weight of the names of the query that a story holds, in any spelling. Judged: nDCG@10 .820 without, .825 at a
#: quarter, .828 at a half, .824 at one.
NAME_PULL = 0.5
#: Weight of meaning beside words, and what it gains where no story holds anything of the query in words; both for a
#: nearness of so many standard deviations. Judged.
MEANING_WEIGHT, MEANING_UNHELD_WEIGHT, MEANING_DEVIATIONS = 1.0, 6.0, 6.0
#: Weight of nearness to the first stories, and how many stories these are. Judged.
VECTOR_PULL, VECTOR_PULLING = 0.5, 4
#: Stories nearest in meaning that are weighed, and full matches that are ordered anew. Bounds of time.
MAX_BY_MEANING, MAX_FUSED_FULL = 100, 500
#: A story that holds a smaller share of the query in words, and is less near in meaning than so many standard
#: deviations, does not answer. Judged.
MIN_HELD, MIN_NEARNESS = 0.1, 2.5
#: Weight of the terms that the first stories share, how many stories these are, and how many terms. Judged.
TERM_PULL, TERM_PULLING, FEEDBACK_TERMS = 0.4, 5, 10
#: Such a term is in at most one story in so many of all, and in so many of the first. Judgement.
FEEDBACK_RARITY, MIN_SHARED_BY = 10, 2

# --- what is asked, apart from how

#: What a common word beside a name counts of its weight: it helps to order. Judgement.
HINT_WEIGHT = 0.25

# --- titles of episodes

#: Episodes whose titles may hold a query, and share of all episodes that they may be, for these to come first.
#: Judgement: more of them have the name of the show or of a series.
MAX_TITLED, MAX_TITLED_SHARE = 20, 0.5
#: Characters from which a text that stands in a title was taken from there, its signs no operators (``A | B`` may be
#: both). Judgement.
MIN_TITLE = 20
#: The first stories of which it is looked whether their title is the query. Typed word for word 6 of 700 titles were
#: not first, and then second or third.
TITLES_LOOKED_AT = 10

# --- what answers, and what is merely near

#: Share of a query's information that must be absent from the archive for stories with the rest to be no answer. Judged
#: on queries that have none. At .38 a question of the sample that has an answer gets none; at .385 one of six open
#: questions that have none gets one.
ABSENT_SHARE = 0.385
#: Words of the longest query of which that is judged without vectors: a longer one is a sentence, and absent words are
#: chance.
MAX_JUDGED_SUBJECTS = 6
#: How near the nearest story, or window of a passage, must be, against the nearest of as many by chance, to answer
#: whatever is absent. Judged.
SURELY_NEAR = 1.6
#: Words of the longest query of a foreign language that may be a name with what goes with it: of a longer one, a
#: sentence, ordinary words that are absent count half, since meaning stands in for them. Judged.
MAX_NAMED_SUBJECTS = 4
#: Near stories that are shown where nothing answers. Judgement.
MAX_NEAR = 3
#: Stories on the first page if more are full matches than one page lists. Judgement.
FIRST_OF_MANY = 20
#: Stories on the first page of a question for the first or the last, or for the number of too many to list: the header
#: has the days and the numbers. Judgement.
FIRST_OF_ASKED = 5
#: The least of a first page that lists all that says the words close together. Judgement.
FIRST_TOGETHER = 10
#: Near stories listed after those that hold everything, and beside one that surely answers. Judgement.
BESIDE_FULL, BESIDE_SURE = 3, 2
#: Stories listed where none holds everything, and the share of the best score that they have. Judged: in the open
#: questions more gave no further answer, nor did lower ones.
CLOSEST, CLOSEST_SHARE = 6, 0.5
#: A word of a query is a name where general language uses it less (Zipf scale: 3.5 is one in 300,000 words). Where no
#: story holds everything, those that hold its names are listed as well, so many at most. Judged on the open questions.
NAME_ZIPF, MAX_NAMED = 3.5, 12
#: The first surely answers if its score is this many times that of the second; a near story is listed if its score
#: times this is more than the best. Judged: of the 70 judged queries the first is relevant wherever it is so.
SURE_RATIO = 1.5
#: Expansions, absent words, and other words of one word, that an explanation names at most. Judgement.
MAX_EXPLAINED_EXPANSIONS, MAX_EXPLAINED_MISSING, MAX_EXPLAINED_OTHERS = 3, 4, 2

# --- related stories, see ``zunda_mcp.engine.similar``

#: Terms of a story that neighbours are sought by, and how many of them a neighbour shares. Robertson ("On term
#: selection for query expansion", 1990) advises few; the numbers are judgement.
RELATED_TERMS, MIN_RELATED_SHARED = 30, 3
#: What a standard deviation of nearness is worth beside the best score of terms, and from how many on it counts.
#: Judgement.
RELATED_MEANING_WEIGHT, MIN_RELATED_NEARNESS = 0.2, 2.0

# --- quotes and counts, see ``zunda_mcp.engine.similar`` and ``zunda_mcp.results.quotes``

#: Terms of a text whose frequency is looked up, spread evenly over it, and the rarest of them that are read, with the
#: postings of these together. Bounds of time: a quote has at most 2,000 characters.
MAX_COUNTED_TERMS, MAX_SIMILAR_TERMS, MAX_SIMILAR_POSTINGS = 256, 48, 300_000
#: Characters of the longest word that other spellings are offered for. A bound of time: no one has a name in mind that
#: is longer, and to compare two of 2,000 characters takes a tenth of a second.
MAX_CORRECTED = 100
#: Episodes that a count names as those with the most stories. Judgement.
MAX_BUSIEST = 5

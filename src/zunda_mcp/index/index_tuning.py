"""The tuned numbers of the index, each with its unit, what it does, and where its value comes from.

Change ``schema.VERSION`` together with any number of the first two groups: they shape what is written, and every index
must then be built anew. "Judgement" marks a value chosen as reasonable: no measurement of it is recorded.
"""

from __future__ import annotations

# --- scoring: BM25F, see ``impact``

#: Saturation of term frequency. Customary values are 1.2 to 2.0 (Robertson and Zaragoza, "The probabilistic relevance
#: framework: BM25 and beyond", FnTIR 2009).
K1 = 1.6
#: How far a field's length counts, 0 to 1. The customary value (same source).
B = 0.75
#: Steps of average lengths between one power of two and the next, so that a rounded average is at most 3.5 % off. From
#: 6 to 16 steps nDCG@10 of the judged queries moves by .004 up and down without a trend; with one step it lost .010.
#: Exact averages would have the index built anew after every change.
LENGTH_STEPS = 10
#: Average characters of a title and of a summary while an archive has no stories. Judgement: usual show notes.
USUAL_TITLE_LENGTH, USUAL_SUMMARY_LENGTH = 40.0, 600.0

#: Weights of the fields of a story in BM25F. The summary is the unit; a title counts three times, words of the address
#: less than half. Judgement, in the order that BM25F is usually given (title over body over address).
TITLE_WEIGHT = 3.0
SUMMARY_WEIGHT = 1.0
LINK_WEIGHT = 0.4
#: Weights of an episode's description and of a transcript. Judgement: as a summary.
DESCRIPTION_WEIGHT = 1.0
SPOKEN_WEIGHT = 1.0
#: Weight of the names of an episode's people in its notes. Judgement, as of an address: they are not part of its text.
PEOPLE_WEIGHT = 0.4

# --- vocabulary

#: Characters of the shortest and the longest word that has sound keys. Judgement: shorter ones sound like too much,
#: longer ones are not spoken.
MIN_SOUND_LENGTH, MAX_SOUND_LENGTH = 3, 40
#: Characters of the shortest katakana word that is also found in longer runs in another spelling. Judgement.
MIN_PART_LENGTH = 3
#: Characters of the longest word that is taken to mean something by itself. Judgement.
MAX_WORD_LENGTH = 16

# --- vectors

#: Principal components that vectors of words are projected on. Judgement.
WORD_DIMENSIONS = 192
#: How many words are embedded at most, the most frequent. Bounds time and memory: 30,000 x 192 bytes.
MAX_EMBEDDED_WORDS = 30_000
#: Stories that must hold a word before it is embedded: a word of a single story connects it to no other.
MIN_WORD_STORIES = 2
#: Stories embedded before a generation with them is published: at least so many, and half as many as there are. So
#: vectors come bit by bit, and each time all files are checked and all vectors copied: a constant share of the work.
MIN_EMBEDDED_AT_ONCE = 512
#: If there are more passages, none is embedded. They have about four windows each: 40 MB.
MAX_EMBEDDED_PASSAGES = 20_000
#: Share of the stories that must have a vector before vectors rank at all: fewer would only favour those that do.
ENOUGH_VECTORS = 0.9

# --- merging and rebuilding

#: Segments of one size that are merged into one. Near the ten of Lucene's merge policies; a power of two.
MERGE_FACTOR = 8
#: Share of deleted documents above which the index is rebuilt, and the number of them below which it never is.
#: Judgement: they cost room and time in proportion.
MAX_DELETED_SHARE, MIN_DELETED = 0.4, 20
#: Share of the episodes that have changed above which a rebuild is less work than an update, and the number of them
#: below which it never is. Judgement.
REBUILD_SHARE, MIN_REBUILD = 0.5, 20
#: Bytes of source files up to which an archive is rebuilt within a question: that takes less than a second.
MAX_REBUILT_AT_ONCE = 512 * 1024

# --- memory

#: Characters of drafts kept in memory while a generation is made; beyond it files are read a second time.
MAX_DRAFT_CHARACTERS = 40_000_000
#: Postings in memory, 4 bytes each, before a sorted run is written to a temporary file.
MAX_POSTINGS_IN_MEMORY = 12_000_000
#: Bytes of decoded postings that an open reader caches. The judged queries together read about three times as much;
#: decoding again costs them a twentieth of their time.
CACHED_POSTINGS_BYTES = 12_000_000
#: Bytes that each cache of postings may take beside its own for each document: longer lists, as many of them.
CACHED_BYTES_PER_DOCUMENT = 256

# --- keeping up to date, in seconds where nothing else is said

#: Changed files, and bytes of them, that are indexed within the question that found them; more are indexed in the
#: background.
MAX_FILES_AT_ONCE = 20
MAX_BYTES_AT_ONCE = 4 * 1024 * 1024
#: How long a question waits for such a small change. A page of 3.9 MB with 140,000 links took 42 s, one of show notes
#: takes a tenth of a second.
SMALL_CHANGE_WAIT = 5.0
#: How long a question waits for the first index, less than the time after which clients give up (30 to 60 s).
FIRST_BUILD_WAIT = 20.0
#: All files are looked at again after this many times as long as the last look took: at most a tenth of the time.
SCAN_PAUSE_FACTOR = 9
#: How long a question waits for another writer, or for another question that looks for changes. Judgement.
WRITER_WAIT = 2.0
#: How long to wait before a failed build is tried again. Judgement.
RETRY_AFTER = 5.0
#: How long after a start vectors that are missing are made: the first questions come first.
EMBED_AFTER = 5.0
#: How long after the first answer all bytes of a generation are verified: not while that answer is on its way.
VERIFY_AFTER = 0.5
#: How long a generation that was replaced stays, so that answers begun with it can end: longer than any answer takes,
#: less than clients wait. And how many do at most: a generation can cost as much room as its vectors.
REPLACED_KEPT_SECONDS, MAX_REPLACED_KEPT = 60.0, 8
#: How often a question is answered at most, if its generation is replaced or damaged meanwhile.
ANSWER_TRIES = 5

"""The vectors of a generation: of its stories, of the words they are written with, and of passages of transcripts.

They are made after the generation can be read, in further steps, stories first (see ``add_missing``). Files:

- ``vectors.json``: the embedder's name, dimensions, how many rows;
- ``stories.key``: 8 bytes for each story, a digest of its text, so that vectors outlive a rebuild and nothing is
  embedded twice; ``stories.i8`` and ``stories.f32``: its vector in bytes, and the scale of each row;
- ``passages.key``, ``passages.i8`` and ``passages.f32``: the same for the speech in each window of a passage;
- ``vectors.txt``: the frequent words of ``words.txt``, one on each line, with ``words.i8`` and ``words.f32``;
- ``basis.f32``: the directions that words are projected on (principal components);
- ``common.f32``: what all stories have in common, their first two principal components: once it is removed from a
  question, the rest distinguishes stories (Mu and Viswanath, "All-but-the-top: simple and effective postprocessing for
  word representations", ICLR 2018).

numpy is imported where it is used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from zunda_mcp.embeddings.embedder import base_of
from zunda_mcp.embeddings.packed_rows import KEY_BYTES, Grown, KeyedRows, PackedRows, pack, read_rows, row_files
from zunda_mcp.embeddings.text_vectors import common_directions, principal, story_vectors, unit, windows
from zunda_mcp.index import index_tuning
from zunda_mcp.index.vocabulary import is_plain_word
from zunda_mcp.text.normalize import has_han, is_hiragana
from zunda_mcp.text.tokenizer import PARTICLES, run_term

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder, Vectors
    from zunda_mcp.index.generation import Generations
    from zunda_mcp.index.reader import IndexReader
    from zunda_mcp.index.writer import Progress

__all__ = [
    "FILES", "META", "STORY_FILES", "VectorMeta", "VectorStore", "add_missing", "keep_stories", "key_of",
    "key_of_window", "read_meta",
]  # fmt: skip

_Text = TypeVar("_Text")

META = "vectors.json"
_WORDS, _BASIS, _COMMON_FILE = "vectors.txt", "basis.f32", "common.f32"
_STORIES, _PASSAGES = "stories", "passages"
STORY_FILES = (*(f"{name}.{end}" for name in (_STORIES, _PASSAGES) for end in ("key", "i8", "f32")), _COMMON_FILE)
_WORD_FILES = (_WORDS, "words.i8", "words.f32", _BASIS)
FILES = (META, *STORY_FILES, *_WORD_FILES)
_RECIPE = b"2"
"""How vectors are made of texts (``zunda_mcp.embeddings.text_vectors``); those of another recipe are not reused."""


@dataclass(frozen=True, slots=True)
class VectorMeta:
    """The contents of ``vectors.json``. ``dimensions`` are those of stories, ``base_dimensions`` of passages (0: the
    same), ``word_dimensions`` of words. ``words`` counts words, None before they were embedded; ``words_digest`` is of
    all that were to be embedded. ``left`` counts the texts of stories that had no vector yet when this was written,
    ``passages`` and ``passages_left`` the windows with and without one. ``complete_for`` names the generation that
    lacks none.
    """

    embedder: str
    dimensions: int
    stories: int
    words: int | None
    word_dimensions: int
    left: int = 0
    words_digest: str = ""
    complete_for: str = ""
    passages: int = 0
    passages_left: int = 0
    base_dimensions: int = 0

    @property
    def base(self) -> int:
        """The dimensions of passages, and of words before they are projected."""
        return self.base_dimensions or self.dimensions


class VectorStore:
    """The vectors stored with a generation, read whole, so that nothing is missing if the generation is pruned.

    ``words`` has the words, their rows, and the basis to project the words of a query on; ``common`` the directions
    that all stories share. Raises ``OSError`` or ``ValueError`` if a file is missing or not of the length that
    ``vectors.json`` gives.
    """

    def __init__(self, folder: Path, meta: VectorMeta) -> None:
        import numpy as np  # start-up

        self.meta = meta
        self.stories = KeyedRows.read(folder, _STORIES, meta.stories, meta.dimensions)
        self.passages = KeyedRows.read(folder, _PASSAGES, meta.passages, meta.base)
        self.common: Vectors = np.fromfile(folder / _COMMON_FILE, dtype=np.float32).reshape(-1, meta.dimensions)
        self.words: tuple[list[str], PackedRows, Vectors] | None = None
        if meta.words:
            words = (folder / _WORDS).read_text(encoding="utf-8").split("\n")[:-1]
            if len(words) != meta.words:
                raise ValueError(folder / _WORDS)
            basis = np.fromfile(folder / _BASIS, dtype=np.float32).reshape(meta.word_dimensions, meta.base)
            self.words = words, read_rows(folder, "words", meta.words, meta.word_dimensions), basis

    @classmethod
    def open(cls, folder: Path) -> VectorStore | None:
        """Return the store of a generation folder; None if it has none, or a damaged one, which is then rebuilt."""
        meta = read_meta(folder)
        if meta is None:
            return None
        try:
            return cls(folder, meta)
        except (OSError, ValueError):
            return None

    @classmethod
    def of(cls, reader: IndexReader) -> VectorStore | None:
        """Return the vectors of the stories and words of a reader; None as ``open`` does."""
        store = cls.open(reader.folder)
        if store is not None and not reader.is_whole:
            store._narrow(_keyed_stories(reader), _frequent_words(reader))
        return store

    def _narrow(self, keys: Collection[bytes], words: Sequence[str]) -> None:
        """Drop all stories and words but these. Words stay in the plane made for all of them; the passages stay too,
        since those of other archives are not looked up.
        """
        self.stories = self.stories.within(keys)
        self.common = common_directions(self.stories.rows[:], self.meta.base)
        self.meta = replace(self.meta, stories=len(self.stories.keys))
        if self.words is not None:
            texts, rows, basis = self.words
            wanted = set(words)
            places = [at for at, text in enumerate(texts) if text in wanted]
            kept = [texts[at] for at in places], PackedRows(rows.packed[places], rows.scales[places]), basis
            self.words = kept if len(words) > index_tuning.WORD_DIMENSIONS else None

    @property
    def covering(self) -> bool:
        """Whether nearly all stories have a vector; with fewer, vectors would only favour those that have one."""
        return self.meta.stories > 0 and self.meta.stories >= index_tuning.ENOUGH_VECTORS * (
            self.meta.stories + self.meta.left
        )

    @property
    def covering_passages(self) -> bool:
        """The same for passages."""
        texts = self.meta.passages + self.meta.passages_left
        return 0 < texts * index_tuning.ENOUGH_VECTORS <= self.meta.passages


def read_meta(folder: Path) -> VectorMeta | None:
    """Return the metadata of a generation's vectors; None if it has none, or none that is valid."""
    try:
        meta = VectorMeta(**json.loads((folder / META).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    counts = (meta.stories, meta.left, meta.words or 0, meta.passages, meta.passages_left)
    numbers = (meta.dimensions, meta.base_dimensions, meta.word_dimensions, *counts)
    sound = isinstance(meta.embedder, str) and all(isinstance(number, int) and number >= 0 for number in numbers)
    return meta if sound and meta.dimensions else None


def key_of(plain: bytes) -> bytes:
    """Return the key of a story or a passage by its normalised text; none ends in a zero byte, which numpy cuts off."""
    digest = blake2b(plain, digest_size=KEY_BYTES, person=_RECIPE).digest()
    return digest[:-1] + (digest[-1:] if digest[-1] else b"\x01")


def _keyed_stories(reader: IndexReader) -> dict[bytes, int]:
    """The stories that are not passages, by the keys of their texts."""
    return {key_of(reader.plain(document)): document for document in sorted(reader.written_stories)}


def key_of_window(plain_speech: bytes, place: int) -> bytes:
    """Return the key of window ``place`` (from 0) of a passage, by the passage's normalised speech."""
    return key_of(plain_speech)[:-1] + bytes([place + 1])


def _keyed_windows(reader: IndexReader) -> dict[bytes, str]:
    """The windows of passages that are embedded, by their keys."""
    return {
        key_of_window(reader.plain_speech(document), place): window
        for document in sorted(_passages(reader))
        for place, window in enumerate(windows(reader.speech(document)))
    }


def _passages(reader: IndexReader) -> Collection[int]:
    """The passages; none if they are too many to be embedded."""
    return reader.passages if len(reader.passages) <= index_tuning.MAX_EMBEDDED_PASSAGES else ()


def _missing(reader: IndexReader, embedder: Embedder) -> bool:
    """Whether this embedder's vectors do not fit the generation: some are missing, outdated or damaged."""
    meta = read_meta(reader.folder)
    if meta is not None and (meta.complete_for, meta.embedder) == (reader.name, embedder.name):
        return bool(_passages(reader)) and not meta.passages  # made by a version that did not embed them
    store = VectorStore.open(reader.folder)
    if store is None or store.meta.embedder != embedder.name:
        return bool(reader.stories)
    if _keyed_stories(reader).keys() != {*store.stories.keys}:
        return True
    if _keyed_windows(reader).keys() != {*store.passages.keys}:
        return True
    return embedder.words and (store.meta.words is None or store.meta.words_digest != _digest(_frequent_words(reader)))


def keep_stories(old: Path, folder: Path) -> None:
    """Have a rebuilt generation say that it has the vectors of stories, and that words are still to be embedded."""
    meta = read_meta(old)
    if meta is not None:
        (folder / META).write_text(json.dumps(asdict(replace(meta, words=None))), encoding="utf-8")


class _NewVectors(NamedTuple):
    """Vectors to add to a generation: files by name, their metadata, how many texts they took, and if none is left."""

    files: dict[str, bytes]
    meta: VectorMeta
    embedded: int
    complete: bool


def _make(reader: IndexReader, embedder: Embedder, progress: Progress) -> _NewVectors:
    """Vectors of ``reader``'s stories, words and passages: those its generation has, and a limited number of new ones,
    so that a process that soon ends has not worked for nothing. Words are embedded when no story is left, the first
    time in a step of their own, and passages last. Writes nothing. Raises ``EmbeddingError``.
    """
    before, base = _stored(reader.folder, embedder), base_of(embedder)
    had_words = not embedder.words or (before is not None and before.meta.words is not None)

    def grown(
        had: KeyedRows, texts: dict[bytes, _Text], make: Callable[[Sequence[_Text]], Vectors], what: str
    ) -> Grown:
        most = max(index_tuning.MIN_EMBEDDED_AT_ONCE, len(had.keys) // 2)
        wanted = most if what == _STORIES or (had_words and not new) else 0
        return had.grown(texts, wanted, make, lambda done: progress(done, len(texts), f"embedding {what}"))

    def written(documents: Sequence[int]) -> Vectors:
        return story_vectors([reader.story(document) for document in documents], embedder)

    def spoken(texts: Sequence[str]) -> Vectors:
        return unit(base.embed_documents(texts))

    had_stories, had_passages = (
        (before.stories, before.passages) if before else (_none(embedder.dimensions), _none(base.dimensions))
    )
    new = 0
    stories, new, left = grown(had_stories, _keyed_stories(reader), written, _STORIES)
    passages, embedded, to_come = grown(had_passages, _keyed_windows(reader), spoken, _PASSAGES)
    files = stories.files(_STORIES) | passages.files(_PASSAGES)
    rows = stories.rows[:]  # rounded as they will be read
    files[_COMMON_FILE] = common_directions(rows, base.dimensions).tobytes()
    words, dimensions, digest = None, 0, ""
    if embedder.words and not left and (had_words or not new):
        digest = _digest(frequent := _frequent_words(reader))
        if before is not None and before.meta.words is not None and before.meta.words_digest == digest:
            words, dimensions = before.meta.words, before.meta.word_dimensions
            files |= {name: (reader.folder / name).read_bytes() for name in _WORD_FILES if words}
        else:
            progress(len(stories.keys), len(stories.keys), "embedding words")
            words, dimensions = _add_words(frequent, base, files)
    meta = VectorMeta(
        embedder.name, embedder.dimensions, len(stories.keys), words, dimensions, left, digest,
        passages=len(passages.keys), passages_left=to_come, base_dimensions=base.dimensions,
    )  # fmt: skip
    complete = not left and not to_come and (words is not None or not embedder.words)
    return _NewVectors(files, meta, new + embedded, complete)


def add_missing(
    generations: Generations,
    open_reader: Callable[[str], IndexReader],
    embedder: Embedder,
    progress: Progress,
) -> int:
    """Give the current generation the vectors it lacks, in generations of their own, and return how many texts that
    took.

    Vectors belong to texts and not to a generation, so they are made without the writer's lock and added to whatever is
    current then. Raises ``EmbeddingError`` if the embedder cannot answer, ``IndexingError`` if the index cannot be
    written, or another process keeps writing it.
    """
    count = 0
    while (base := generations.current()) is not None:
        try:
            if generations.damage(base, thorough=True):
                break  # the next refresh rebuilds it
            with closing(open_reader(base)) as reader:
                made = _make(reader, embedder, progress) if _missing(reader, embedder) else None
        except OSError:
            if generations.current() == base:
                raise
            continue  # pruned while it was read: a newer one is there
        if made is None:
            break
        with generations.writing():
            _put_beside(generations, made, base)
        count += made.embedded
        if not made.embedded and not made.meta.left and not made.meta.passages_left:
            break
    return count


def _put_beside(generations: Generations, made: _NewVectors, made_for: str) -> None:
    """Publish the current generation again with vectors made for ``made_for``. The caller holds the writer's lock."""
    base = generations.current()
    if base is None or generations.damage(base, thorough=True):
        return
    folder = generations.begin(base)
    meta = replace(made.meta, complete_for=folder.name) if made.complete and base == made_for else made.meta
    with generations.removed_on_failure(folder):
        for name, data in {**made.files, META: json.dumps(asdict(meta)).encode()}.items():
            (folder / name).write_bytes(data)
        generations.carry(base, folder, without=FILES)
        generations.publish(folder)


# --- parts


def _frequent_words(reader: IndexReader) -> list[str]:
    """The words that several stories have, sorted; if they are too many, only the most frequent."""
    vocabulary = reader.vocabulary
    counted = [(reader.frequency(word), word) for word in vocabulary.words if is_plain_word(word)]
    counted += [(reader.frequency(run_term(run)), run) for run in vocabulary.runs if is_plain_word(run)]
    counted += _short_words(reader)
    kept = sorted(row for row in counted if row[0] >= index_tuning.MIN_WORD_STORIES)[::-1][
        : index_tuning.MAX_EMBEDDED_WORDS
    ]
    return sorted(word for _, word in kept)


def _digest(words: Sequence[str]) -> str:
    return blake2b("\n".join(words).encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).hexdigest()


def _add_words(words: Sequence[str], embedder: Embedder, files: dict[str, bytes]) -> tuple[int, int]:
    """Add the files of these words, projected on their principal components; returns how many words and dimensions."""

    if len(words) <= index_tuning.WORD_DIMENSIONS:
        return 0, 0
    rows = unit(embedder.embed_documents(words))
    basis = principal(rows, index_tuning.WORD_DIMENSIONS)
    files |= row_files("words", PackedRows(*pack(unit(rows @ basis.T))))
    files[_WORDS] = "".join(f"{word}\n" for word in words).encode("utf-8")
    files[_BASIS] = basis.tobytes()
    return len(words), index_tuning.WORD_DIMENSIONS


def _short_words(reader: IndexReader) -> Iterator[tuple[int, str]]:
    """Words that are not a run of one script: a kanji with the letter that ends its stem (払う), a lone kanji (猫)."""
    alone: dict[str, int] = {}
    for term in reader.terms(""):
        if len(term) == 2 and has_han(term[0]) and is_hiragana(term[1]):
            if term[1] in PARTICLES:
                alone[term[0]] = alone.get(term[0], 0) + reader.frequency(term)
            else:
                yield reader.frequency(term), term
    yield from ((count, kanji) for kanji, count in alone.items())


def _none(width: int) -> KeyedRows:
    """No rows."""
    return KeyedRows([], read_rows(Path(), "", 0, width))


def _stored(folder: Path, embedder: Embedder) -> VectorStore | None:
    """The vectors of this embedder in ``folder``; None if there are none."""
    store = VectorStore.open(folder)
    if store is None or store.meta.embedder != embedder.name:
        return None
    embedder.dimensions = store.meta.dimensions
    return store

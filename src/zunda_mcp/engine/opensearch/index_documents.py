"""The documents that a cluster stores of an episode (see ``index_mapping``), those of words, and sending both.

The functions that make a local index make these too, so both engines have the same terms with the same impacts.

Documents are sent in batches of a few megabytes, as fast as the cluster takes them, each exactly once. The next batch
is made while others are being sent, so no id may occur in two actions of a run. A busy cluster refuses single documents
(429); these are sent again, after longer and longer pauses. A document that is invalid (400) would be refused again, so
it ends the run with an error that names its id.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, wait
from hashlib import blake2b
from typing import Any, NamedTuple

from zunda_mcp.engine.opensearch.connection import FIRST_PAUSE, Connection, error_of
from zunda_mcp.engine.opensearch.index_mapping import (
    CHARACTER,
    GAP,
    HIRAGANA,
    MAPPING_VERSION,
    RUN,
    WORD,
    Row,
    exact_units,
    joined_units,
    token,
    word_id,
)
from zunda_mcp.engine.spoken import without_turns
from zunda_mcp.errors import EngineError
from zunda_mcp.index import whoosh_documents
from zunda_mcp.index.catalog import EpisodeEntry
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.index.schema import DAY, KEY, NOTES, PLAIN, PLAIN_SPEECH, SPOKEN, TEXT, UNDATED, VERSION, WITH_MARKUP
from zunda_mcp.text.markdown_text import reading
from zunda_mcp.text.normalize import KATAKANA, fold_accents, fold_katakana, has_cjk, normalize
from zunda_mcp.topics.glossary import glosses
from zunda_mcp.topics.tokens import plain as without_marks

__all__ = [
    "BATCH_ACTIONS", "Action", "episode_digest", "episode_documents", "routing_of", "word_documents", "write_all",
]  # fmt: skip

_KANA = re.compile(rf"[{KATAKANA}]")
_NAME = "name"


def routing_of(entry: EpisodeEntry) -> str | None:
    """Return the routing of an episode's documents: its archive, if there are several."""
    return entry.archive


def episode_digest(reader: IndexReader, number: int, count: int) -> str:
    """Return a digest of all that an episode is indexed from: notes document ``number`` and the ``count`` after it."""
    lengths = reader.meta.lengths
    digest = blake2b(f"{VERSION} {MAPPING_VERSION} {lengths.title} {lengths.summary}".encode(), digest_size=12)
    for document in range(number, number + 1 + count):
        for value in reader.stored(document):
            digest.update(len(value).to_bytes(8, "big") + value)
    return digest.hexdigest()


def episode_documents(
    reader: IndexReader, number: int, entry: EpisodeEntry, digest: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the ids and bodies of an episode's notes, document ``number`` of ``reader``, and of its stories."""
    lengths = reader.meta.lengths
    episode = reader.whole_episode(entry.id)
    assert episode is not None
    speech = _speech(reader, number)
    notes = whoosh_documents.notes_document(episode, lengths, speech)
    body = _body(notes, entry, entry.id, 0, (speech, reader.moments(number)))
    body |= {"digest": digest, "title_exact": _line(exact_units(normalize(entry.title)))}
    body["title"] = _utf8(normalize(entry.title).strip())
    body["record"]["episode"] = episode.model_copy(update={"stories": ()}).model_dump(mode="json")
    yield entry.id, body
    for place, story in enumerate(episode.stories, start=1):
        document = number + place
        speech, names = _speech(reader, document), reader.names(document)
        in_story = glosses(without_marks(f"{story.title}\n{story.summary}"))
        fields = whoosh_documents.story_document(episode, story, lengths, names, in_story, spoken=speech)
        body = _body(fields, entry, story.id, place, (speech, reader.moments(document)))
        body["record"]["story"] = story.model_dump(mode="json")
        body["digest"] = digest
        if story.url:
            body["address"] = _utf8(normalize(story.url))
        yield story.id, body


def _speech(reader: IndexReader, document: int) -> str:
    return reader.speech(document) if reader.has_speech else ""


def _body(
    fields: Mapping[str, Any], entry: EpisodeEntry, item: str, place: int, speech_of: tuple[str, Any]
) -> dict[str, Any]:
    """The fields that notes and stories share; ``speech_of`` is the speech and its moments."""
    day: int = fields[DAY]
    plain, spoken = _text(fields[PLAIN]), _text(fields.get(PLAIN_SPEECH, b""))
    date, number, episode_id = entry.order
    row = Row(date, number, episode_id, place, day, entry.stories)
    result: dict[str, Any] = {
        "item": _utf8(item),
        "episode": _utf8(entry.id),
        "key": [_utf8(key) for key in fields[KEY]],
        "day": day,
        "year": dt.date.fromordinal(day).year if day != UNDATED else 0,
        "order": f"{date or '0'} {number:012d} {_utf8(episode_id)} {place:07d}",
        "row": json.dumps(row, ensure_ascii=True, separators=(",", ":")),
        **{field: _terms(fields[field]) for field in (TEXT, NOTES, SPOKEN) if fields.get(field)},
        **_units(plain, "", _as_read(plain) if WITH_MARKUP in fields[KEY] else ""),
        "record": {
            "plain": _utf8(plain),
            "entry": _utf8(entry.packed().decode("utf-8", "surrogatepass")),
            **({"markup": True} if WITH_MARKUP in fields[KEY] else {}),
        },
    }
    if spoken:
        result |= _units(spoken, "_spoken", without_turns(spoken))
        result["record"] |= {"plain_speech": _utf8(spoken), "speech": _utf8(speech_of[0]), "moments": speech_of[1]}
    return result


def _terms(impacts: Mapping[str, int]) -> str:
    """The terms of a document with their impacts, and one for the first character of each term of Japanese."""
    characters: dict[str, int] = {}
    for term, impact in impacts.items():
        if has_cjk(term[0]):
            characters[term[0]] = max(impact, characters.get(term[0], 0))
    result = [token(term, impact) for term, impact in impacts.items()]
    result += [token(CHARACTER + character, impact) for character, impact in characters.items()]
    return _utf8(" ".join(result))


def _as_read(plain: str) -> str:
    """A text without its links and emphasis, so that a phrase may run over them."""
    return normalize(reading(plain))


def _units(plain: str, suffix: str, otherwise: str) -> dict[str, str]:
    """A text as rows of units, with ``otherwise`` after a gap; if it has accents, also without them."""
    exact = exact_units(plain)
    if otherwise and otherwise != plain:
        exact += [GAP, *exact_units(otherwise)]
    result = {f"exact{suffix}": _line(exact), f"joined{suffix}": _line(joined_units(plain))}
    folded = fold_accents(plain)
    if folded != plain:
        result |= {f"folded{suffix}": _line(exact_units(folded)), f"folded_joined{suffix}": _line(joined_units(folded))}
    return result


def _line(units: list[str]) -> str:
    return _utf8(" ".join(units))


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogatepass")


def _utf8(text: str) -> str:
    """The text as valid UTF-8: a lone surrogate becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def word_documents(reader: IndexReader) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the ids and bodies of all words: runs of katakana or kanji, words of other scripts, names in hiragana, and
    names of several Latin words.
    """
    vocabulary = reader.vocabulary
    sounds: dict[str, list[str]] = {}
    for line in vocabulary.sounds:
        key, _, word = line.partition("\t")
        sounds.setdefault(word, []).append(key)
    kinds: tuple[tuple[str, Iterable[str]], ...] = (
        (RUN, vocabulary.runs),
        (WORD, vocabulary.words),
        (HIRAGANA, sorted(vocabulary.names)),
    )
    for kind, words in kinds:
        for word in words:
            yield word_id(kind, word), _word(kind, word, sounds.pop(word, []))
    for word, keys in sounds.items():
        yield word_id(_NAME, word), _word(_NAME, word, keys)


def _word(kind: str, word: str, sounds: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {"word": _utf8(word), "kind": kind, "sound": sounds}
    if kind == RUN:
        result["letters"] = " ".join(exact_units(word))
        if _KANA.match(word):
            folded = fold_katakana(word)
            result |= {"kana": folded, "kana_letters": " ".join(exact_units(folded))}
    return result


_BATCH_BYTES, BATCH_ACTIONS = 4_000_000, 1000
"""OpenSearch recommends 5 to 15 MB for a request; nodes with 512 MB took 4 MB without refusing any."""
_AT_ONCE = 3
"""Batches being sent at a time; more would only wait in the queue of the cluster."""
_TRIES = 8
_BUSY = frozenset({429, 503})


class Action(NamedTuple):
    """One document to write to the index ``target``, or to delete if ``body`` is None."""

    target: str
    id: str
    body: Mapping[str, Any] | None
    routing: str | None = None

    def lines(self) -> str:
        """Return the action as lines of a bulk request (NDJSON): one to delete, two to write."""
        head = {"_index": self.target, "_id": self.id} | ({"routing": self.routing} if self.routing else {})
        if self.body is None:
            return json.dumps({"delete": head}) + "\n"
        return f"{json.dumps({'index': head})}\n{json.dumps(self.body, separators=(',', ':'))}\n"


def write_all(
    connection: Connection, actions: Iterable[Action], after_batch: Callable[[int], None] = lambda count: None
) -> int:
    """Write all actions and return how many. ``after_batch`` is called with how many have been written.

    Raises ``EngineError`` if the cluster cannot be reached, stays busy, or refuses a document.
    """
    written, sending = 0, deque[Future[int]]()
    try:
        for batch in _batches(actions):
            sending.append(connection.pool.submit(_write, connection, batch))
            if len(sending) == _AT_ONCE:
                written += sending.popleft().result()
                after_batch(written)
        while sending:
            written += sending.popleft().result()
            after_batch(written)
    finally:
        wait(sending)  # no batch is being sent when the lease is given back
    return written


def _batches(actions: Iterable[Action]) -> Iterator[list[tuple[Action, str]]]:
    size = 0
    batch: list[tuple[Action, str]] = []
    for action in actions:
        lines = action.lines()
        if batch and (size + len(lines) > _BATCH_BYTES or len(batch) >= BATCH_ACTIONS):
            yield batch
            batch, size = [], 0
        batch.append((action, lines))
        size += len(lines)
    if batch:
        yield batch


def _write(connection: Connection, batch: list[tuple[Action, str]]) -> int:
    left, pause = batch, FIRST_PAUSE
    for attempt in range(_TRIES):
        try:
            results = connection.bulk("".join(lines for _, lines in left))
        except EngineError:
            # the connection or the node failed: all is written again, under the same ids
            if attempt == _TRIES - 1:
                raise
            results = [{"status": 503}] * len(left)
        again = []
        for item, result in zip(left, results, strict=True):
            status = result.get("status", 200)
            if status in _BUSY:
                again.append(item)
            elif status >= 400 and not (status == 404 and item[0].body is None):
                error = error_of(result)
                cause = error.get("caused_by", {}).get("reason", "")
                raise EngineError(
                    f"The cluster refused {item[0].id} ({error.get('reason')} {cause}).".replace(" )", ")")
                )
        if not again:
            return len(batch)
        left = again
        time.sleep(pause * (0.5 + random.random()))  # noqa: S311 - so that several writers do not collide again
        pause *= 2
    raise EngineError(
        f"The cluster stayed too busy to take {len(left):,} documents; index again when it has less to do."
    )

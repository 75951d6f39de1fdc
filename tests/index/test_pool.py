"""The pool of postings: what is spilled to disk comes back as if it had stayed in memory."""

from __future__ import annotations

import random

import pytest

from zunda_mcp.index.codec import MAX_DOCUMENT, ArrayPool


def filled(limit: int) -> ArrayPool:
    """The same 200 documents in any pool."""
    chance = random.Random(7)
    words = [f"語{i}" for i in range(60)] + ["llm", "=検索"]
    pool = ArrayPool(limit)
    for document in range(200):
        terms = {word: chance.randint(1, 255) for word in chance.sample(words, 12)}
        pool.add(("text", terms, document, 1.0, b""))
        pool.add(("key", {f"id:{document}": 1}, document, 1.0, b""))
    return pool


@pytest.mark.parametrize("limit", [1, 50, 700])
def test_spilled_runs_merge_into_the_same_postings(limit: int) -> None:
    spilled, kept = filled(limit), filled(1_000_000)
    assert list(spilled.iter_postings()) == list(kept.iter_postings())
    spilled.cleanup()
    kept.cleanup()


def test_fields_terms_and_documents_come_in_order() -> None:
    pool = filled(100)
    seen = [(postings.field, postings.term, list(postings.packed)) for postings in pool.iter_postings()]
    pool.cleanup()
    assert [key[:2] for key in seen] == sorted(key[:2] for key in seen)
    assert all(packed == sorted(packed) for _, _, packed in seen)


def test_a_document_number_beyond_the_format_is_refused() -> None:
    with pytest.raises(ValueError, match="documents"):
        ArrayPool().add(("text", {"a": 1}, MAX_DOCUMENT + 1, 1.0, b""))

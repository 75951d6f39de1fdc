"""The packed codec: bytes as documented come back as they went in."""

from __future__ import annotations

import struct
from array import array
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import fields

from conftest import examples
from zunda_mcp.index import whoosh_documents
from zunda_mcp.index.codec import ArrayPool, MappedStorage, PackedCodec
from zunda_mcp.index.postings import DictionaryWriter, MappedFile, TermBlocks, TermDictionary, TermValue

Contents = list[dict[str, int]]
"""For each document its terms with their impacts."""

_TERMS = st.text(st.characters(codec=None), min_size=1, max_size=6)
_CONTENTS = st.lists(st.dictionaries(_TERMS, st.integers(1, 255), max_size=8), min_size=1, max_size=12)


def write(folder: Path, *segments: Contents) -> None:
    """An index of one field ``text`` with these segments."""
    folder.mkdir(exist_ok=True)
    storage = MappedStorage(str(folder))
    index = storage.create_index(fields.Schema(text=whoosh_documents.ImpactField()))
    for contents in segments:
        writer = index.writer(codec=PackedCodec())
        writer.pool.cleanup()
        writer.pool = ArrayPool()
        for terms in contents:
            writer.add_document(text=terms)
        writer.commit(merge=False)
    index.close()


def blocks(folder: Path) -> TermBlocks:
    """The only segment of an index."""
    (terms,), (postings,) = folder.glob("*.trm"), folder.glob("*.pst")
    return TermBlocks(TermDictionary(MappedFile(terms)), MappedFile(postings))


def expected(contents: Contents) -> dict[str, list[tuple[int, int]]]:
    """Postings by term."""
    found: dict[str, list[tuple[int, int]]] = {}
    for document, terms in enumerate(contents):
        for term, impact in terms.items():
            found.setdefault(term, []).append((document, impact))
    return found


@settings(max_examples=examples(15))
@given(contents=_CONTENTS)
def test_what_goes_in_comes_out(tmp_path_factory: pytest.TempPathFactory, contents: Contents) -> None:
    folder = tmp_path_factory.mktemp("packed")
    write(folder, contents)
    found = blocks(folder)
    wanted = expected(contents)
    for term, postings in wanted.items():
        encoded = term.encode("utf-8", "surrogatepass")
        documents, impacts = found.block("text", encoded) or (array("I"), b"")
        assert list(zip(documents, impacts, strict=True)) == postings
        assert found.count("text", encoded) == len(postings)
    assert found.block("text", b"nowhere at all") is None
    assert found.block("title", b"a") is None
    in_order = [term.decode("utf-8", "surrogatepass") for term in found.terms_from("text", b"")]
    assert in_order == sorted(wanted)
    found.close()


def test_the_bytes_on_disk_are_those_of_the_documented_format(tmp_path: Path) -> None:
    write(tmp_path, [{"学習": 200, "llm": 7}, {"llm": 255}])
    (postings,), (terms,) = tmp_path.glob("*.pst"), tmp_path.glob("*.trm")
    assert postings.read_bytes() == b"ZPK1" + struct.pack("<II", 0, 1) + bytes((7, 255))
    word = "学習".encode()
    assert terms.read_bytes() == (
        b"ZTD1" + struct.pack("<IQB", 2, 3 + len(word), 1)
        + b"\x04text" + struct.pack("<I", 2)
        + struct.pack("<IBQ", 2, 255, 4) + struct.pack("<IBQ", 1, 200, 0 << 8 | 200)
        + struct.pack("<III", 0, 3, 3 + len(word))
        + b"llm" + word
    )  # fmt: skip


def test_documents_beyond_sixteen_bits_keep_their_numbers(tmp_path: Path) -> None:
    contents: Contents = [{} for _ in range(70_000)]
    contents[3] = contents[65_536] = contents[69_999] = {"far": 9}
    write(tmp_path, contents)
    documents, impacts = blocks(tmp_path).block("text", b"far") or (array("I"), b"")
    assert list(documents) == [3, 65_536, 69_999]
    assert impacts == bytes((9, 9, 9))


def test_terms_by_prefix_are_those_that_begin_so(tmp_path: Path) -> None:
    write(tmp_path, [{"学": 1, "学習": 1, "学問": 1, "字": 1, "a": 1}])
    found = [term.decode() for term in blocks(tmp_path).terms_from("text", "学".encode())]
    assert found == ["学", "学問", "学習"]


@pytest.mark.parametrize("cut", [0, 3, 10, -1])
def test_a_dictionary_cut_short_is_refused(tmp_path: Path, cut: int) -> None:
    writer = DictionaryWriter()
    writer.add("text", b"llm", TermValue(1, 7, 7))
    whole = tmp_path / "whole.trm"
    with whole.open("wb") as file:
        writer.write(file)
    broken = tmp_path / "broken.trm"
    broken.write_bytes(whole.read_bytes()[:cut])
    assert TermDictionary(MappedFile(whole)).find("text", b"llm") == TermValue(1, 7, 7)
    with pytest.raises(ValueError, match="dictionary"):
        TermDictionary(MappedFile(broken))


@pytest.mark.parametrize("count", [1, 63, 64, 65, 128, 1000])
def test_every_term_is_found_and_no_other_however_many_there_are(tmp_path: Path, count: int) -> None:
    terms = [f"{number * 2:05}".encode() for number in range(count)]
    writer = DictionaryWriter()
    for number, term in enumerate(terms):
        writer.add("a", term, TermValue(1, 7, number))
    for number, term in enumerate(terms):
        writer.add("b", term + b"x", TermValue(1, 7, number))
    with (tmp_path / "terms.trm").open("wb") as file:
        writer.write(file)
    dictionary = TermDictionary(MappedFile(tmp_path / "terms.trm"))
    for number, term in enumerate(terms):
        assert dictionary.find("a", term) == dictionary.find("b", term + b"x") == TermValue(1, 7, number)
        assert dictionary.find("a", term + b"x") is dictionary.find("b", term) is None
    assert dictionary.find("a", b"") is dictionary.find("a", b"z") is dictionary.find("c", b"00000") is None
    assert list(dictionary.matching("a", b"0000")) == list(range(min(count, 5)))

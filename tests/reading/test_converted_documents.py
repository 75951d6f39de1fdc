"""Documents in other languages than Markdown: what a converter makes of them, and what is ours."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from archive_samples import read_all, read_one, write

from zunda_mcp.reading.markdown import pandoc
from zunda_mcp.reading.markdown.pandoc import converted_page
from zunda_mcp.sources.coverage import coverage_of

LETTER = {
    "org": """#+title: Kite news
#+date: <2024-06-03 Mon 10:00>
#+author: Mina Ota
#+filetags: :kites:sea:
#+number: 12

- Building
  - [[https://kites.example/tails][Longer tails]]
  - [[https://kites.example/silk][Silk or paper]]
""",
    "adoc": """= Kite news
Mina Ota <mina@kites.example>
v1.0, 2024-06-03
:number: 12
:tags: kites, sea

* Building
** https://kites.example/tails[Longer tails]
** link:https://kites.example/silk[Silk or paper]
""",
    "rst": """Kite news
=========

:date: 2024-06-03 10:00
:author: Mina Ota
:number: 12
:tags: kites, sea

- Building

  - `Longer tails <https://kites.example/tails>`__
  - `Silk or paper`_

.. _Silk or paper: https://kites.example/silk
""",
}
WITHOUT = """
import importlib.util as util
import sys
found = util.find_spec
util.find_spec = lambda name, package=None: None if name == "pypandoc" else found(name, package)
from zunda_mcp.cli.entry import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("ending", LETTER)
def test_a_letter_has_its_front_matter_and_its_stories(tmp_path: Path, ending: str) -> None:
    reading = read_one(tmp_path, LETTER[ending], f"letter.{ending}")
    draft = reading.draft
    assert draft is not None
    assert (draft.title, draft.date, draft.hosts, draft.number) == (
        "Kite news",
        dt.date(2024, 6, 3),
        ("Mina Ota",),
        12,
    )
    assert [(entry.title, entry.url) for entry in draft.entries] == [
        ("Longer tails", "https://kites.example/tails"),
        ("Silk or paper", "https://kites.example/silk"),
    ]
    assert "kites" in draft.prose
    assert reading.problems == ()


@pytest.mark.parametrize("revision", ["2024-06-03", "v1.0, 2024-06-03", "1.2, 2024-06-03: a remark", "3 June 2024"])
def test_the_header_of_asciidoc_is_front_matter_and_its_conditions_are_no_text(tmp_path: Path, revision: str) -> None:
    letter = (
        f"= Kite news\nMina Ota <mina@kites.example>; Tomo\n{revision}\n:jbake-type: post\n:shop: Tails\n\n"
        "ifdef::env-github,env-browser[:outfilesuffix: .adoc]\n\nWelcome to {shop}.\n"
    )
    draft = read_one(tmp_path, letter, "letter.adoc").draft
    assert draft is not None
    assert (draft.title, draft.date, draft.hosts) == ("Kite news", dt.date(2024, 6, 3), ("Mina Ota", "Tomo"))
    assert draft.prose == "Welcome to Tails."


ABOVE = {
    "adoc": "---\nepisode: 12\ntitle: Kite news\nguests: Tomo, Rin\n---\n\n== Talk\n\n* https://kites.example/silk[Silk]\n",
    "org": '+++\ntitle = "Kite news"\nepisode = 12\nguests = ["Tomo", "Rin"]\n+++\n\n- [[https://kites.example/silk][Silk]]\n',
    "rst": "---\ntitle: Kite news\nepisode: 12\nguests: [Tomo, Rin]\n---\n\n- `Silk <https://kites.example/silk>`__\n",
}


@pytest.mark.parametrize("ending", ABOVE)
def test_the_front_matter_of_a_site_generator_stands_above_any_document(tmp_path: Path, ending: str) -> None:
    reading = read_one(tmp_path, ABOVE[ending], f"2024-06-03-kites.{ending}")
    draft = reading.draft
    assert draft is not None
    assert (draft.title, draft.number, draft.hosts) == ("Kite news", 12, ("Tomo", "Rin"))
    assert [(entry.title, entry.url) for entry in draft.entries] == [("Silk", "https://kites.example/silk")]
    assert "title:" not in draft.prose
    assert reading.problems == ()


def test_the_title_of_asciidoc_may_stand_below_front_matter_with_the_day_in_the_place_of_people(tmp_path: Path) -> None:
    letter = "---\nepisode: 9\n---\n= Kite news\n2024-06-03 15:49\n:layout: post\n\n== Talk\n\nLong tails.\n"
    draft = read_one(tmp_path, letter, "kites.adoc").draft
    assert draft is not None
    assert (draft.title, draft.date, draft.number, draft.hosts) == ("Kite news", dt.date(2024, 6, 3), 9, ())


def test_a_link_in_asciidoc_keeps_its_words_behind_a_comma_and_takes_its_address_from_the_header(
    tmp_path: Path,
) -> None:
    letter = (
        "= Kite news\n:shop: https://kites.example/shop\n\n* https://kites.example/silk[Silk, or paper] today\n"
        "* {shop}[The shop]\n"
    )
    draft = read_one(tmp_path, letter, "2024-06-03.adoc").draft
    assert draft is not None
    assert [(entry.title, entry.url, entry.summary) for entry in draft.entries] == [
        ("Silk, or paper", "https://kites.example/silk", "today"),
        ("The shop", "https://kites.example/shop", ""),
    ]


def test_a_second_title_in_asciidoc_is_a_section_and_what_is_verbatim_stays(tmp_path: Path) -> None:
    book = "= Kite book\n\nBefore.\n\n= Tails\n\nLong ones.\n\n----\n= x\n----\n"
    draft = read_one(tmp_path, book, "2024-06-03.adoc").draft
    assert draft is not None
    text = "\n".join((draft.title, draft.prose, *(f"{entry.title}\n{entry.summary}" for entry in draft.entries)))
    assert all(words in text for words in ("Kite book", "Before.", "Tails", "Long ones.", "\n= x"))


def test_each_day_of_an_org_journal_is_an_episode(tmp_path: Path) -> None:
    days = "".join(f"* <2024-06-0{day} Mon> :work:\n\nBought rope_no_{day}.\n\n" for day in (3, 4, 5))
    found, _ = read_all(write(tmp_path, "notes/journal.org", days).parent)
    assert [episode.date for episode in found.values()] == [dt.date(2024, 6, day) for day in (3, 4, 5)]
    assert "rope_no_4" in next(one for one in found.values() if one.date == dt.date(2024, 6, 4)).prose


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("org", 'Before.\n\n#+include: "{secret}"\n\nAfter.\n'),
        ("asciidoc", "Before.\n\ninclude::{secret}[]\n\nAfter.\n"),
        ("rst", "Before.\n\n.. include:: {secret}\n\nAfter.\n"),
        ("rst", "Before.\n\n.. raw:: html\n   :file: {secret}\n\nAfter.\n"),
        ("rst", "Before.\n\n.. csv-table:: Peas\n   :file: {secret}\n\nAfter.\n"),
        ("asciidoc", "Before.\n\ninclude::{secret}[] more\n\nAfter.\n"),
        ("asciidoc", "Before.\n\n----\ninclude::{secret}[lines=1..2]\n----\n\nAfter.\n"),
        ("org", "Before.\n\n#+setupfile: {secret}\n\nAfter.\n"),
        ("latex", "Before.\n\n\\input{{{secret}}}\n\nAfter.\n"),
        ("latex", "Before.\n\n\\input {secret}\n\nAfter.\n"),
        ("latex", "Before.\n\n\\lstinputlisting{{{secret}}}\n\nAfter.\n"),
        ("textile", "Before.\n\n!{secret}!\n\nAfter.\n"),
        ("mediawiki", "Before.\n\n{{{{{secret}}}}}\n\nAfter.\n"),
    ],
)
def test_a_document_cannot_bring_in_another_file_and_loses_nothing_by_trying(
    tmp_path: Path, kind: str, text: str
) -> None:
    secret = write(tmp_path, "secret.txt", "watchword")
    body = converted_page(text.format(secret=secret), kind).body
    assert "watchword" not in body
    assert "Before." in body
    assert "After." in body


def test_what_is_no_document_is_a_problem_and_no_episode(tmp_path: Path) -> None:
    reading = read_one(tmp_path, b"PK no zip", "2024-06-03.docx")
    assert reading.drafts == ()
    (problem,) = reading.problems
    assert problem.skipped
    assert problem.cause.startswith("This document cannot be converted (couldn't unpack docx container")


def test_a_word_document_is_read_with_its_tables_and_dated_by_its_making_where_nothing_else_tells(
    tmp_path: Path,
) -> None:
    document = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
        "<w:p><w:r><w:t>P&amp;L of the harbour, 港の決算</w:t></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>pump</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        "</w:body></w:document>"
    )
    properties = (
        "<cp:coreProperties><dc:title>Harbour minutes</dc:title>"
        '<dcterms:created xsi:type="dcterms:W3CDTF">2024-06-04T08:00:00Z</dcterms:created></cp:coreProperties>'
    )
    data = packed({"word/document.xml": document, "docProps/core.xml": properties, **WORD})
    write(tmp_path, "minutes.docx", data)
    write(tmp_path, "2024-07-02 minutes.docx", data)
    found, problems = read_all(tmp_path)
    assert [(one.date, one.title) for one in found.values()] == [
        (dt.date(2024, 6, 4), "Harbour minutes"),
        (dt.date(2024, 7, 2), "Harbour minutes"),
    ]
    for words in ("P&L of the harbour, 港の決算", "pump"):
        assert words in found["minutes"].prose
    assert problems == []


WORD = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Target="word/document.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
    ),
}


def packed(files: dict[str, str]) -> bytes:
    """Return a zip of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return stream.getvalue()


def test_without_the_extra_the_files_are_named_with_the_line_that_installs_it(tmp_path: Path) -> None:
    write(tmp_path, "letters/2024-06-03.org", LETTER["org"])
    flags = ["--episodes", str(tmp_path / "letters"), "--index", str(tmp_path / "index"), "--embedder", "none"]
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT, "index", *flags], check=False, capture_output=True, encoding="utf-8"
    )
    assert run.returncode == 3
    assert "1 .org" in run.stderr
    assert 'pip install "zunda-mcp[formats]"' in run.stderr


def test_with_the_extra_no_message_names_it(tmp_path: Path) -> None:
    write(tmp_path, "2024-06-03.org", "")
    assert "zunda-mcp[formats]" not in coverage_of([tmp_path], 0, {"letters/2024-06-03.org": False}).message()


def test_where_slow_documents_have_used_up_their_time_the_others_wait_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pandoc, "SLOW_SECONDS", -1e9)
    reading = read_one(tmp_path, LETTER["org"], "letter.org")
    assert reading.unavailable == "slow documents have used up the time for converting"
    monkeypatch.undo()
    assert read_one(tmp_path, LETTER["org"], "letter.org").draft is not None


def test_a_document_that_takes_too_much_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pandoc, "HEAP", "64m")
    (remark,) = converted_page("* word *b* more\n" * 9000, "asciidoc").remarks
    assert remark[1] == "This document cannot be converted (it takes more than 64MB of memory); it was skipped."

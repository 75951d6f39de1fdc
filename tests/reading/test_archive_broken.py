"""Whatever is wrong with one file is said in a sentence, and the rest of the archive still reads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from archive_samples import BROKEN, read_all, read_one, write, write_plain
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import examples
from zunda_mcp.errors import ArchiveError
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.file_reader import duplicate_problem
from zunda_mcp.reading.source_file import USUAL_BYTES

SAMPLES = [
    ("2031-01-01-1", 1, "no front matter", False),
    ("2031-01-02-2", 3, "`description` was read as plain text", False),
    ("2031-01-03-3", 1, "never closed", False),
    ("2031-01-04-4", 3, "`あさって` cannot be understood; the date of the file name was used", False),
    ("2031-01-05-5", None, "empty", True),
    ("2031-01-06-6", 2, "alias or anchor", False),
    ("2031-01-07-7", 3, "python/object/apply:os.system", False),
    ("2031-01-08-8", 2, "merge key", False),
    ("2031-01-09-9", 1, "not a list of `key: value` lines", False),
    ("2031-01-10-10", 3, "nested more than 12 levels", False),
    ("2031-01-11-11", 4, "tabs", False),
    ("2031-01-12-12", 3, "`title` stands here a second time", False),
    ("2031-01-13-13", None, "no title", False),
    ("2031-02-30-14", None, "Neither the front matter nor the file name has a date", True),
    ("memo", 1, "Nor does its name begin with a date", True),
    ("undated", None, "Neither the front matter nor the file name has a date", True),
    ("wrong-date", 3, "`2031-13-45` cannot be understood; nor has the file name a date, so it has none", False),
    ("broken-undated", None, "Neither the front matter nor the file name has a date", True),
]


@pytest.mark.parametrize(("stem", "line", "words", "skipped"), SAMPLES, ids=[sample[0] for sample in SAMPLES])
def test_a_broken_file_has_one_problem_with_file_line_and_cause(
    stem: str, line: int | None, words: str, skipped: bool
) -> None:
    episodes, problems = read_all(BROKEN)
    problem, *others = [problem for problem in problems if problem.path == f"broken/{stem}.md"]
    assert all("read as plain text" in other.cause for other in others)
    assert problem.line == line
    assert words in problem.cause
    assert problem.cause.endswith(".")
    assert problem.skipped is skipped
    assert (stem not in episodes) is skipped


def test_every_broken_sample_is_in_the_table_and_a_readme_is_no_problem() -> None:
    _, problems = read_all(BROKEN)
    assert {problem.path for problem in problems} == {f"broken/{sample[0]}.md" for sample in SAMPLES}


def test_an_episode_with_broken_front_matter_keeps_its_stories() -> None:
    episodes, _ = read_all(BROKEN)
    episode = episodes["2031-01-02-2"]
    assert (episode.title, str(episode.date), episode.number) == ("閉じない引用符 'は", "2031-01-02", 2)
    assert [story.summary for story in episode.stories] == ["要点です。"]


def test_front_matter_that_is_never_closed_still_gives_its_title(tmp_path: Path) -> None:
    episodes, _ = read_all(BROKEN)
    assert episodes["2031-01-03-3"].title == "閉じない前書き"
    reading = read_one(tmp_path, "---\nただの文。\n\n- [話](https://a.example/)\n\n要点。\n")
    assert reading.draft is not None
    assert reading.draft.prose == "ただの文。"
    assert "cannot be made out" in reading.problems[0].cause


def test_a_file_without_front_matter_takes_its_title_from_the_first_heading(tmp_path: Path) -> None:
    reading = read_one(tmp_path, "# 見出しの題\n\n- [話](https://a.example/)\n")
    assert reading.draft is not None
    assert reading.draft.title == "見出しの題"
    assert reading.draft.prose == ""
    below = read_one(tmp_path, "## 関連リンク\n\n- [話](https://a.example/)\n")
    assert below.draft is not None
    assert below.draft.title == "2031-01-01-1"


def test_a_byte_order_mark_is_ignored_and_said(tmp_path: Path) -> None:
    reading = read_one(tmp_path, b"\xef\xbb\xbf" + "---\ntitle: 豆\ndate: 2031-01-01\n---\n".encode())
    assert reading.draft is not None
    assert reading.draft.title == "豆"
    assert [(problem.skipped, "BOM" in problem.cause) for problem in reading.problems] == [(False, True)]


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_other_newlines_read_like_the_usual_ones(tmp_path: Path, newline: str) -> None:
    text = "---\ntitle: 豆\ndate: 2031-01-01\n---\n\n- [話](https://a.example/)  \n\n一。\n\n二。\n"
    usual = read_one(tmp_path, text)
    other = read_one(tmp_path, text.replace("\n", newline))
    assert other.draft == usual.draft
    assert not other.problems


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp", "iso2022_jp", "utf-16", "utf-32"])
def test_japanese_in_another_encoding_is_read_and_the_encoding_named(tmp_path: Path, encoding: str) -> None:
    text = "---\ntitle: ずんだもち、豆の回\ndate: 2031-01-01\n---\n\n- [豆の話](https://a.example/)\n\nカタカナと漢字です。\n"
    reading = read_one(tmp_path, text.encode(encoding))
    assert reading.draft is not None
    assert reading.draft.title == "ずんだもち、豆の回"
    (problem,) = reading.problems
    assert not problem.skipped
    assert encoding.casefold() in problem.cause.casefold()


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\0\0binary", b"\xff\xfe\x00", b"\xff\xff\xfd text \x80\x81"])
def test_a_file_that_is_no_text_is_skipped(tmp_path: Path, data: bytes) -> None:
    reading = read_one(tmp_path, data)
    assert reading.draft is None
    assert len(reading.digest) == 64
    assert [problem.skipped for problem in reading.problems] == [True]


def test_a_file_of_50_megabytes_is_skipped_unread(tmp_path: Path) -> None:
    write_plain(tmp_path, "2031-01-01-1")
    with (tmp_path / "2031-01-02-2.md").open("wb") as stream:
        stream.truncate(50 * 1024 * 1024)
    scan = ArchiveReader([tmp_path]).scan()
    assert [file.path.stem for file in scan.files] == ["2031-01-01-1"]
    (problem,) = scan.problems
    assert problem.skipped
    assert "50.0 MiB" in problem.cause


def test_a_file_that_grew_after_the_scan_is_not_read_either(tmp_path: Path) -> None:
    write_plain(tmp_path, "2031-01-01-1")
    reader = ArchiveReader([tmp_path])
    (file,) = reader.scan().files
    file.path.write_bytes(b"a" * (USUAL_BYTES + 1))
    reading = reader.read(file)
    assert (reading.draft, reading.digest) == (None, "")
    assert "skipped unread" in reading.problems[0].cause


def test_a_file_that_went_away_after_the_scan_is_a_problem(tmp_path: Path) -> None:
    write_plain(tmp_path, "2031-01-01-1")
    reader = ArchiveReader([tmp_path])
    (file,) = reader.scan().files
    file.path.unlink()
    assert "cannot be read" in reader.read(file).problems[0].cause
    file.path.mkdir()
    assert "not an ordinary file" in reader.read(file).problems[0].cause


def test_front_matter_longer_than_512_kb_is_refused(tmp_path: Path) -> None:
    reading = read_one(tmp_path, "---\ntitle: " + "豆" * 530_000 + "\n---\n")
    assert "longer than 512 KB" in reading.problems[0].cause


def test_the_second_of_two_files_with_one_id_is_skipped(tmp_path: Path) -> None:
    write_plain(tmp_path / "new", "2031-01-01-1")
    write_plain(tmp_path / "old", "2031-01-01-1", "2031-01-02-2")
    episodes, problems = read_archive(ArchiveReader([tmp_path / "new", tmp_path / "old"]))
    assert [episode.path for episode in episodes] == ["new/2031-01-01-1.md", "old/2031-01-02-2.md"]
    assert problems == [duplicate_problem("old/2031-01-01-1.md", "new/2031-01-01-1.md", "2031-01-01-1")]
    assert problems[0].skipped


def test_an_unreadable_file_or_folder_does_not_stop_the_rest(tmp_path: Path) -> None:
    write_plain(tmp_path, "2031-01-01-1", "2031-01-02-2")
    write_plain(tmp_path / "closed", "2031-01-03-3")
    (tmp_path / "2031-01-02-2.md").chmod(0)
    (tmp_path / "closed").chmod(0)
    if os.access(tmp_path / "closed", os.R_OK):
        pytest.skip("this user reads files without permission")
    try:
        episodes, problems = read_archive(ArchiveReader([tmp_path]))
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert [episode.id for episode in episodes] == ["2031-01-01-1"]
    assert len(problems) == 2
    assert all("permission denied" in problem.cause for problem in problems)


def test_a_file_whose_bytes_cannot_be_had_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_plain(tmp_path, "2031-01-01-1")
    reader = ArchiveReader([tmp_path])
    (file,) = reader.scan().files

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refuse)
    reading = reader.read(file)
    assert (reading.draft, reading.digest) == (None, "")
    assert reading.problems[0].cause == "This file cannot be read (permission denied); it was skipped."


def test_only_an_archive_without_any_readable_folder_is_an_error(tmp_path: Path) -> None:
    write_plain(tmp_path / "here", "2031-01-01-1")
    scan = ArchiveReader([tmp_path / "here", tmp_path / "gone"]).scan()
    assert len(scan.files) == 1
    assert [problem.path for problem in scan.problems] == ["gone"]
    with pytest.raises(ArchiveError, match="gone"):
        ArchiveReader([tmp_path / "gone"]).scan()
    with pytest.raises(ArchiveError, match="no folder was named"):
        ArchiveReader([]).scan()
    with pytest.raises(ArchiveError, match="not a file of a kind that is read"):
        ArchiveReader([write(tmp_path, "file.pdf", "豆")]).scan()


SHARP = st.sampled_from(
    [
        "---\n",
        "\n\n",
        "- [",
        "](",
        "https://a.example/x",
        ")",
        "\n",
        "  ",
        "引用元: ",
        "\\n",
        "\\\n  \\ ",
        '"',
        "'",
        "&a *a",
        "title: ",
        "date: 2031-01-01",
        "```\n",
        "# ",
        "<iframe src='https://www.youtube.com/embed/",
        "!!python/name:os",
        "\t",
        "%ZZ",
        "<<: ",
        "{",
        "[",
        "\x0b",
        "\u2028",
        "\x1b$",
        "&quot;",
        "\\ud800",
        "豆",
        "http://[",
        "\ufeff",
        "\x7f",
        "<!--",
        "![CDATA[",
        "1. ",
        "> ",
        "date: 0001-01-01 00:00:00 +2359",
        "date: 9999-12-31 23:59:59 -1200",
    ]
)


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(SHARP | st.text(max_size=5), max_size=40), framed=st.booleans())
def test_no_text_whatever_makes_reading_fail(tmp_path: Path, pieces: list[str], framed: bool) -> None:
    body = "".join(pieces).encode("utf-8", "replace")
    content = b'---\ntitle: "' + body + b'"\n---\n\n- [' + body if framed else body
    reading = read_one(tmp_path, content)
    if reading.draft is not None:
        assert reading.draft.episode(frozenset()).model_dump_json()


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_no_bytes_whatever_make_reading_fail(tmp_path: Path, content: bytes) -> None:
    reading = read_one(tmp_path, content)
    assert (reading.draft is None) <= bool(reading.problems)

"""Scanning lists files without opening them, in an order that does not depend on the disk."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from archive_samples import write, write_plain

from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive


def _names(*sources: Path) -> list[str]:
    return [file.label for file in ArchiveReader(sources).scan().files]


def _causes(*sources: Path) -> list[tuple[str, str]]:
    return [(problem.path, problem.cause) for problem in ArchiveReader(sources).scan().problems]


def test_posts_come_before_posts_bak_and_folders_are_walked_in_order(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_plain(site / "_posts.bak", "2031-01-01-1")
    write_plain(site / "_posts", "2031-01-02-2", "2031-01-01-1")
    write_plain(site / "_posts" / "2030", "2030-01-01-1")
    assert _names(site) == [
        "site/_posts/2030/2030-01-01-1.md",
        "site/_posts/2031-01-01-1.md",
        "site/_posts/2031-01-02-2.md",
        "site/_posts.bak/2031-01-01-1.md",
    ]


def test_sources_come_in_the_order_given(tmp_path: Path) -> None:
    write_plain(tmp_path / "b", "2031-01-01-1")
    write_plain(tmp_path / "a", "2031-01-02-2")
    assert _names(tmp_path / "b", tmp_path / "a") == ["b/2031-01-01-1.md", "a/2031-01-02-2.md"]


def test_a_lecture_on_security_is_an_episode_and_a_policy_in_capitals_is_paperwork(tmp_path: Path) -> None:
    page = "---\ntitle: {}\ndate: 2031-01-04\n---\n\nText.\n"
    write(tmp_path, "_2031/security.md", page.format("Locks"))
    write(tmp_path, "_2031/governance.md", page.format("Councils"))
    write(tmp_path, "SECURITY.md", page.format("Policy"))
    write(tmp_path, "Security.md", page.format("Policy of ours"))
    episodes, _ = read_archive(ArchiveReader([tmp_path]))
    assert {episode.title for episode in episodes} == {"Locks", "Councils"}


def test_hidden_and_foreign_folders_and_paperwork_are_left_out(tmp_path: Path) -> None:
    for name in (".git/x.md", "node_modules/x.md", "vendor/x.md", ".hidden.md", "readme.md", "README.ja.md"):
        write(tmp_path, name, "x")
    for name in ("CHANGELOG.md", "LICENSE.md", "Contributing.markdown", "_config.yml", "zunda-mcp.toml", "notes.txt"):
        write(tmp_path, name, "x")
    for name in ("CODE-OF-CONDUCT.md", "README-Setup.md", "AGENTS.md", "episode-template.md", "template.md"):
        write(tmp_path, name, "x")
    write(tmp_path, "TEMPLATE-of-2031-05-06.md", "x")
    write(tmp_path, "2031-01-01-1.MD", "x")
    write(tmp_path, "2031-01-02-2.markdown", "x")
    assert [name.split("/")[-1] for name in _names(tmp_path)] == ["2031-01-01-1.MD", "2031-01-02-2.markdown"]
    assert _causes(tmp_path) == []


def test_a_scan_says_size_and_time_as_the_disk_does(tmp_path: Path) -> None:
    path = write(tmp_path, "2031-01-01-1.md", "豆")
    (file,) = ArchiveReader([tmp_path]).scan().files
    assert (file.path, file.size, file.mtime_ns) == (path, 3, path.stat().st_mtime_ns)


def test_two_sources_of_one_name_are_told_apart_by_the_folder_above(tmp_path: Path) -> None:
    write_plain(tmp_path / "one" / "_posts", "2031-01-01-1")
    write_plain(tmp_path / "two" / "_posts", "2031-01-01-1")
    assert _names(tmp_path / "one" / "_posts", tmp_path / "two" / "_posts") == [
        "one/_posts/2031-01-01-1.md",
        "two/_posts/2031-01-01-1.md",
    ]


def test_a_source_inside_another_is_not_read_twice(tmp_path: Path) -> None:
    write_plain(tmp_path / "in", "2031-01-01-1")
    write_plain(tmp_path, "2031-01-02-2")
    assert len(_names(tmp_path, tmp_path / "in")) == 2
    assert "part of an earlier one" in _causes(tmp_path, tmp_path / "in")[0][1]
    assert len(_names(tmp_path / "in", tmp_path)) == 2
    assert _causes(tmp_path / "in", tmp_path) == []


def test_a_folder_with_the_name_of_an_episode_is_a_problem_and_its_files_count(tmp_path: Path) -> None:
    write_plain(tmp_path / "a" / "x.md", "2031-01-01-1")
    assert _names(tmp_path / "a") == ["a/x.md/2031-01-01-1.md"]
    ((path, cause),) = _causes(tmp_path / "a")
    assert path == "a/x.md"
    assert "folder with the name of an episode file" in cause


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
class TestLinks:
    def test_linked_folders_and_files_are_followed(self, tmp_path: Path) -> None:
        write_plain(tmp_path / "elsewhere" / "deep", "2031-01-01-1")
        write_plain(tmp_path / "elsewhere", "2031-01-02-2")
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "folder").symlink_to(tmp_path / "elsewhere" / "deep")
        (tmp_path / "a" / "2031-01-03-3.md").symlink_to(tmp_path / "elsewhere" / "2031-01-02-2.md")
        assert _names(tmp_path / "a") == ["a/2031-01-03-3.md", "a/folder/2031-01-01-1.md"]
        assert _causes(tmp_path / "a") == []

    def test_a_loop_of_folders_is_not_followed_twice(self, tmp_path: Path) -> None:
        write_plain(tmp_path / "a" / "b", "2031-01-01-1")
        (tmp_path / "a" / "b" / "back").symlink_to(tmp_path / "a")
        (tmp_path / "a" / "up").symlink_to(tmp_path)
        assert _names(tmp_path / "a") == ["a/b/2031-01-01-1.md"]
        assert {path for path, cause in _causes(tmp_path / "a") if "leads back" in cause} == {"a/b/back", "a/up"}

    def test_a_file_keeps_its_real_name_beside_a_link_to_it(self, tmp_path: Path) -> None:
        write_plain(tmp_path / "a", "2031-01-01-1")
        (tmp_path / "a" / "2000-01-01-latest.md").symlink_to(tmp_path / "a" / "2031-01-01-1.md")
        assert _names(tmp_path / "a") == ["a/2031-01-01-1.md"]
        assert "read anyway" in _causes(tmp_path / "a")[0][1]

    def test_links_to_nothing_and_to_themselves_are_problems(self, tmp_path: Path) -> None:
        write_plain(tmp_path / "a", "2031-01-01-1")
        (tmp_path / "a" / "gone.md").symlink_to(tmp_path / "nothing")
        (tmp_path / "a" / "self.md").symlink_to(tmp_path / "a" / "self.md")
        assert len(_names(tmp_path / "a")) == 1
        assert [path for path, _ in _causes(tmp_path / "a")] == ["a/gone.md", "a/self.md"]

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "2031-01-01-1.md")
        assert _names(tmp_path) == []
        assert "not an ordinary file" in _causes(tmp_path)[0][1]


def test_a_reader_that_scans_again_finds_every_change_and_goes_through_nothing_that_has_not_changed(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "a"
    write_plain(folder, "2031-01-01-1", "2031-01-02-2")
    write(folder, "_config.yml", 'title: A\nurl: "https://a.example.org"\npermalink: /:title/\n')
    reader = ArchiveReader([folder])

    def step(change: Callable[[], object]) -> None:
        before = reader.scan()
        assert reader.scan() is before
        change()
        again = reader.scan()
        assert again != before
        assert again == ArchiveReader([folder]).scan()

    page = folder / "2031-01-02-2.md"
    step(lambda: page.write_text("longer than it was", encoding="utf-8"))
    step(lambda: os.utime(page, ns=(1, 1)))
    step(lambda: write_plain(folder / "new" / "below", "2031-01-03-3"))
    step(lambda: write(folder, "2031-01-02-2.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nHello.\n"))
    step(lambda: write(folder, "_transcripts/2031-01-01-1.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nHello.\n"))
    step(lambda: write(folder, "2031-01-04-4.srt", "1\n00:00:00,000 --> 00:00:01,000\nHello.\n"))
    step(lambda: write(folder, "people/zunda.md", "---\nname: Zunda\n---\n"))
    step(lambda: page.rename(folder / "2031-01-05-5.md"))
    step(lambda: (folder / "new" / "below").rename(folder / "_drafts"))
    step(lambda: write(folder, "zunda-mcp.toml", '[archive]\nexclude = ["people/**"]\n'))
    step((folder / "2031-01-05-5.md").unlink)


def test_what_a_link_leads_to_is_looked_at_in_each_scan(tmp_path: Path) -> None:
    write_plain(tmp_path / "a", "2031-01-01-1")
    write_plain(tmp_path / "b", "2031-01-02-2")
    (tmp_path / "a" / "b").symlink_to(tmp_path / "b")
    reader = ArchiveReader([tmp_path / "a", tmp_path / "b"])
    assert len(reader.scan().files) == 2
    write_plain(tmp_path / "b", "2031-01-03-3")
    assert len(reader.scan().files) == 3


def test_scanning_imports_nothing_heavy(tmp_path: Path) -> None:
    write_plain(tmp_path, "2031-01-01-1")
    code = (
        "import sys, pathlib; from zunda_mcp.reading.archive_reader import ArchiveReader; "
        f"assert len(ArchiveReader([pathlib.Path({str(tmp_path)!r})]).scan().files) == 1; "
        "print([name for name in ('yaml', 'frontmatter', 'markdown_it') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "[]"

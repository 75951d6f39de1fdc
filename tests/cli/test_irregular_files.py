"""A FIFO, a device or an endless file under the name of a configuration file holds up nothing, and is reported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import preloaded
import pytest
from cli_samples import environment, write_archive

from zunda_mcp.config.files import open_regular, read_regular, replace_text
from zunda_mcp.config.load import load_settings
from zunda_mcp.errors import SettingsError
from zunda_mcp.install.clients import Machine, client_named, place

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no FIFOs there, and links need a privilege")

PATIENCE = 60
"""Seconds after which a command counts as held up: it takes one or two."""
_MEMORY = 4 * 1024**3


def fifo(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(6 * 1024**3)


KINDS = [fifo, endless, sparse]
Make = Callable[[Path], None]


def run(home: Path, *arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run ``zunda-mcp`` with so much memory as is enough for all it should read."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}));"
    return preloaded.run(
        [*map(str, arguments)], environment(home), home, limit + preloaded.COMMAND, stdin=stdin, timeout=PATIENCE
    )


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("place", ["posts/_config.yml", "_config.yml", "posts/.git/config", "posts/.git/HEAD"])
def test_what_describes_a_site_or_a_checkout_holds_up_no_command(tmp_path: Path, place: str, make: Make) -> None:
    posts = write_archive(tmp_path / "posts")
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    if path.parent.name == ".git":
        (path.parent / "config").write_text(
            '[remote "origin"]\n\turl = https://github.com/owner/show\n', encoding="utf-8"
        )
        (path.parent / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
        (tmp_path / place).unlink()
    make(path)
    done = run(tmp_path, "search", "MCP", "--episodes", posts)
    assert (done.returncode, done.stderr) == (0, "")
    if path.parent.name != ".git" and make is not endless:
        said = run(tmp_path, "index", "--episodes", posts).stdout
        assert f"{path.parent.name}/_config.yml: The site's configuration cannot be read (" in said


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("place", ["posts/zunda-mcp.toml", "zunda-mcp.toml", "zunda-aliases.txt"])
def test_settings_that_are_no_regular_file_are_refused(tmp_path: Path, place: str, make: Make) -> None:
    posts = write_archive(tmp_path / "posts")
    make(tmp_path / place)
    done = run(tmp_path, "search", "MCP", "--episodes", posts)
    assert (done.returncode, done.stdout) == (2, "")
    assert str(tmp_path / place) in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_settings_file_is_not_read_through_a_link_that_leads_out_of_a_checkout(tmp_path: Path) -> None:
    posts = write_archive(tmp_path / "clone" / "posts")
    (tmp_path / "clone" / ".git").mkdir()
    (tmp_path / "private.toml").write_text('name = "private"\n', encoding="utf-8")
    (posts / "zunda-mcp.toml").symlink_to(tmp_path / "private.toml")
    with pytest.raises(SettingsError, match="leads out of the repository it came with"):
        load_settings(episodes=[posts], environ={})


@pytest.mark.parametrize("make", [fifo, endless])
@pytest.mark.parametrize("verb", ["install", "uninstall", "doctor"])
def test_a_clients_file_that_is_no_regular_file_is_left_alone(tmp_path: Path, verb: str, make: Make) -> None:
    posts = write_archive(tmp_path / "posts")
    where = place(client_named("cursor"), "user", Machine(sys.platform, {}, tmp_path, tmp_path, Path(sys.executable)))
    where.file.parent.mkdir(parents=True)
    make(where.file)
    words: dict[str, list[str | Path]] = {
        "install": ["cursor", "--episodes", posts],
        "uninstall": ["cursor"],
        "doctor": ["--episodes", posts],
    }
    done = run(tmp_path, verb, *words[verb])
    assert done.returncode == (0 if verb == "doctor" else 3)
    assert f"{where.file} cannot be read (it is not an ordinary file)" in done.stdout + done.stderr


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("name", ["show.rss", "list.opml"])
def test_what_is_no_regular_file_is_added_as_no_source(tmp_path: Path, name: str, make: Make) -> None:
    make(tmp_path / name)
    done = run(tmp_path, "add", tmp_path / name)
    assert done.returncode in (2, 3)
    assert done.stdout == ""
    assert str((tmp_path / name).resolve()) in done.stderr
    done = run(tmp_path, "add", tmp_path / name, "--kind", "opml" if name == "list.opml" else "feed")
    assert done.returncode in (2, 3)
    assert str((tmp_path / name).resolve()) in done.stderr


@pytest.mark.parametrize("make", KINDS)
def test_a_record_of_a_source_that_is_no_regular_file_is_none(tmp_path: Path, make: Make) -> None:
    folder = tmp_path / "state" / "sources" / "show"
    folder.mkdir(parents=True)
    make(folder / "source.json")
    done = run(tmp_path, "sources")
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1)


def test_only_regular_files_up_to_a_size_are_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("file")
    fifo(tmp_path / "fifo")
    assert read_regular(tmp_path / "link", 5) == b"12345"
    with pytest.raises(OSError, match="it is larger than 4 bytes"):
        read_regular(tmp_path / "file", 4)
    for other in (tmp_path, tmp_path / "fifo", Path("/dev/null")):
        with pytest.raises(OSError, match="it is not an ordinary file"):
            open_regular(other)


_OPENS = ("read_text(", "read_bytes(", '.open("rb")', "open(encoding")
_OWN = {
    "files.py",
    "embeddings",  # the package's own model, unpacked by itself
    "index",  # checked by its inventory, or bounded
    "server",  # its own assets and standard streams
    "text",  # its own tables
}


def test_no_other_room_opens_files_that_are_not_its_own() -> None:
    package = Path(__file__).parents[2] / "src" / "zunda_mcp"
    found = [
        str(file.relative_to(package))
        for file in package.rglob("*.py")
        if file.relative_to(package).parts[0] not in _OWN
        and any(call in file.read_text(encoding="utf-8") for call in _OPENS)
    ]
    assert found == []


_KILLED = """
import os, signal, sys
from pathlib import Path
from zunda_mcp.config.files import replace_text
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
replace_text(Path(sys.argv[1]), "half")
"""


@pytest.mark.skipif(os.name == "nt", reason="sends SIGKILL")
def test_what_a_killed_write_left_is_removed_by_a_later_one_once_it_is_old(tmp_path: Path) -> None:
    folder = tmp_path / "private"
    file = folder / "record.json"
    for _ in range(2):
        killed = subprocess.run([sys.executable, "-c", _KILLED, str(file)], check=False)
        assert killed.returncode == -signal.SIGKILL
    old, fresh = folder.iterdir()
    os.utime(old, (0, 0))
    replace_text(file, "whole")
    assert {path.name for path in folder.iterdir()} == {fresh.name, "record.json"}
    assert file.read_text(encoding="utf-8") == "whole"

"""Installing into real files and undoing it: what is written, what is kept, what is never touched."""

from __future__ import annotations

import codecs
import json
import os
import stat
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from install_samples import CLIENT_NAMES, ENTRY, JSON_CLIENT_NAMES, OTHER, documents, place_of, servers_in

from zunda_mcp.errors import InstallError
from zunda_mcp.install.change import backups, installation, read_client_file, removal
from zunda_mcp.install.clients import Place

DESKTOP = """{
    "mcpServers": {
        "other": {"command": "npx", "args": ["-y", "x"]}
    },
    "設": 1
}
""".encode()
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")


@given(st.data(), st.sampled_from(JSON_CLIENT_NAMES), st.booleans())
def test_undoing_gives_back_the_bytes_from_before(data: st.DataObject, client: str, mark: bool) -> None:
    with tempfile.TemporaryDirectory() as home:
        where = place_of(client, Path(home))
        text = data.draw(documents(comments=False) | st.sampled_from(["", "\n", "{}", "{\n}"]))
        before = (codecs.BOM_UTF8 if mark else b"") + text.encode()
        where = place_of(client, Path(home), before)
        installation(where, "zunda", ENTRY).carry_out()
        assert where.file.read_bytes() != before
        if data.draw(st.booleans()):
            installation(where, "zunda", OTHER).carry_out()
        removal(where, "zunda").carry_out()
        assert where.file.read_bytes() == before


@pytest.mark.parametrize("client", CLIENT_NAMES)
def test_a_file_that_was_made_for_the_entry_goes_with_it(tmp_path: Path, client: str) -> None:
    where = place_of(client, tmp_path)
    change = installation(where, "zunda", ENTRY)
    assert (change.action, change.before) == ("added", None)
    assert change.diff().startswith("--- /dev/null\n")
    change.carry_out()
    assert servers_in(where) == {"zunda": ENTRY}
    gone = removal(where, "zunda")
    assert gone.action == "file removed"
    gone.carry_out()
    assert list(tmp_path.iterdir()) == [tmp_path / "project"]  # no folder is a trace of a client


def test_the_folder_made_in_a_project_goes_too_unless_it_holds_more(tmp_path: Path) -> None:
    where = place_of("vscode", tmp_path, scope="project")
    installation(where, "zunda", ENTRY).carry_out()
    removal(where, "zunda").carry_out()
    assert not where.file.parent.exists()
    installation(where, "zunda", ENTRY).carry_out()
    (where.file.parent / "settings.json").touch()
    removal(where, "zunda").carry_out()
    assert [path.name for path in where.file.parent.iterdir()] == ["settings.json"]


def test_installing_twice_writes_once(tmp_path: Path) -> None:
    where = place_of("claude-desktop", tmp_path, DESKTOP)
    installation(where, "zunda", ENTRY).carry_out()
    again = installation(where, "zunda", ENTRY)
    assert (again.action, again.changes, again.diff()) == ("already there", False, "")
    stamp = where.file.stat().st_mtime_ns
    assert again.carry_out() is None
    assert where.file.stat().st_mtime_ns == stamp
    assert len(backups(where.file)) == 1


def test_another_archive_changes_only_its_own_line(tmp_path: Path) -> None:
    where = place_of("claude-desktop", tmp_path, DESKTOP)
    installation(where, "zunda", ENTRY).carry_out()
    change = installation(where, "zunda", OTHER)
    assert change.action == "updated"
    changed = [line for line in change.diff().splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert [line[0] for line in changed] == ["-", "+"]
    assert "/srv/他" in changed[1]


def test_what_the_user_added_to_the_entry_stays(tmp_path: Path) -> None:
    mine = {
        "command": "/old/zunda-mcp",
        "args": [],
        "disabled": True,
        "env": {"HTTPS_PROXY": "http://proxy", "ZUNDA_MCP_NAME": "old"},
    }
    where = place_of("cursor", tmp_path, json.dumps({"mcpServers": {"zunda": mine}}, indent=4).encode())
    installation(where, "zunda", ENTRY | {"env": {"ZUNDA_MCP_STATE": "/s"}}).carry_out()
    now = json.loads(where.file.read_text(encoding="utf-8"))["mcpServers"]["zunda"]
    assert now == {**mine, **ENTRY, "env": {"HTTPS_PROXY": "http://proxy", "ZUNDA_MCP_STATE": "/s"}}


def test_what_changed_meanwhile_stays_when_the_entry_goes(tmp_path: Path) -> None:
    where = place_of("vscode", tmp_path, b'{\n  "inputs": []\n}\n')
    installation(where, "zunda", ENTRY).carry_out()
    text = where.file.read_text(encoding="utf-8")
    where.file.write_text(text.replace('"inputs": [],', '"inputs": [1],'), encoding="utf-8")
    gone = removal(where, "zunda")
    assert gone.action == "removed"
    gone.carry_out()
    assert where.file.read_text(encoding="utf-8") == '{\n  "inputs": [\n    1\n  ]\n}\n'


def test_a_server_that_came_after_ours_stays(tmp_path: Path) -> None:
    where = place_of("cursor", tmp_path)
    installation(where, "zunda", ENTRY).carry_out()
    text = where.file.read_text(encoding="utf-8").rstrip("\n} ")
    where.file.write_text(text + '\n    },\n    "b": {}\n  }\n}\n', encoding="utf-8")
    before = json.loads(where.file.read_text(encoding="utf-8"))
    removal(where, "zunda").carry_out()
    del before["mcpServers"]["zunda"]
    assert json.loads(where.file.read_text(encoding="utf-8")) == before == {"mcpServers": {"b": {}}}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"mcpServers": {,}}', "not valid JSON at line 1, column 17"),
        (b'{\n "a": 1, // x\n}', "not valid JSON at line 2, column 10"),
        ('{"a": "ずんだ"}'.encode("cp932"), "not UTF-8 (line 1)"),
        ("{}".encode("utf-16"), "not UTF-8 (line 1)"),
        (b"[]", "does not hold a JSON object"),
        (b'{"mcpServers": []}', "cannot be changed safely"),
        (b'{"mcpServers": {}, "mcpServers": {}}', "mcpServers twice"),
        (b'{"mcpServers": {"zunda": {"command": "npx", "args": ["x"]}}}', "Choose another with --name"),
    ],
)
def test_a_file_that_cannot_be_changed_safely_is_left_as_it_is(tmp_path: Path, data: bytes, said: str) -> None:
    where = place_of("claude-desktop", tmp_path, data)
    with pytest.raises(InstallError) as found:
        installation(where, "zunda", ENTRY).carry_out()
    assert said in str(found.value)
    assert str(where.file) in str(found.value)
    assert where.file.read_bytes() == data
    assert [path.name for path in where.file.parent.iterdir()] == [where.file.name]


def test_anothers_server_of_our_name_is_not_taken_out(tmp_path: Path) -> None:
    where = place_of("cursor", tmp_path, b'{"mcpServers": {"zunda": {"command": "npx"}}}')
    with pytest.raises(InstallError, match="is not zunda-mcp"):
        removal(where, "zunda")


def test_where_there_is_no_entry_there_is_nothing_to_undo(tmp_path: Path) -> None:
    for data in (None, DESKTOP):
        change = removal(place_of("claude-desktop", tmp_path, data), "zunda")
        assert (change.action, change.changes) == ("not there", False)


def test_a_file_written_by_the_client_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    where = place_of("claude-code", tmp_path, DESKTOP)
    change = installation(where, "zunda", ENTRY)
    where.file.write_bytes(b'{"numStartups": 2}')
    with pytest.raises(InstallError, match="changed by another program"):
        change.carry_out()
    assert where.file.read_bytes() == b'{"numStartups": 2}'
    assert not list(where.file.parent.glob("*.tmp"))


# --- copies, modes, links ---


def test_every_copy_is_kept_until_there_are_more_than_ten(tmp_path: Path) -> None:
    where = place_of("claude-desktop", tmp_path, DESKTOP)
    first = installation(where, "zunda", ENTRY).carry_out()
    assert first is not None
    assert first.read_bytes() == DESKTOP
    seen = [first]
    for number in range(11):
        before = where.file.read_bytes()
        kept = installation(where, "zunda", (OTHER, ENTRY)[number % 2]).carry_out()
        assert kept is not None
        assert kept not in seen
        assert kept.read_bytes() == before
        seen.append(kept)
    assert sorted(backups(where.file)) == sorted(seen[-10:])


@POSIX
def test_a_private_file_stays_private_and_so_does_its_copy(tmp_path: Path) -> None:
    where = place_of("claude-code", tmp_path, DESKTOP)
    where.file.chmod(0o600)
    copy = installation(where, "zunda", ENTRY).carry_out()
    assert copy is not None
    assert [stat.S_IMODE(path.stat().st_mode) for path in (where.file, copy)] == [0o600, 0o600]


@POSIX
def test_a_linked_file_is_changed_where_it_lies(tmp_path: Path) -> None:
    where = place_of("cursor", tmp_path)
    real = tmp_path / "dotfiles" / "cursor.json"
    real.parent.mkdir()
    real.write_bytes(DESKTOP)
    where.file.parent.mkdir()
    where.file.symlink_to(real)
    installation(where, "zunda", ENTRY).carry_out()
    assert where.file.is_symlink()
    assert b"zunda" in real.read_bytes()
    removal(where, "zunda").carry_out()
    assert where.file.is_symlink()
    assert real.read_bytes() == DESKTOP


@POSIX
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="everything is writable for the superuser")
def test_a_protected_file_is_respected(tmp_path: Path) -> None:
    where = place_of("cursor", tmp_path, DESKTOP)
    where.file.chmod(0o444)
    with pytest.raises(InstallError, match="write-protected"):
        installation(where, "zunda", ENTRY).carry_out()


def test_a_folder_in_the_place_of_the_file_is_said(tmp_path: Path) -> None:
    where: Place = place_of("cursor", tmp_path)
    where.file.mkdir(parents=True)
    with pytest.raises(InstallError, match="cannot be read"):
        read_client_file(where.file)

"""``install``, ``uninstall`` and what ``doctor`` makes of it, as a user in a home of their own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_samples import run, write_archive

from zunda_mcp.cli.doctor import Diagnosis, packages_check
from zunda_mcp.cli.install_verbs import Installation

CURSOR = ".cursor/mcp.json"
BEFORE = b'{\r\n\t"mcpServers": {\r\n\t\t"a": {"command": "x"}\r\n\t}\r\n}\r\n'
WITH_COMMENTS = b'{\r\n\t// mine\r\n\t"mcpServers": {\r\n\t\t"a": {"command": "x"}, // keep\r\n\t},\r\n}\r\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with an archive in ``posts``, and a file of Cursor's with line ends of Windows."""
    write_archive(tmp_path / "posts")
    (tmp_path / ".cursor").mkdir()
    (tmp_path / CURSOR).write_bytes(BEFORE)
    return tmp_path


def entry_in(file: Path, key: str = "mcpServers") -> dict[str, Any]:
    """Our entry in a file of strict JSON."""
    entry: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))[key]["zunda"]
    return entry


def test_install_writes_an_entry_that_works_and_uninstall_gives_the_bytes_back(home: Path) -> None:
    done = run(home, "install", "cursor", "--episodes", "posts", XDG_CONFIG_HOME=str(home / "config"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"zunda added to {home / CURSOR} (Cursor, for all projects)\n")
    assert "check      ✓ zunda-mcp " in done.stdout
    assert "next       Restart Cursor" in done.stdout
    again = run(home, "install", "cursor", "--episodes", "posts", "--dry-run", "--no-check", LC_ALL="ja_JP.UTF-8")
    assert "次に" not in done.stdout + again.stdout  # which has written nothing, so there is nothing to do next
    assert f"zunda-mcp index --episodes {home / 'posts'}" in done.stdout
    written = (home / CURSOR).read_bytes()
    assert written.count(b"\r\n") == written.count(b"\n")
    assert b'\r\n\t\t},\r\n\t\t"zunda": {\r\n\t\t\t"command": ' in written
    copy = next((home / ".cursor").glob("*.bak"))
    assert copy.read_bytes() == BEFORE

    gone = run(home, "uninstall", "cursor")
    assert gone.returncode == 0
    assert "byte for byte" in gone.stdout
    assert (home / CURSOR).read_bytes() == BEFORE
    again = run(home, "uninstall", "cursor")
    assert again.returncode == 1
    assert "nothing to remove" in again.stdout


def test_a_file_with_comments_is_not_touched_and_the_entry_is_shown_to_paste(home: Path) -> None:
    (home / CURSOR).write_bytes(WITH_COMMENTS)
    done = run(home, "install", "cursor", "--episodes", "posts")
    assert done.returncode == 3
    assert "it has comments or trailing commas, which would be lost" in done.stderr
    assert (home / CURSOR).read_bytes() == WITH_COMMENTS
    entry = json.dumps(json.loads(done.stdout[done.stdout.index("{") :])["mcpServers"]["zunda"]).encode()
    pasted = WITH_COMMENTS.replace(b"// keep", b'"zunda": ' + entry)
    (home / CURSOR).write_bytes(pasted)
    again = run(home, "install", "cursor", "--episodes", "posts", "--no-check")
    assert "is already there" in again.stdout
    refused = run(home, "uninstall", "cursor")
    assert refused.returncode == 3
    assert "Take zunda out by hand." in refused.stderr
    assert (home / CURSOR).read_bytes() == pasted


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_a_dry_run_shows_the_diff_and_writes_nothing(home: Path, verb: str) -> None:
    if verb == "uninstall":
        assert run(home, "install", "cursor", "--episodes", "posts", "--no-check").returncode == 0
    before = {path: path.read_bytes() for path in (home / ".cursor").iterdir()}
    more = ("--episodes", "posts") if verb == "install" else ()
    done = run(home, verb, "cursor", "--dry-run", *more)
    assert done.returncode == 0
    assert "@@" in done.stdout
    assert ('+\t\t"zunda": {' if verb == "install" else '-\t\t"zunda": {') in done.stdout
    assert "nothing is written" in done.stdout
    assert "check " not in done.stdout
    assert {path: path.read_bytes() for path in (home / ".cursor").iterdir()} == before


def test_installing_again_says_it_is_there_and_another_archive_updates_it(home: Path) -> None:
    write_archive(home / "more")
    asked = ("install", "claude", "code", "--no-check", "--json", "--episodes")
    actions = [
        Installation.model_validate_json(run(home, *asked, *folders).stdout).action
        for folders in (("posts",), ("posts",), ("posts", "--episodes", "more"))
    ]
    assert actions == ["added", "already there", "updated"]
    args = entry_in(home / ".claude.json")["args"]
    assert [word for word in args if word.startswith("/")] == [str(home / "posts"), str(home / "more")]


def test_json_says_everything_that_was_done(home: Path) -> None:
    done = run(home, "install", "vscode", "--scope", "project", "--name", "放送", "--episodes", "posts", "--json")
    assert done.returncode == 2
    done = run(home, "install", "vscode", "--scope", "project", "--name", "my-show", "--episodes", "posts", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = Installation.model_validate_json(done.stdout)
    assert (said.client, said.scope, said.name, said.action) == ("vscode", "project", "my-show", "added")
    assert said.file == str(home / ".vscode" / "mcp.json")
    assert said.created == [str(home / ".vscode")]
    assert said.backup is None
    assert said.entry
    assert said.entry["type"] == "stdio"
    assert said.check
    assert said.check.ok
    assert json.loads((home / ".vscode" / "mcp.json").read_text(encoding="utf-8"))["servers"]["my-show"] == said.entry


def test_broken_json_is_not_touched_and_the_entry_is_shown_to_paste(home: Path) -> None:
    (home / CURSOR).write_bytes(b'{\n  "mcpServers": {\n    "a": oops\n  }\n}\n')
    before = (home / CURSOR).read_bytes()
    done = run(home, "install", "cursor", "--episodes", "posts")
    assert done.returncode == 3
    assert f"{home / CURSOR} is not valid JSON at line 3, column 10" in done.stderr
    assert done.stderr.count("\n") == 1
    pasted = json.loads(done.stdout[done.stdout.index("{") :])
    assert str(home / "posts") in pasted["mcpServers"]["zunda"]["args"]
    assert (home / CURSOR).read_bytes() == before
    refused = Installation.model_validate_json(run(home, "install", "cursor", "--episodes", "posts", "--json").stdout)
    assert refused.action == "refused"
    assert refused.entry == pasted["mcpServers"]["zunda"]


@pytest.mark.parametrize(
    ("command", "said", "code"),
    [
        ("install cursr --episodes posts", "did you mean cursor?", 2),
        ("install --json", "needs a client", 2),
        ("install claude-desktop --scope project --episodes posts", "leave out --scope", 2),
        ("install cursor --scope global --episodes posts", "--scope", 2),
        ("install cursor --episodes nowhere", "There is no folder", 3),
        ("install cursor", "zunda-mcp use DIR", 2),
        ("uninstall cursor --episodes posts", "there is no option --episodes", 2),
    ],
)
def test_wrong_use_is_said_and_nothing_is_written(home: Path, command: str, said: str, code: int) -> None:
    done = run(home, *command.split())
    assert (done.returncode, done.stderr.count("\n")) == (code, 1)
    assert said in done.stderr
    assert (home / CURSOR).read_bytes() == BEFORE


def test_an_entry_that_does_not_answer_is_said_with_exit_code_3(home: Path) -> None:
    mine = {"command": "zunda-mcp", "args": ["serve"], "env": {"PYTHONHOME": str(home / "nowhere")}}
    (home / CURSOR).write_text(json.dumps({"mcpServers": {"zunda": mine}}), encoding="utf-8")
    done = run(home, "install", "cursor", "--episodes", "posts")
    assert done.returncode == 3
    assert done.stdout.startswith("zunda updated in ")
    assert "check      ✗ it ended with exit code 1 without an answer" in done.stdout
    assert entry_in(home / CURSOR)["env"]["PYTHONHOME"] == str(home / "nowhere"), "the user's own variables are theirs"


# --- the doctor ---


def diagnosis(home: Path, **more: str) -> Diagnosis:
    """What the doctor says of the archive in ``posts``."""
    done = run(home, "doctor", "--episodes", "posts", "--json", cwd=home, **more)
    return Diagnosis.model_validate_json(done.stdout)


def test_the_doctor_shakes_hands_as_a_client_would(home: Path) -> None:
    done = run(home, "doctor", "--episodes", "posts")
    assert done.returncode == 0
    assert "✓ python     3." in done.stdout
    assert "✓ handshake  zunda-mcp " in done.stdout
    assert "a search answered" in done.stdout
    assert "· client     none has an entry for zunda-mcp" in done.stdout
    said = diagnosis(home)
    assert said.handshake
    assert said.handshake.ok
    assert said.handshake.answer
    assert said.clients == []


def test_the_doctor_sees_what_clients_have_and_says_what_to_do(home: Path) -> None:
    assert run(home, "install", "cursor", "--episodes", "posts", "--no-check").returncode == 0
    stale = {"command": sys.executable, "args": ["-m", "zunda_mcp", "serve", "--episodes", "posts"]}
    (home / ".claude.json").write_text(json.dumps({"mcpServers": {"show": stale}}), encoding="utf-8")
    done = run(home, "doctor", "--episodes", "posts")
    assert f"✓ client     cursor: zunda in {home / CURSOR}: serves this archive, answers in " in done.stdout
    assert (
        f"✗ client     claude-code: show in {home / '.claude.json'}: --episodes posts is a relative path" in done.stdout
    )
    assert "→ zunda-mcp install claude-code --name show --episodes DIR writes it again." in done.stdout
    assert "next       zunda-mcp install claude-code" in done.stdout


def test_the_doctor_starts_nothing_that_a_projects_own_file_names(home: Path) -> None:
    trap = home / "zunda-mcp"
    trap.write_text(f"#!/bin/sh\ntouch '{home}/trapped'\n", encoding="utf-8")
    trap.chmod(0o755)
    entry = {"command": str(trap), "args": ["serve", "--episodes", str(home / "posts")]}
    (home / ".mcp.json").write_text(json.dumps({"mcpServers": {"zunda": entry}}), encoding="utf-8")
    (found,) = diagnosis(home).clients
    assert (found.scope, found.faults, found.handshake) == ("project", [], None)
    assert not (home / "trapped").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="file names are Unicode there")
def test_the_doctor_warns_where_file_names_are_not_utf_8(home: Path) -> None:
    found = diagnosis(home, LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    said = {check.name: check for check in found.checks}["encoding"]
    assert said.ok is False
    assert "PYTHONUTF8=1" in (said.advice or "")
    assert {check.name: check.ok for check in diagnosis(home, PYTHONUTF8="1").checks}["encoding"] is True


def test_a_package_that_is_missing_or_too_old_is_named_with_the_way_to_get_it() -> None:
    good = packages_check({"mcp": "2.3.0", "whoosh3": "3.54.0"})
    assert (good.ok, good.message, good.advice) == (True, "mcp 2.3.0, whoosh3 3.54.0", None)
    bad = packages_check({"mcp": "3.0", "whoosh3": "3.53", "pydantic": "2.12", "tqdm": None})
    assert bad.ok is False
    assert "mcp 3.0 (needs " in bad.message
    assert "whoosh3 3.53 (needs ==3.54.0)" in bad.message
    assert "tqdm MISSING" in bad.message
    assert "pydantic 2.12 (" not in bad.message
    assert '"whoosh3==3.54.0"' in (bad.advice or "")


def test_install_without_a_client_says_which_are_here_and_writes_nothing(home: Path) -> None:
    (home / ".gemini").mkdir()
    run(home, "install", "cursor", "--episodes", "posts", "--no-check")
    done = run(home, "install")
    assert done.returncode == 0
    assert f"✓ cursor         {home / '.cursor' / 'mcp.json'}: zunda is there" in done.stdout
    assert f"· gemini-cli     {home / '.gemini' / 'settings.json'}: no entry yet" in done.stdout
    assert "not seen here: claude-desktop" in done.stdout
    assert "next: zunda-mcp install gemini-cli" in done.stdout
    assert list((home / ".gemini").iterdir()) == []


def test_install_takes_the_chosen_archive_and_says_what_is_there(home: Path) -> None:
    (home / ".codex").mkdir()
    (home / ".codex" / "config.toml").write_text('# mine\n[mcp_servers.docs]\ncommand = "x"\n', encoding="utf-8")
    run(home, "use", "posts")
    done = run(home, "install", "codex")
    assert f"serves     {home / 'posts'}" in done.stdout
    assert "1 other server in the file" in done.stdout
    assert "check      ✓" in done.stdout
    assert "client     codex" in run(home, "doctor").stdout


def test_uninstall_says_its_own_next_steps(home: Path) -> None:
    run(home, "install", "cursor", "--episodes", "posts", "--no-check")
    next_steps = run(home, "uninstall", "cursor").stdout
    assert "Restart Cursor; until then it may keep the server running." in next_steps
    assert "switch the server on" not in next_steps

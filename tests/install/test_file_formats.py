"""TOML and YAML of clients: the entry is as the client reads it, and comments, order and layout stay."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import yaml
from install_samples import ENTRY, OTHER, place_of, servers_in

from zunda_mcp.errors import InstallError
from zunda_mcp.install.change import installation, removal
from zunda_mcp.install.configuration import ConfigurationFile

CODEX = """\
# how I like it
model = "gpt-5.5"   # the large one
approval_policy = "on-request"

[mcp_servers.docs]  # mine
command = "npx"
args = [
  "-y",  # no questions
  "docs-mcp",
]

[mcp_servers.docs.env]
TOKEN = "x"

[projects."/home/me/設定"]
trust_level = "trusted"
since = 2026-01-02T03:04:05Z
"""
GOOSE = """\
# goose
GOOSE_PROVIDER: anthropic   # the provider
extensions:
  developer:
    bundled: true
    display_name: Developer
    enabled: true
    name: developer
    timeout: 300
    type: builtin
  docs:
    args:
    - -y
    - docs-mcp
    available_tools: []
    bundled: null
    cmd: npx
    enabled: false   # not now
    env_keys: []
    envs: {}
    name: docs
    type: stdio
GOOSE_MODEL: "claude 日本語"
"""
INDENTED = "extensions:\n    docs:\n        args:\n          - -y\n        cmd: npx\n"
FILES = [
    *(("codex", text) for text in (CODEX, "", "\n", "# nothing yet\n", 'model = "x"\n', "[mcp_servers]\n")),
    ("codex", CODEX.replace("\n", "\r\n")),
    ("codex", '[mcp_servers]\na = {command = "x"}\n\n[other]\nb = 1\n'),
    *(("goose", text) for text in (GOOSE, "", "\t", "# nothing yet\n", "a: 1\n", "extensions: {}\n", INDENTED)),
    ("goose", GOOSE.replace("\n", "\r\n")),
    ("goose", GOOSE.replace("null", "~")),
    ("goose", "extensions:\n"),
]


@pytest.mark.parametrize(("client", "text"), FILES)
def test_the_entry_comes_and_goes_and_nothing_else_changes(tmp_path: Path, client: str, text: str) -> None:
    where = place_of(client, tmp_path, text.encode())
    others = servers_in(where)
    entry = where.client.shaped("zunda", {**ENTRY, "env": {"ZUNDA_MCP_NAME": "番組"}})
    installation(where, "zunda", entry).carry_out()
    assert servers_in(where) == {**others, "zunda": entry}
    after = where.file.read_bytes().decode()
    lines = iter(after.splitlines())
    for line in text.splitlines():  # all of them, in their order
        assert line in lines or line in ("extensions: {}", "\t")
    assert ("\r\n" in after) == ("\r\n" in text)
    installation(where, "zunda", where.client.shaped("zunda", OTHER)).carry_out()
    assert servers_in(where)["zunda"] == where.client.shaped("zunda", OTHER)
    assert removal(where, "zunda").carry_out()
    assert where.file.read_bytes().decode() == text


@pytest.mark.parametrize(("client", "text"), [("codex", CODEX), ("goose", GOOSE)])
def test_after_another_change_the_entry_alone_goes(tmp_path: Path, client: str, text: str) -> None:
    where = place_of(client, tmp_path, text.encode())
    installation(where, "zunda", where.client.shaped("zunda", ENTRY)).carry_out()
    more = "# added by hand\n"
    where.file.write_bytes(more.encode() + where.file.read_bytes())
    removal(where, "zunda").carry_out()
    assert where.file.read_text(encoding="utf-8").rstrip() == (more + text).rstrip()


def test_the_entries_are_as_other_readers_of_the_formats_see_them(tmp_path: Path) -> None:
    codex = place_of("codex", tmp_path, CODEX.encode())
    installation(codex, "zunda", codex.client.shaped("zunda", ENTRY)).carry_out()
    servers = tomllib.loads(codex.file.read_text(encoding="utf-8"))["mcp_servers"]
    assert servers["zunda"] == ENTRY
    goose = place_of("goose", tmp_path, GOOSE.encode())
    installation(goose, "zunda", goose.client.shaped("zunda", ENTRY)).carry_out()
    extensions = yaml.safe_load(goose.file.read_text(encoding="utf-8"))["extensions"]
    assert extensions["zunda"] == {
        "enabled": True,
        "type": "stdio",
        "name": "zunda",
        "description": "An archive of dated episodes",
        "timeout": 300,
        "cmd": ENTRY["command"],
        "args": ENTRY["args"],
    }


@pytest.mark.parametrize(
    ("client", "text", "cause"),
    [
        ("codex", "model = \n", "is not valid TOML"),
        ("codex", 'mcp_servers = "none"\n', "is something else"),
        ("goose", "a: [\n", "is not valid YAML"),
        ("goose", "{[{}]}\n", "is not valid YAML"),
        ("goose", "- a\n- b\n", "does not hold a mapping"),
        ("goose", "a:   {b:  1}\nextensions:\n     x:\n       cmd:  y\n", "its layout would be changed"),
        ("goose", "a: 1\na: 2\n", "is not valid YAML"),
    ],
)
def test_a_file_that_cannot_be_kept_whole_is_left_alone(tmp_path: Path, client: str, text: str, cause: str) -> None:
    where = place_of(client, tmp_path, text.encode())
    with pytest.raises(InstallError, match=cause):
        installation(where, "zunda", where.client.shaped("zunda", ENTRY))
    assert where.file.read_bytes() == text.encode()


def test_what_is_to_be_pasted_is_in_the_language_of_the_file(tmp_path: Path) -> None:
    for client, begins in (
        ("codex", "[mcp_servers.zunda]\ncommand = "),
        ("goose", "extensions:\n  zunda:\n    enabled: true"),
    ):
        where = place_of(client, tmp_path)
        text = ConfigurationFile(where).with_entry("zunda", where.client.shaped("zunda", ENTRY)).data.decode()
        assert text.startswith(begins)

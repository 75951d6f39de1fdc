"""The plugin for Claude Code: what it names exists, and its skill teaches every tool and no other."""

from __future__ import annotations

import json
import re
from pathlib import Path

import frontmatter

import zunda_mcp
from zunda_mcp.cli.arguments import read_arguments
from zunda_mcp.server.tools import TOOLS

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "plugins" / "claude-code"
SKILL = PLUGIN / "skills" / "ask-an-archive" / "SKILL.md"


def test_the_marketplace_leads_to_the_plugin_of_this_version() -> None:
    (listed,) = json.loads((ROOT / ".claude-plugin" / "marketplace.json").read_text(encoding="utf-8"))["plugins"]
    manifest = json.loads((PLUGIN / ".claude-plugin" / "plugin.json").read_text(encoding="utf-8"))
    assert (ROOT / listed["source"]).resolve() == PLUGIN
    assert (listed["name"], manifest["version"]) == (manifest["name"], zunda_mcp.__version__)


def test_its_server_is_started_by_a_command_that_is_one() -> None:
    (server,) = json.loads((PLUGIN / ".mcp.json").read_text(encoding="utf-8"))["mcpServers"].values()
    assert server["command"] == "zunda-mcp"
    assert read_arguments(server["args"]).verb == "serve"


def test_the_skill_says_when_to_use_each_tool_and_names_no_other_tool_or_argument() -> None:
    skill = frontmatter.load(str(SKILL))
    assert skill["name"] == SKILL.parent.name
    assert len(str(skill["description"])) <= 1024
    by_name = {tool.name: {param.name for param in tool.params} for tool in TOOLS}
    assert set(re.findall(r"`(\w+_\w+)[(`]", skill.content)) == set(by_name)
    for name, arguments in re.findall(r"`(\w+_\w+)\(([^)]*)\)`", skill.content):
        assert set(re.findall(r"(\w+)=", arguments)) <= by_name[name], name
    for verb in re.findall(r"`zunda-mcp (\w+)", skill.content):
        assert read_arguments([verb, *(["x"] if verb in ("add",) else [])]).verb == verb

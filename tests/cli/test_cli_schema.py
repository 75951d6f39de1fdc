"""What ``--json`` prints is as ``zunda-mcp schema`` and docs/json-schema.json say."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from cli_samples import run, write_archive

from zunda_mcp.cli.machine_verbs import json_schema

KEPT = Path(__file__).parents[2] / "docs" / "json-schema.json"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    write_archive(folder / "posts")
    run(folder, "use", "posts")
    return folder


def without_prose(part: object) -> object:
    """A schema without its descriptions, which may say the same in better words at any time."""
    if isinstance(part, dict):
        return {name: without_prose(value) for name, value in part.items() if name != "description"}
    return [without_prose(one) for one in part] if isinstance(part, list) else part


def test_the_kept_schema_is_the_one_of_today() -> None:
    kept = without_prose(json.loads(KEPT.read_text(encoding="utf-8")))
    said = "write it anew: zunda-mcp schema > docs/json-schema.json; CHANGELOG.md says what went"
    assert kept == without_prose(json_schema()), said


@pytest.mark.parametrize(
    "command",
    [
        "index", "search MCP", "search どこにもない話題", "find MCP", "show latest", "show 2025-07-08-1#1", "topics",
        "timeline MCP", "related 2025-07-08-1#1", "quote MCPサーバーをPythonで書いてみた", "use", "sources", "doctor",
        "install cursor --dry-run", "uninstall cursor",
    ],
)  # fmt: skip
def test_what_a_verb_prints_is_as_its_schema_says(command: str, home: Path) -> None:
    verb, *words = command.split()
    printed = json.loads(run(home, verb, *words, "--json").stdout)
    described = json_schema(verb)
    jsonschema.validate(printed, described)
    (name,) = {described["$ref"].rpartition("/")[2]}
    assert set(printed) <= set(described["$defs"][name]["properties"])


def test_an_unknown_verb_is_refused_with_the_nearest(home: Path) -> None:
    done = run(home, "schema", "serch")
    assert (done.returncode, "did you mean search?" in done.stderr) == (2, True)

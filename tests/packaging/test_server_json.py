"""``server.json``, by which the MCP registry knows the server: that it keeps to the rules and starts what it says."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import bundle
from zunda_mcp.cli.arguments import read_arguments
from zunda_mcp.config.load import load_settings

PUBLISHED = bundle.ROOT / "build" / "schemas" / "server.schema.json"


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle.write_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def server(packed: Path) -> dict[str, Any]:
    return bundle.server_json(packed)


def test_the_registrys_rules_are_kept(server: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", server["name"])
    assert 1 <= len(server["description"]) <= 100
    assert 1 <= len(server["title"]) <= 100
    for package in server["packages"]:
        assert package["registryType"] in {"pypi", "mcpb"}
        assert package["transport"] == {"type": "stdio"}
        # The schema lets a range pass, the registry does not.
        assert re.fullmatch(r"\d+\.\d+\.\d+[a-z0-9.]*", package["version"])


def test_the_published_schema_accepts_it(server: dict[str, Any]) -> None:
    if not PUBLISHED.is_file():
        pytest.skip(f"the registry's schema is not at {PUBLISHED}: save it there from {server['$schema']}")
    schema = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    assert schema["$id"] == server["$schema"]
    validator = jsonschema.Draft7Validator(schema)
    validator.validate(server)
    validator.validate(json.loads((bundle.ROOT / "server.json").read_text(encoding="utf-8")))
    assert not validator.is_valid({**server, "name": "no-namespace"})


def test_uvx_starts_the_server_with_settings_it_knows(server: dict[str, Any], tmp_path: Path) -> None:
    package = server["packages"][0]
    assert (package["identifier"], package["runtimeHint"]) == ("zunda-mcp", "uvx")
    words = [argument["value"] for argument in package["packageArguments"]]
    assert read_arguments(words).verb == "serve"
    names = [variable["name"] for variable in package["environmentVariables"]]
    assert names[0] == "ZUNDA_MCP_EPISODES"
    settings = load_settings(environ={name: str(tmp_path / name) for name in names}, cwd=tmp_path)
    assert settings.episodes == ((tmp_path / "ZUNDA_MCP_EPISODES").resolve(),)
    assert settings.index == (tmp_path / "ZUNDA_MCP_INDEX").resolve()


def test_only_the_episodes_must_be_given(server: dict[str, Any]) -> None:
    variables = server["packages"][0]["environmentVariables"]
    assert [one["name"] for one in variables if one.get("isRequired")] == ["ZUNDA_MCP_EPISODES"]


def test_the_bundle_is_named_with_its_hash(server: dict[str, Any], packed: Path) -> None:
    package = server["packages"][-1]
    assert package["registryType"] == "mcpb"
    assert package["fileSha256"] == hashlib.sha256(packed.read_bytes()).hexdigest()
    assert package["identifier"].startswith("https://github.com/zunda-mcp/zunda-mcp/releases/download/v")
    assert package["identifier"].endswith(f"/{packed.name}")


def test_the_committed_file_names_no_bundle() -> None:
    """Its hash is only known once it is built; ``make bundle`` writes build/server.json with it."""
    committed = json.loads((bundle.ROOT / "server.json").read_text(encoding="utf-8"))
    assert [package["registryType"] for package in committed["packages"]] == ["pypi"]


def test_the_readme_names_the_server_for_the_registry() -> None:
    """The registry finds this line in the published description, and so knows that package and name belong together."""
    committed = json.loads((bundle.ROOT / "server.json").read_text(encoding="utf-8"))
    lines = (bundle.ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines.count(f"<!-- mcp-name: {committed['name']} -->") == 1

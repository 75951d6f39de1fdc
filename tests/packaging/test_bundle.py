"""The .mcpb bundle: what is in it, that its manifest is true, and that what is in it serves."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import pytest
from mcp import StdioServerParameters

import bundle
import check
import proof
import zunda_mcp
from zunda_mcp.config.load import load_settings
from zunda_mcp.server.tools import TOOLS

SCHEMA = json.loads((bundle.ROOT / "tests/fixtures/schemas/mcpb-manifest-v0.4.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle.write_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def manifest(packed: Path) -> dict[str, Any]:
    with zipfile.ZipFile(packed) as files:
        found: dict[str, Any] = json.loads(files.read("manifest.json"))
    return found


def test_the_same_tree_gives_the_same_bytes(packed: Path, tmp_path: Path) -> None:
    assert bundle.write_bundle(tmp_path).read_bytes() == packed.read_bytes()


def test_nothing_in_a_bundle_depends_on_the_machine(packed: Path) -> None:
    with zipfile.ZipFile(packed) as files:
        entries = files.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {(entry.create_system, entry.external_attr >> 16, entry.compress_type) for entry in entries} == {
        (3, 0o100644, zipfile.ZIP_STORED)
    }


def test_a_bundle_holds_the_package_what_uv_needs_and_nothing_else(packed: Path) -> None:
    with zipfile.ZipFile(packed) as files:
        names = set(files.namelist())
    inside = {name for name in names if name.startswith("src/zunda_mcp/")}
    project = {"pyproject.toml", "README.md", "LICENSE", "NOTICE"}
    assert names - inside == {"manifest.json", *project, "serve.py", "icon.png"}
    assert {"src/zunda_mcp/py.typed", "src/zunda_mcp/server/stdio/light.py"} <= inside
    assert not [name for name in inside if "__pycache__" in name or name.endswith(".pyc")]


def test_the_manifest_keeps_to_the_published_schema(manifest: dict[str, Any]) -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(manifest)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda found: found.update(surprise=1),
        lambda found: found.pop("server"),
        lambda found: found["server"].update(type="pip"),
        lambda found: found["user_config"]["index"].pop("description"),
    ],
)
def test_a_spoilt_manifest_is_refused_by_the_schema(spoil: Callable[[dict[str, Any]], object]) -> None:
    found = bundle.manifest()
    spoil(found)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SCHEMA).validate(found)


def test_one_version_everywhere(manifest: dict[str, Any], packed: Path) -> None:
    server = bundle.server_json(packed)
    said = {manifest["version"], server["version"], *(package["version"] for package in server["packages"])}
    assert said == {zunda_mcp.__version__}, "server.json: write the version of src/zunda_mcp/__init__.py there"
    assert version("zunda-mcp") == zunda_mcp.__version__, "install the package again: pip install -e ."


def test_the_manifest_lists_the_tools_of_the_server(manifest: dict[str, Any]) -> None:
    assert manifest["tools"] == [{"name": tool.name, "description": tool.description} for tool in TOOLS]


def test_every_prompt_can_be_given_what_it_asks_for(manifest: dict[str, Any]) -> None:
    assert [prompt["name"] for prompt in manifest["prompts"]] == [prompt["name"] for prompt in bundle.prompts()]
    for prompt in manifest["prompts"]:
        assert re.findall(r"\$\{arguments\.(\w+)\}", prompt["text"]) == prompt["arguments"]


def test_the_entry_point_is_in_the_bundle_and_is_what_uv_runs(manifest: dict[str, Any], packed: Path) -> None:
    with zipfile.ZipFile(packed) as files:
        assert manifest["server"]["entry_point"] in files.namelist()
    config = manifest["server"]["mcp_config"]
    assert [config["command"], *config["args"]] == [
        "uv", "run", "--directory", "${__dirname}", manifest["server"]["entry_point"]
    ]  # fmt: skip


def test_every_placeholder_is_one_that_the_user_is_asked_for(manifest: dict[str, Any]) -> None:
    used = set(re.findall(r"\$\{([^}]*)\}", json.dumps(manifest["server"])))
    assert used == {"__dirname", *(f"user_config.{key}" for key in manifest["user_config"])}


def test_what_the_user_chose_arrives_as_settings(manifest: dict[str, Any], tmp_path: Path) -> None:
    chosen = {"episodes": str(tmp_path / "回"), "index": str(tmp_path / "索引"), "name": "ためしの放送局"}
    _, environ = bundle.expanded(manifest["server"]["mcp_config"], tmp_path, chosen)
    settings = load_settings(environ=environ, cwd=tmp_path)
    assert settings.episodes == ((tmp_path / "回").resolve(),)
    assert settings.index == (tmp_path / "索引").resolve()
    assert settings.name == "ためしの放送局"


def test_what_the_user_left_out_counts_as_not_given(manifest: dict[str, Any], tmp_path: Path) -> None:
    _, environ = bundle.expanded(manifest["server"]["mcp_config"], tmp_path, {"episodes": str(tmp_path)})
    assert environ["ZUNDA_MCP_NAME"] == "${user_config.name}"
    settings = load_settings(environ=environ, cwd=tmp_path)
    assert settings.name is None
    assert settings.index == load_settings(episodes=[tmp_path], environ={}, cwd=tmp_path).index


def test_the_icon_is_a_png_of_512_pixels(packed: Path, manifest: dict[str, Any]) -> None:
    with zipfile.ZipFile(packed) as files:
        icon = files.read(manifest["icon"])
    assert icon.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", icon[16:24]) == (512, 512)


@pytest.mark.parametrize("era", ["legacy", "2026-07-28"])
def test_an_unpacked_bundle_serves_with_its_own_sources(
    packed: Path, manifest: dict[str, Any], tmp_path: Path, era: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """As ``make bundle-proof`` does it, but for uv: this interpreter stands for the one that uv would make."""
    with zipfile.ZipFile(packed) as files:
        files.extractall(tmp_path / "bundle")
    chosen = {"episodes": str(bundle.ROOT / "episodes"), "index": str(tmp_path / "index")}
    command, environ = bundle.expanded(manifest["server"]["mcp_config"], tmp_path / "bundle", chosen)
    environ |= {"PYTHONPATH": str(tmp_path / "bundle" / "src"), "ZUNDA_MCP_STATE": str(tmp_path / "state")}
    where = [sys.executable, "-c", "import zunda_mcp; print(zunda_mcp.__file__)"]
    assert str(tmp_path) in subprocess.check_output(where, env=os.environ | environ, encoding="utf-8")
    server = StdioServerParameters(command=sys.executable, args=command[-1:], env=environ, cwd=str(tmp_path / "bundle"))
    anyio.run(proof.ask, server, manifest, era)
    assert "finds 2025-07-08-279#2" in capfd.readouterr().out


def test_without_npm_nothing_is_said_to_be_checked(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert check.check(packed, tmp_path / "node") is False
    assert not (tmp_path / "node").exists()

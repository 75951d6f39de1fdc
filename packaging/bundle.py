"""Build what is published from one tree: ``zunda-mcp-VERSION.mcpb``, and ``server.json`` with the bundle in it.

    python packaging/bundle.py --out build

A bundle is a zip of a manifest, the sources and ``pyproject.toml``; the host's uv installs what they need. The same
tree gives the same bytes on every machine: names are sorted, times are fixed, and nothing is compressed, because zlib
and its successors write different bytes for one text. The hash in ``server.json`` can therefore be checked by anyone.

Formats: MCPB manifest 0.4 (MANIFEST.md of modelcontextprotocol/mcpb); the MCP registry's ``server.json``, schema of
2025-12-11.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tomllib
import zipfile
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from zunda_mcp import __version__
from zunda_mcp.server.tools import TOOLS

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "packaging"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip can hold; every file has it."""
_UNIX, _PLAIN_FILE = 3, 0o100644


def manifest() -> dict[str, Any]:
    """The bundle's ``manifest.json``: ``packaging/manifest.json``, and what stands elsewhere in the project.

    Version, description, author, keywords, licence and Python come from the package, tools and prompts from the server.
    """
    project = _project()
    template = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))
    return {
        **template,
        "version": __version__,
        "description": project["description"],
        "author": {"name": project["authors"][0]["name"]},
        "tools": [{"name": tool.name, "description": tool.description} for tool in TOOLS],
        "prompts": prompts(),
        "prompts_generated": True,
        "keywords": project["keywords"],
        "license": project["license"],
        "compatibility": {
            "platforms": ["darwin", "win32", "linux"],
            "runtimes": {"python": project["requires-python"]},
        },
    }


def prompts() -> list[dict[str, Any]]:
    """The server's prompts as a manifest lists them; none where it has none.

    A manifest must give every prompt a text. The server's own texts have dates worked out and speak the archive's
    language, so hosts are told to ask for them (``prompts_generated``); what stands here is enough for one that cannot.
    """
    if find_spec("zunda_mcp.server.prompts") is None:
        return []
    listed = import_module("zunda_mcp.server.prompts").list_prompts()["prompts"]
    return [_prompt(one["name"], one["description"], [row["name"] for row in one["arguments"]]) for one in listed]


def _prompt(name: str, description: str, arguments: list[str]) -> dict[str, Any]:
    given = "\n".join(f"{argument}: ${{arguments.{argument}}}" for argument in arguments)
    return {
        "name": name,
        "description": description,
        "arguments": arguments,
        "text": f"{description}\n\n{given}".strip(),
    }


def contents() -> dict[str, bytes]:
    """Every file of the bundle by its name there.

    What uv needs to install the package, and the package; a new file of another kind is not taken in by itself.
    """
    sources = (path for path in (ROOT / "src").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    files = [*sources, *(ROOT / name for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"))]
    found = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in files}
    found |= {name: (HERE / name).read_bytes() for name in ("serve.py", "icon.png")}
    found["manifest.json"] = _json(manifest())
    return found


def write_bundle(out: Path) -> Path:
    """Write the bundle into a folder and give its path."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"zunda-mcp-{__version__}.mcpb"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as bundle:
        for name, data in sorted(contents().items()):
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE << 16
            bundle.writestr(entry, data)
    return path


def server_json(bundle: Path) -> dict[str, Any]:
    """The project's ``server.json`` with one package more: the bundle as a release of the repository of its name.

    The registry gives ``io.github.OWNER/NAME`` only to who holds that account, and takes bundles from its releases.
    """
    found: dict[str, Any] = json.loads((ROOT / "server.json").read_text(encoding="utf-8"))
    repository = found["name"].removeprefix("io.github.")
    package = {
        "registryType": "mcpb",
        "identifier": f"https://github.com/{repository}/releases/download/v{__version__}/{bundle.name}",
        "version": __version__,
        "fileSha256": hashlib.sha256(bundle.read_bytes()).hexdigest(),
        "transport": {"type": "stdio"},
    }
    return {**found, "packages": [*found["packages"], package]}


def expanded(config: Mapping[str, Any], folder: Path, chosen: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Command and environment of a manifest's ``mcp_config``, as a host writes it out for the user's choices.

    What the user did not choose stays as it is (``${user_config.name}``), as the published tools do it.
    """
    values = {"${__dirname}": str(folder), **{f"${{user_config.{key}}}": value for key, value in chosen.items()}}

    def filled(text: str) -> str:
        for name, value in values.items():
            text = text.replace(name, value)
        return text

    command = [config["command"], *config.get("args", [])]
    return [filled(word) for word in command], {name: filled(text) for name, text in config.get("env", {}).items()}


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def main() -> None:
    """Build both into a folder and say what was built."""
    parser = argparse.ArgumentParser(description="Build the .mcpb bundle and the server.json that names it.")
    parser.add_argument("--out", type=Path, default=ROOT / "build", metavar="DIR")
    out: Path = parser.parse_args().out
    bundle = write_bundle(out)
    (out / "server.json").write_bytes(_json(server_json(bundle)))
    with zipfile.ZipFile(bundle) as packed:
        print(f"{bundle}: {len(packed.namelist())} files, {bundle.stat().st_size:,} bytes")
    print(f"{out / 'server.json'}: with the bundle's SHA-256")


if __name__ == "__main__":
    main()

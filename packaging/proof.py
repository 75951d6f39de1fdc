"""Start a bundle the way a desktop client does, and ask it: unpacked, by its own manifest, with uv, in both eras.

    python packaging/proof.py build/zunda-mcp-0.1.0.mcpb --uv build/uv/bin

The folder is new, the environment is the short one a client hands down, only the required setting is filled in, and
uv installs what ``pyproject.toml`` asks for, so the first run needs the network or uv's cache.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import anyio
from mcp import Client, StdioServerParameters

from bundle import ROOT, expanded

QUESTION, FOUND = "TensorRT-LLM", "2025-07-08-279#2"
"""A question to the sample archive, and the story that must be in the answer."""
_HANDED_DOWN = ("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "UV_CACHE_DIR", "UV_OFFLINE")
"""What uv may need to reach its packages; a client's own environment may hold them too."""


async def ask(server: StdioServerParameters, manifest: Mapping[str, Any], era: Literal["legacy", "2026-07-28"]) -> None:
    """One conversation. Raises ``SystemExit`` where the server is not what the manifest says it is."""
    started = time.perf_counter()
    async with Client(server, mode=era) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        ready = time.perf_counter() - started
        _same("tools", tools, [tool["name"] for tool in manifest["tools"]])
        if manifest["prompts"]:
            prompts = [prompt.name for prompt in (await client.list_prompts()).prompts]
            _same("prompts", prompts, [prompt["name"] for prompt in manifest["prompts"]])
        for _ in range(30):  # the index of a new archive is being built behind the first answers
            answer = await client.call_tool("search_episodes", {"query": QUESTION})
            said = "\n".join(getattr(block, "text", "") for block in answer.content)
            if not answer.is_error:
                break
            await anyio.sleep(1)
        if answer.is_error or FOUND not in said:
            raise SystemExit(f"{era}: {QUESTION!r} did not find {FOUND}:\n{said}")
        if client.server_info:  # the modern era may tell it with any answer, or never
            _same("version", client.server_info.version, manifest["version"])
        print(f"{client.protocol_version}: {len(tools)} tools after {ready:.1f} s, {QUESTION!r} finds {FOUND}")


def prove(bundle: Path, uv: Path | None) -> None:
    """Unpack, start and ask, twice. Raises ``SystemExit`` where anything is not as it should be."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "extension"
        with zipfile.ZipFile(bundle) as packed:
            packed.extractall(folder)
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        command, environment = expanded(
            manifest["server"]["mcp_config"], folder, {"episodes": str(ROOT / "episodes"), "index": f"{scratch}/index"}
        )
        environment |= {name: os.environ[name] for name in _HANDED_DOWN if name in os.environ}
        environment["ZUNDA_MCP_STATE"] = f"{scratch}/state"  # so that nothing is left of this run
        environment["PATH"] = os.pathsep.join([*([str(uv.resolve())] if uv else []), os.environ.get("PATH", "")])
        print(f"{' '.join(command)}\n  {environment['ZUNDA_MCP_EPISODES']}, name {environment['ZUNDA_MCP_NAME']}")
        executable = _found(command[0], environment["PATH"])
        server = StdioServerParameters(command=executable, args=command[1:], env=environment, cwd=scratch)
        anyio.run(ask, server, manifest, "legacy")
        anyio.run(ask, server, manifest, "2026-07-28")


def _found(command: str, path: str) -> str:
    found = shutil.which(command, path=path)
    if found is None:
        raise SystemExit(f"There is no {command} here: install it (pip install uv) and name its folder with --uv DIR.")
    return found


def _same(what: str, said: object, declared: object) -> None:
    if said != declared:
        raise SystemExit(f"The manifest says {what} {declared}, the server {said}.")


def main() -> None:
    """Prove one bundle."""
    parser = argparse.ArgumentParser(description="Start a bundle as a desktop client does, and ask it.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--uv", type=Path, metavar="DIR", help="the folder uv lies in, where it is not on PATH")
    arguments = parser.parse_args()
    prove(arguments.bundle, arguments.uv)


if __name__ == "__main__":
    main()

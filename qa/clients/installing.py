"""The clients in exact versions, each in an environment of its own below ``build/clients``, installed once.

Everything after this step runs without a network. What is installed is told by a file beside it that holds the pins; a
changed pin installs anew.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
BUILD = ROOT / "build" / "clients"
NODE = BUILD / "node"

PYTHON_CLIENTS: dict[str, tuple[str, ...]] = {
    "mcp-1.6.0": ("mcp==1.6.0", "pydantic<2.12"),
    "mcp-1.9.4": ("mcp==1.9.4", "pydantic<2.12"),
    "mcp-1.30.0": ("mcp==1.30.0",),
    "fastmcp": ("fastmcp==4.1.6",),
    "langchain-mcp-adapters": ("langchain-mcp-adapters==0.3.2",),
    "openai-agents": ("openai-agents==0.24.0",),
}
"""By environment: what is installed there. mcp 2.x is the project's own."""


class InstallError(Exception):
    """A client could not be installed."""


def npm_versions() -> dict[str, str]:
    """The pinned version of every package from npm."""
    pins: dict[str, Any] = json.loads((HERE / "package.json").read_text(encoding="utf-8"))
    versions: dict[str, str] = pins["dependencies"]
    return versions


def python_of(name: str) -> Path:
    """The interpreter of a client's environment."""
    scripts = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    return BUILD / "python" / name / scripts


def node_command(package: str) -> Path:
    """A command that a package from npm brings."""
    return NODE / "node_modules" / ".bin" / (package + (".cmd" if os.name == "nt" else ""))


def install() -> None:
    """Install what is not there yet; raises ``InstallError`` where that cannot be."""
    pins = (HERE / "package.json").read_text(encoding="utf-8")
    if _pins(NODE) != pins:
        npm = shutil.which("npm")
        if npm is None:
            raise InstallError("npm is not there; install Node.js 20 or newer and run make clients again.")
        _anew(NODE)
        (NODE / "package.json").write_text(pins, encoding="utf-8")
        _run([npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"], NODE)
        _done(NODE, pins)
    for script in (HERE / "visitors").glob("*.mjs"):  # modules are looked up from where a script lies
        shutil.copy(script, NODE / script.name)
    for name, packages in PYTHON_CLIENTS.items():
        folder, pins = BUILD / "python" / name, "\n".join([sys.version, *packages])
        if _pins(folder) != pins:
            _anew(folder)
            venv.create(folder, with_pip=True)
            quiet = ["--quiet", "--disable-pip-version-check"]
            _run([str(python_of(name)), "-m", "pip", "install", *quiet, *packages], folder)
            _done(folder, pins)


def _pins(folder: Path) -> str | None:
    path = folder / "pins.txt"
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _anew(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _done(folder: Path, pins: str) -> None:
    (folder / "pins.txt").write_text(pins, encoding="utf-8")


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if done.returncode != 0:
        raise InstallError(f"{' '.join(command)} failed: {done.stderr.strip()[-600:]}")

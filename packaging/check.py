"""Hold a bundle against the published tools: their validation, their view of it, and what they unpack.

    python packaging/check.py build/zunda-mcp-0.1.0.mcpb --node build/node

The tools are an npm package, installed below ``--node`` when they are not there yet. Where there is no npm, this says
that nothing was checked and ends well: the bundle itself needs no node.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

TOOLS = "@anthropic-ai/mcpb@2.1.2"


class CheckError(Exception):
    """A published tool refuses the bundle, or cannot be had; the message says which and why."""


def check(bundle: Path, node: Path) -> bool:
    """Whether the bundle was checked; ``False`` where there is no npm. Raises ``CheckError`` where it does not hold."""
    mcpb = _tool(node)
    if mcpb is None:
        return False
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "unpacked"
        _run(mcpb, "unpack", str(bundle), str(folder))
        with zipfile.ZipFile(bundle) as packed:
            ours = {name: packed.read(name) for name in packed.namelist()}
        theirs = {
            path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
        if ours != theirs:
            names = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
            raise CheckError(f"{bundle.name}: mcpb unpacks other files than were packed: {', '.join(names)}")
        print(_run(mcpb, "validate", str(folder / "manifest.json")))
    print(_run(mcpb, "info", str(bundle)))
    return True


def _tool(node: Path) -> Path | None:
    """The ``mcpb`` command, installed first where it is missing; ``None`` where there is no npm to install it."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return None
    folder = node / "node_modules" / ".bin"
    if shutil.which("mcpb", path=str(folder)) is None:
        node.mkdir(parents=True, exist_ok=True)
        _run(npm, "install", "--no-audit", "--no-fund", "--prefix", str(node), TOOLS)
    return Path(shutil.which("mcpb", path=str(folder)) or folder / "mcpb")


def _run(*command: str | Path) -> str:
    """What a command says. Raises ``CheckError`` with it where the command fails."""
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    said = f"{done.stdout}{done.stderr}".strip()
    if done.returncode:
        words = " ".join(map(str, command[1:3]))
        raise CheckError(f"{Path(command[0]).name} {words} failed with code {done.returncode}:\n{said}")
    return said


def main() -> int:
    """Check one bundle and give the exit code."""
    parser = argparse.ArgumentParser(description="Hold a bundle against the published MCPB tools.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--node", type=Path, default=Path("build/node"), metavar="DIR")
    arguments = parser.parse_args()
    try:
        done = check(arguments.bundle, arguments.node)
    except CheckError as error:
        print(f"not valid, or not checked: {error}", file=sys.stderr)
        return 1
    print(
        f"{arguments.bundle}: checked with {TOOLS}"
        if done
        else "Skipped: no node and npm here, so mcpb checked nothing."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

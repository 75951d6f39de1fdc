"""Do all of a release but the upload: build, look into what was built, install it where nothing else is, ask it.

    python packaging/release_check.py --out build/release --tools build/uv/bin

The wheel is built from the sdist, as an index would have it. It is asked in an empty environment, through ``uvx`` and
``pipx``, and through the steps of the Dockerfile, run one by one without Docker; actionlint reads the workflows. The
first run needs the network, or the caches of pip, uv and Go.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Sequence
from email.parser import HeaderParser
from pathlib import Path

from bundle import ROOT
from release_notes import CHANGELOG, release_notes
from zunda_mcp import __version__

QUESTION, FOUND = "TensorRT-LLM", "2025-07-08-279#2"
"""A question to the sample archive, and the story that must be in the answer."""
_URLS = {"Homepage", "Documentation", "Source", "Issues", "Changelog"}
_PORT = 8765
_ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"


def run(command: Sequence[str | Path], folder: Path, **variables: str) -> str:
    """What a command prints. Raises ``SystemExit`` with all of it where it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ZUNDA_"))}
    done = subprocess.run(
        command, cwd=folder, env={**environment, **variables}, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def build(out: Path) -> tuple[Path, Path]:
    """The sdist of the tree, and the wheel that is built from the sdist alone."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    run([sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", out], ROOT)
    (sdist,) = out.glob("*.tar.gz")
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(sdist) as packed:
            packed.extractall(scratch, filter="data")
        (source,) = Path(scratch).iterdir()
        run([sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", out], source)
    (wheel,) = out.glob("*.whl")
    return sdist, wheel


def look(wheel: Path) -> None:
    """The metadata of the wheel: one version everywhere, a description that is shown, addresses."""
    with zipfile.ZipFile(wheel) as packed:
        name = next(name for name in packed.namelist() if name.endswith("/METADATA"))
        metadata = HeaderParser().parsestr(packed.read(name).decode())
    server = json.loads((ROOT / "server.json").read_text(encoding="utf-8"))
    versions = {__version__, metadata["Version"], server["version"], *(one["version"] for one in server["packages"])}
    if len(versions) > 1:
        raise SystemExit(f"Versions differ: {', '.join(sorted(versions))}. It stands in src/zunda_mcp/__init__.py.")
    urls = {one.partition(",")[0] for one in metadata.get_all("Project-URL") or ()}
    if missing := _URLS - urls:
        raise SystemExit(f"pyproject.toml names no {', '.join(sorted(missing))} under [project.urls].")
    if metadata["Description-Content-Type"] != "text/markdown" or len(str(metadata.get_payload())) < 500:
        raise SystemExit("The wheel has no description; pyproject.toml: readme.")


def ask(command: Sequence[str | Path], how: str) -> None:
    """A search of the sample archive in a new home. Raises ``SystemExit`` where the story is not found."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        home = {"HOME": scratch, "XDG_CACHE_HOME": f"{scratch}/cache", "ZUNDA_MCP_INDEX": f"{scratch}/index"}
        kept = {name: os.environ[name] for name in ("UV_CACHE_DIR", "PIPX_HOME") if name in os.environ}
        kept.setdefault("UV_CACHE_DIR", str(Path("~/.cache/uv").expanduser()))
        version = run([*command, "--version"], Path(scratch), **home, **kept).strip()
        text = run([*command, "search", QUESTION, "--episodes", ROOT / "episodes"], Path(scratch), **home, **kept)
    if version != f"zunda-mcp {__version__}" or FOUND not in text:
        raise SystemExit(f"{how}: says {version}, and does not find {FOUND}:\n{text}")
    print(f"{how}: {version} finds {FOUND} ({time.perf_counter() - started:.0f} s)")


def workflows() -> None:
    """The workflows as actionlint reads them: from the PATH, or built by Go. Without either it is left out."""
    program = shutil.which("actionlint")
    command = [program] if program else ["go", "run", _ACTIONLINT]
    if shutil.which(command[0]) is None:
        print("workflows: not read, neither actionlint nor go is here")
        return
    files = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    run([*command, *files], ROOT)
    print(f"workflows: {len(files)} are well-formed")


def image_steps(scratch: Path) -> None:
    """The Dockerfile, run without Docker: only what it copies is there, its commands install, and its server answers
    its own health check. The user and the folders of the second stage are not made.
    """
    text = re.sub(r"\\\n\s*", " ", (ROOT / "packaging" / "Dockerfile").read_text(encoding="utf-8"))
    source, prefix = scratch / "source", scratch / "opt"
    source.mkdir()
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        *names, target = line.split()
        for name in names:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, source / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, source / target)
    (install,) = re.findall(r"^RUN (python -m venv .+)$", text, re.MULTILINE)
    run(["sh", "-c", install.replace("/opt/zunda-mcp", str(prefix)).replace("python -m", f"{sys.executable} -m", 1)],
        source)  # fmt: skip
    token = scratch / "token"
    token.write_text("a-token-for-the-release-check", encoding="utf-8")
    token.chmod(0o600)
    (entry,) = re.findall(r"^ENTRYPOINT (\[.+\])$", text, re.MULTILINE)
    (health,) = re.findall(r"^HEALTHCHECK .*CMD (\[.+\])$", text, re.MULTILINE)
    command = [word.replace("/run/secrets/zunda-token", str(token)) for word in json.loads(entry)]
    variables = {"ZUNDA_MCP_EPISODES": str(ROOT / "episodes"), "ZUNDA_MCP_INDEX": str(scratch / "index"),
                 "ZUNDA_MCP_STATE": str(scratch / "state"), "PATH": f"{prefix}/bin:{os.environ['PATH']}"}  # fmt: skip
    server = subprocess.Popen(command, env={**os.environ, **variables}, stderr=subprocess.DEVNULL)
    try:
        program, *words = json.loads(health)
        check = [prefix / "bin" / program, *words]
        for _ in range(60):
            if not subprocess.run(check, capture_output=True, check=False).returncode:
                break
            time.sleep(0.5)
        else:
            raise SystemExit("The image's server did not answer its health check within thirty seconds.")
        urllib.request.urlopen(f"http://127.0.0.1:{_PORT}/assets/page.css").close()  # raises unless it is there
    finally:
        server.terminate()
        server.wait(10)
    print("Dockerfile: its sources suffice, its server answers its health check")


def main() -> None:
    parser = argparse.ArgumentParser(description="Do all of a release but the upload.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "release")
    parser.add_argument("--tools", type=Path, help="where uvx and pipx are; without it, on the PATH")
    given = parser.parse_args()
    out = given.out.absolute()
    tools = str(given.tools.absolute()) if given.tools else None
    sdist, wheel = build(out)
    look(wheel)
    workflows()
    print(f"built {sdist.name} and {wheel.name}")
    with tempfile.TemporaryDirectory() as scratch:
        environment = Path(scratch) / "environment"
        run([sys.executable, "-m", "venv", environment], out)
        run([environment / "bin" / "python", "-m", "pip", "install", "--quiet", wheel], out)
        ask([environment / "bin" / "zunda-mcp"], "wheel in an empty environment")
    ways: dict[str, list[str | Path]] = {"uvx": ["--from", wheel], "pipx": ["run", "--spec", wheel]}
    for name, command in ways.items():
        program = shutil.which(name, path=tools) or shutil.which(name)
        if program is None:
            raise SystemExit(f"There is no {name}: name its folder with --tools.")
        ask([program, *command, "zunda-mcp"], name)
    with tempfile.TemporaryDirectory() as scratch:
        image_steps(Path(scratch))
    notes = release_notes(CHANGELOG.read_text(encoding="utf-8"), "Unreleased")
    print(f"release notes: {len(notes.splitlines())} lines; all but the upload is done")


if __name__ == "__main__":
    main()

"""Make and update shallow clones of repositories with the git of this machine, without running anything in them.

Repositories are strangers'. Their hooks, submodules, filters and large-file downloads are off. Their links are not
created, since one could lead to a private file of the user. Only transports that carry data are allowed. Their
``.gitattributes`` are ignored, and so is the user's git configuration, in which an attribute could choose a program to
run (``filter.NAME.smudge``). Only the settings for reaching a server are kept: ``credential.*``, ``core.sshCommand``,
and proxy and certificates of ``http``. Private repositories and networks behind a proxy need them, and a repository
cannot choose among them. Pictures and recordings are not checked out; a server that can leaves out large files.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from zunda_mcp.errors import FetchError
from zunda_mcp.sources.http_client import without_password
from zunda_mcp.sources.public_addresses import resolve_host

__all__ = ["Pulled", "checked", "clone", "is_repository_address", "pull"]

_MAX_BYTES = 2 * 1024 * 1024 * 1024
_SECONDS = 600.0
_LARGE = "blob:limit=4m"
_MEDIA = (
    "mp3 m4a aac ogg oga opus wav flac mp4 m4v mov webm mkv avi png jpg jpeg gif webp svg ico pdf zip gz woff woff2"
)
_PAIR = ((0, "KEY"), (1, "VALUE"))
_SPARSE = ["/*", *(f"!*.{ending}" for ending in _MEDIA.split())]
_CONFIG = (
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.autocrlf=false",
    "core.symlinks=false",
    "core.fsmonitor=false",
    "core.longpaths=true",
    "core.quotePath=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "http.followRedirects=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=30",
    "gc.auto=0",
    "maintenance.auto=false",
    "advice.detachedHead=false",
)
_LASTING = [setting for setting in _CONFIG if setting.startswith(("core.", "submodule.", "fetch."))]
"""Settings stored in the clone, for anybody who uses git in it."""
_ATTRIBUTES = "* !filter !text !eol !crlf !ident !working-tree-encoding !diff !merge\n"
"""Unsets every attribute that changes files or chooses a program. ``info/attributes`` takes precedence over the
repository's own (gitattributes(5))."""
_KEPT = (
    r"^(credential\..+|core\.sshcommand|ssh\.variant"
    r"|http\.(.+\.)?(proxy|proxyauthmethod|proxysslcert|proxysslkey|proxysslcainfo|noproxy"
    r"|sslbackend|sslcainfo|sslcapath|sslcert|sslkey|schannelusesslcainfo|schannelcheckrevoke))$"
)
"""The settings of the user that are kept, as a regular expression for ``git config``."""
_SCHEMES = ("https", "http", "ssh", "git+ssh", "file")
_PUBLIC_HOSTS = ("github.com", "gitlab.com", "codeberg.org", "bitbucket.org")


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a clone or pull changed: the new commit, and numbers of files."""

    commit: str
    added: int = 0
    changed: int = 0
    removed: int = 0


def is_repository_address(text: str) -> bool:
    """Whether a text looks like a repository: ``https://….git``, ``git@host:path``, ``ssh://``, a known host's page."""
    if any(sign.isspace() for sign in text):
        return False
    if text.startswith(("git@", "ssh://", "git+ssh://", "git://", "file://")):
        return True
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    if parts.scheme not in ("https", "http"):
        return False
    names = [name for name in parts.path.split("/") if name]
    is_public_host = (parts.hostname or "").removeprefix("www.") in _PUBLIC_HOSTS
    return parts.path.rstrip("/").endswith(".git") or (is_public_host and len(names) == 2)


def checked(url: str) -> str:
    """Return ``url`` stripped. Raises ``FetchError`` if git would take it as an option or run another program."""
    text = url.strip()
    refused = text.startswith("-") or "::" in text.partition("/")[0] or not text.isprintable()
    scheme = text.partition("://")[0].lower() if "://" in text else ""
    if not refused and not scheme and ":" in text:  # name@host:path
        host, _, path = text.partition(":")
        refused = host.rpartition("@")[2].startswith("-") or path.startswith("-")
    if not refused and scheme:
        try:
            refused = (urlsplit(text).hostname or "").startswith("-")
        except ValueError:
            refused = True
    if refused or (scheme and scheme not in _SCHEMES):
        raise FetchError(
            f"{without_password(text)[:200]} is not a repository that can be cloned. "
            "Write it like https://github.com/OWNER/REPO.git, git@host:path, or the path of a local one."
        )
    return text


def clone(url: str, folder: Path, *, private_hosts: Collection[str] = ()) -> Pulled:
    """Clone the newest commit of a repository into ``folder``, which must not exist yet.

    ``private_hosts`` may have private addresses. Raises ``FetchError``, and then leaves no folder.
    """
    address = checked(url)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    pins = _pins(address, private_hosts)
    options = ["--depth=1", "--single-branch", "--no-tags", "--no-checkout", f"--filter={_LARGE}", "--template="]
    try:
        kept = [part for setting in _LASTING for part in ("--config", setting)]
        _git(["clone", *options, *kept, "--no-recurse-submodules", "--", address, str(fresh)], pins, fresh)
        _write_info(fresh, "sparse-checkout", "\n".join(_SPARSE) + "\n")
        _write_info(fresh, "attributes", _ATTRIBUTES)
        _git(["-C", str(fresh), "config", "core.sparseCheckout", "true"], (), fresh)
        commit = _git(["-C", str(fresh), "rev-parse", "--verify", "-q", "HEAD"], (), fresh, check=False).strip()
        if not commit:
            raise FetchError(f"{without_password(url)} is an empty repository: there is nothing to read in it yet.")
        _git(["-C", str(fresh), "reset", "-q", "--hard", "HEAD"], pins, fresh)
        _without_links(fresh)
        fresh.replace(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return Pulled(commit, added=_files(folder))


def pull(folder: Path, *, private_hosts: Collection[str] = ()) -> Pulled:
    """Update a clone to the newest commit, discarding local changes. Raises ``FetchError``."""
    at = ["-C", str(folder)]
    _write_info(folder, "attributes", _ATTRIBUTES)
    address = checked(_git([*at, "config", "--get", "remote.origin.url"], (), folder).strip())
    pins = _pins(address, private_hosts)
    before = _git([*at, "rev-parse", "HEAD"], (), folder).strip()
    heads = _git([*at, "ls-remote", "--symref", "origin", "HEAD"], pins, folder)
    branch = next((line.split()[1] for line in heads.splitlines() if line.startswith("ref: refs/heads/")), "")
    how = ["-q", "--depth=1", "--no-tags", "--no-recurse-submodules", f"--filter={_LARGE}"]
    _git([*at, "fetch", *how, "origin", "HEAD"], pins, folder)
    after = _git([*at, "rev-parse", "FETCH_HEAD"], (), folder).strip()
    names = _git([*at, "diff", "--no-ext-diff", "--no-renames", "--name-status", "-z", before, after], pins, folder)
    if branch:
        _git([*at, "symbolic-ref", "HEAD", branch], (), folder)
    _git([*at, "reset", "-q", "--hard", after], pins, folder)
    _without_links(folder)
    letters = names.split("\0")[::2]
    return Pulled(after, letters.count("A"), letters.count("M") + letters.count("T"), letters.count("D"))


def _write_info(folder: Path, name: str, text: str) -> None:
    """Write a file in ``.git/info``. Raises ``FetchError`` if that fails."""
    file = folder / ".git" / "info" / name
    try:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FetchError(f"{file} cannot be written ({error.strerror or error}).") from error


def _without_links(folder: Path) -> None:
    """Delete the plain files that git writes for links, since they contain a path and not an episode."""
    for entry in _git(["-C", str(folder), "ls-files", "--stage", "-z"], (), folder).split("\0"):
        facts, _, name = entry.partition("\t")
        if facts.startswith("120000 "):
            (folder / name).unlink(missing_ok=True)


def _pins(address: str, private_hosts: Collection[str]) -> tuple[str, ...]:
    """Check the addresses of a host, and return the setting with which git's HTTP uses only these."""
    parts = urlsplit(address) if "://" in address else None
    if parts is None or parts.scheme not in ("https", "http"):
        return ()  # ssh follows the user's own configuration, in which a name can mean any host
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = parts.hostname or ""
    addresses = resolve_host(host, port, private_hosts)
    if host == addresses[0].ip:
        return ()
    ips = ",".join(f"[{address.ip}]" if ":" in address.ip else address.ip for address in addresses)
    return (f"http.curloptResolve={host}:{port}:{ips}",)


def _environment() -> dict[str, str]:
    own = {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name == "GIT_SSH_COMMAND"
    }
    return own | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "https:http:ssh:file",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GCM_INTERACTIVE": "never",
        "GIT_SSH_COMMAND": own.get("GIT_SSH_COMMAND", "ssh -oBatchMode=yes"),
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_ASKPASS": "",
        "LC_ALL": "C.UTF-8",
        "LANGUAGE": "en",
    }


@cache
def _kept_settings(program: str, home: str | None) -> Mapping[str, str]:
    """Return the user's settings that are kept, as variables for git (``GIT_CONFIG_COUNT``), cached by ``home``."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    settings: list[tuple[str, str]] = []
    for place in ("--system", "--global"):
        done = subprocess.run(  # noqa: S603 - git, with arguments of ours
            [program, "config", place, "--includes", "-z", "--get-regexp", _KEPT],
            cwd=Path(program).anchor or None,  # outside of any repository
            env=own,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        rows = done.stdout.decode("utf-8", "replace").split("\0")[:-1]
        settings += [(key, value) for key, _, value in (row.partition("\n") for row in rows)]
    named = {f"GIT_CONFIG_{what}_{place}": pair[at] for place, pair in enumerate(settings) for at, what in _PAIR}
    return {"GIT_CONFIG_COUNT": str(len(settings)), **named}


def _git(arguments: Sequence[str], pins: Sequence[str], folder: Path, *, check: bool = True) -> str:
    """Run git and return its output. Raises ``FetchError`` with git's own words if it fails."""
    program = shutil.which("git")
    if program is None:
        raise FetchError("There is no git on this machine. Install it (https://git-scm.com) and try again.")
    settings = [part for setting in (*_CONFIG, *pins) for part in ("-c", setting)]
    process = subprocess.Popen(  # noqa: S603 - a list of arguments, none of which a stranger can turn into an option
        [program, *settings, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**_environment(), **_kept_settings(program, os.environ.get("HOME"))},
        start_new_session=os.name != "nt",
    )
    end = time.monotonic() + _SECONDS
    while True:
        try:
            out, err = process.communicate(timeout=0.5)
            break
        except subprocess.TimeoutExpired:
            size = _size(folder) if folder.exists() else 0
            if time.monotonic() > end or size > _MAX_BYTES:
                _stop(process)
                large = f"it has more than {_MAX_BYTES >> 20:,} MiB"
                cause = large if size > _MAX_BYTES else f"it took over {_SECONDS:.0f} s"
                advice = "Clone it yourself and add the folder."
                raise FetchError(f"The repository was not fetched: {cause}. {advice}") from None
        except BaseException:
            _stop(process)
            raise
    if process.returncode and check:
        raise FetchError(f"git cannot fetch the repository: {_git_message(err)}.")
    return out.decode("utf-8", "replace")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Kill git and the processes it started."""
    if os.name != "nt":
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.communicate()


def _git_message(err: bytes) -> str:
    """Return the most useful line of git's error output, without passwords in addresses."""
    lines = [line.strip() for line in err.decode("utf-8", "replace").splitlines() if line.strip()]
    message = next(
        (line for line in lines if line.startswith(("fatal:", "error:", "ERROR:"))), lines[-1] if lines else ""
    )
    words = [
        without_password(word) if "://" in word and "@" in word else word for word in message.partition(": ")[2].split()
    ]
    text = " ".join(words)[:300].rstrip(".") or "it does not say why"
    if "could not read Username" in text or "Authentication failed" in text:
        return f"{text} (it is private, or it does not exist; sign in with git on this machine first)"
    return text


def _files(folder: Path) -> int:
    return sum(len(names) for at, _, names in os.walk(folder) if ".git" not in Path(at).parts[len(folder.parts) :])


def _size(folder: Path) -> int:
    total = 0
    for at, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(at, name)).st_size  # noqa: PTH118 - many files, looked at often
    return total

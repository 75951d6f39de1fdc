"""A command under ``strace``, and what it asked of the system: sockets, programs, and files that it wrote."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

AVAILABLE = shutil.which("strace") is not None
"""Whether this machine can trace; it may still not be allowed to (``works``)."""

_NETWORK = "socket,connect,bind,listen,accept,accept4,sendto,sendmsg"
_WRITING = (
    "open,openat,creat,mkdir,mkdirat,rmdir,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,"
    "truncate,chmod,fchmodat,chown,lchown,fchownat,utimensat,mknod,mknodat,setxattr,mount"
)
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)")
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>, )?"((?:[^"\\]|\\.)*)"')
_READ_ONLY = re.compile(r"\bO_RDONLY\b")
_CHANGES = re.compile(r"\bO_(?:CREAT|TRUNC|APPEND|TMPFILE)\b")


@dataclass
class Traced:
    """``network`` calls and ``programs`` as strace writes them; ``written`` are paths, with the call."""

    network: list[str] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    written: list[tuple[str, Path]] = field(default_factory=list)

    def outside(self, *folders: Path) -> list[str]:
        """What was written elsewhere than in these folders; devices that keep nothing do not count."""
        allowed = [folder.resolve() for folder in folders]
        return [
            f"{call} {path}"
            for call, path in self.written
            if not any(path.is_relative_to(folder) for folder in allowed) and not path.is_relative_to("/dev/null")
        ]


def tracing(log: Path, command: Sequence[str]) -> list[str]:
    """The command, traced with all its threads and children into ``log``."""
    return [
        "strace",
        "-f",
        "--seccomp-bpf",  # all other calls go by without a stop
        "-y",
        "-qq",
        "-s",
        "4096",
        "-e",
        f"trace={_NETWORK},{_WRITING},execve",
        "-o",
        str(log),
        *command,
    ]


def works(folder: Path) -> bool:
    """Whether tracing is allowed here."""
    if not AVAILABLE:
        return False
    done = subprocess.run(tracing(folder / "probe", ["true"]), check=False, capture_output=True)
    return done.returncode == 0 and bool(read(folder / "probe").programs)


def read(log: Path) -> Traced:
    """What a log tells, of calls that succeeded and, for the network, of those that failed as well."""
    found = Traced()
    for line in _whole(log.read_text(encoding="utf-8", errors="replace").splitlines()):
        matched = _CALL.match(line)
        if matched is None:
            continue
        call, said, result = matched[1], matched[2], int(matched[3])
        if call in _NETWORK.split(","):
            found.network.append(line)
        elif call == "execve":
            if result == 0:
                found.programs.append(said)
        elif result >= 0 and not (call in ("open", "openat") and _READ_ONLY.search(said) and not _CHANGES.search(said)):
            found.written += [(call, path) for path in _paths(said)]
    return found


def _whole(lines: Sequence[str]) -> Iterator[str]:
    """The calls, those that strace cut in two put together again."""
    begun: dict[str, str] = {}
    for line in lines:
        thread = line.split(" ", 1)[0]
        if line.endswith("<unfinished ...>"):
            begun[thread] = line.removesuffix("<unfinished ...>")
        elif (resumed := re.match(r"^\d+ +<\.\.\. \w+ resumed>(.*)", line)) and thread in begun:
            yield begun.pop(thread) + resumed[1]
        else:
            yield line


def _paths(said: str) -> Iterator[Path]:
    for folder, name in _PATH.findall(said):
        text = name.encode("latin-1", "replace").decode("unicode_escape").encode("latin-1", "replace")
        yield Path(folder, text.decode("utf-8", "replace"))

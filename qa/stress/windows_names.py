"""Which lines of a module rely on names that only POSIX systems have, without a guard."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

_MODULES = "fcntl grp posix pty pwd readline resource syslog termios tty"
_OS = """
chown chroot confstr fchdir fchmod fchown fork forkpty getegid geteuid getgid getgroups getloadavg getpgid getpgrp
getpriority getresuid getsid getuid initgroups killpg lchown lockf mkfifo mknod nice openpty pathconf posix_fadvise
posix_fallocate posix_spawn pread preadv pwrite pwritev sched_getaffinity sched_setaffinity sched_yield sendfile setegid
seteuid setgid setgroups setpgid setpriority setsid setuid statvfs sync sysconf tcgetpgrp ttyname uname wait wait3 wait4
waitid WEXITSTATUS WIFEXITED O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NONBLOCK O_PATH O_SYNC O_TMPFILE
"""
_SIGNAL = """
SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGUSR1 SIGUSR2 alarm pause pthread_kill setitimer
sigwait
"""
MODULES = frozenset(_MODULES.split())
"""Modules of the standard library that its documentation calls available on Unix alone."""
NAMES = {
    "os": frozenset(_OS.split()),
    "signal": frozenset(_SIGNAL.split()),
    "time": frozenset(["tzset", "clock_gettime"]),
    "socket": frozenset(["AF_UNIX", "SO_REUSEPORT", "socketpair"]),
}
"""Names of other modules of which the documentation says that."""
METHODS = frozenset(["add_signal_handler", "symlink_to", "lchmod"])
"""Methods that raise where a system has no such thing, whatever they are called on."""
FALLING_BACK = frozenset(["link", "symlink"])
"""Functions of ``os`` that are there but fail on some file systems, so that something must be done instead."""
OPTIONS = frozenset(["preexec_fn", "pass_fds", "dir_fd", "src_dir_fd", "dst_dir_fd"])
_WORDS = ("os.name", "sys.platform", "platform.system", "hasattr", "getattr")


def unguarded(path: Path) -> list[str]:
    """Each use as ``line: name``. A guard is a condition that asks for the system, or a ``try`` for the missing name;
    of what fails on some file systems a ``try`` for ``OSError``."""
    found: list[str] = []
    _look(ast.parse(path.read_text(encoding="utf-8")), (), found)
    return found


def _look(node: ast.AST, guards: tuple[str, ...], found: list[str]) -> None:
    """Add to ``found`` what a node and those in it use."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Attribute | ast.keyword):
        for name, needed in _named(node):
            if not any(need in guard for guard in guards for need in needed):
                found.append(f"{getattr(node, 'lineno', 0)}: {name}")
    if isinstance(node, ast.If | ast.IfExp):
        asked = (*guards, ast.unparse(node.test))
        for child in ast.iter_child_nodes(node):
            _look(child, guards if child is node.test else asked, found)
    elif isinstance(node, ast.Try):
        caught = " ".join(ast.unparse(one.type) if one.type else "Exception" for one in node.handlers)
        for child in ast.iter_child_nodes(node):
            _look(child, (*guards, f"except {caught}") if child in node.body else guards, found)
    elif isinstance(node, ast.With):
        suppressed = " ".join(ast.unparse(item.context_expr) for item in node.items if "suppress" in ast.unparse(item))
        for child in ast.iter_child_nodes(node):
            _look(child, (*guards, f"except {suppressed}") if suppressed else guards, found)
    else:
        for child in ast.iter_child_nodes(node):
            _look(child, guards, found)


def _named(node: ast.AST) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a node names that not every system has, and the words that a guard of it may hold."""
    missing = (*_WORDS, "AttributeError", "ImportError", "NotImplementedError")
    if isinstance(node, ast.Import | ast.ImportFrom):
        named = [alias.name for alias in node.names]
        of = getattr(node, "module", None)
        yield from ((name, missing) for name in named if name.partition(".")[0] in MODULES and of is None)
        if of is not None:
            yield from ((of, missing) for _ in [0] if of.partition(".")[0] in MODULES)
            yield from ((f"{of}.{name}", missing) for name in named if name in NAMES.get(of, frozenset()))
    elif isinstance(node, ast.Attribute):
        of = node.value.id if isinstance(node.value, ast.Name) else ""
        if node.attr in NAMES.get(of, frozenset()):
            yield f"{of}.{node.attr}", missing
        elif of == "os" and node.attr in FALLING_BACK:
            yield f"os.{node.attr}", ("OSError",)
        elif node.attr in METHODS:
            yield node.attr, (*missing, "OSError")
    elif isinstance(node, ast.keyword) and node.arg in OPTIONS:
        yield node.arg, missing

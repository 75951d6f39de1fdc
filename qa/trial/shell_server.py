"""An MCP server with one tool: a shell of a few reading programs in the archive's folder, to compare with.

    python shell_server.py FOLDER

A command is a pipeline of ``grep``, ``ls``, ``cat``, ``head``, ``tail``, ``wc``, ``cut``, and the filters ``sort`` and
``uniq``. What looks like a file outside the folder is refused: that guards against slips, not against malice.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from mcp.server import MCPServer

PROGRAMS = ("grep", "ls", "cat", "head", "tail", "wc", "cut")
FILTERS = ("sort", "uniq")
MOST = 30_000
"""Characters of an answer, as in the shells of common assistants."""
_SECONDS = 30
_FILTER_OPTION = re.compile(r"-[bcdfhiknrsuV0-9,.]+")


class CommandError(Exception):
    """The command is not run; the message says why."""


def run(command: str, folder: Path) -> str:
    """The output of a pipeline over the files of ``folder``, its errors after it, at most ``MOST`` characters.

    Raises ``CommandError``.
    """
    output, errors = b"", ""
    for words in _pipeline(command, folder):
        try:
            done = subprocess.run(words, cwd=folder, input=output, capture_output=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            msg = f"{words[0]} did not end within {_SECONDS} seconds; read less at once."
            raise CommandError(msg) from error
        output = done.stdout
        errors += done.stderr.decode("utf-8", "replace")
    text = output.decode("utf-8", "replace") + errors
    return text if len(text) <= MOST else f"{text[:MOST]}\n[{len(text) - MOST} more characters]"


def _pipeline(command: str, folder: Path) -> list[list[str]]:
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|&;<>()")
    lexer.whitespace_split = True
    lexer.commenters = ""
    parts: list[list[str]] = [[]]
    try:
        for word in lexer:
            if word == "|":
                parts.append([])
            elif word and set(word) <= set("|&;<>()"):
                msg = f"{word} is not understood; there are pipes alone. Quote it where it belongs to a pattern."
                raise CommandError(msg)
            else:
                parts[-1].append(word)
    except ValueError as error:
        msg = f"The command cannot be read ({error}); close its quotes."
        raise CommandError(msg) from error
    return [_checked(words, folder, first=not at) for at, words in enumerate(parts)]


def _checked(words: list[str], folder: Path, *, first: bool) -> list[str]:
    if not words or words[0] not in PROGRAMS + FILTERS:
        name = words[0] if words else "nothing"
        msg = f"There are {', '.join(PROGRAMS + FILTERS)} and pipes between them; {name} is none of these."
        raise CommandError(msg)
    program, *rest = words
    if program in FILTERS and (first or not all(map(_FILTER_OPTION.fullmatch, rest))):
        msg = f"{program} stands after a pipe, with short options alone."
        raise CommandError(msg)
    names = [name for word in rest for name in (sorted(_matching(word, folder)) or [word])]
    for name in names:
        path = (folder / name).resolve()
        if path.exists() and not path.is_relative_to(folder.resolve()):
            msg = f"{name} lies outside the archive; name files from its folder on."
            raise CommandError(msg)
    recursive = ["-r"] if program == "grep" and first else []  # without a file it reads the folder then, not the input
    return [program, *recursive, *names]


def _matching(word: str, folder: Path) -> list[str]:
    """The files that a word with ``*`` or ``?`` names, as a shell has them."""
    if word.startswith(("-", "/")) or not re.search(r"[*?]", word):
        return []
    try:
        return [path.relative_to(folder).as_posix() for path in folder.glob(word)]
    except (ValueError, NotImplementedError):
        return []


def main() -> None:
    """Serve until the client goes."""
    folder = Path(sys.argv[1])
    server = MCPServer("shell")

    @server.tool()
    def shell(command: str) -> str:
        """Runs a command in the folder of the archive, whose episodes are Markdown files named by their date. There are
        grep, ls, cat, head, tail, wc, cut, sort, uniq, and pipes between them.
        """
        try:
            return run(command, folder) or "(no output)"
        except CommandError as error:
            return str(error)

    server.run("stdio")


if __name__ == "__main__":
    main()

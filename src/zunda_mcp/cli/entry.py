"""Run a command line: parse it, run the verb, and turn every error into one line on stderr and an exit code.

Exit codes: 0 answered, 1 nothing found, 2 wrong use, 3 the archive or index cannot be read, a source cannot be fetched,
or a client's configuration does not work; 70 a bug in zunda-mcp, 74 the answer cannot be written (both as in
sysexits.h), 130 interrupted, 141 the reader of the pipe closed it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from zunda_mcp.cli.arguments import read_arguments
from zunda_mcp.cli.styles import complain, discard, open_standard_streams, output_error
from zunda_mcp.cli.verb_table import VERBS, loaded
from zunda_mcp.errors import (
    ArchiveError,
    ArgumentError,
    FetchError,
    IndexingError,
    InstallError,
    NotFoundError,
    SettingsError,
    ZundaError,
)

__all__ = ["INTERRUPTED", "PIPE_CLOSED", "UNWRITABLE", "main"]

_ANSWERED, _NOTHING, _WRONG_USE, _UNREADABLE = range(4)
_FAULT, UNWRITABLE, INTERRUPTED, PIPE_CLOSED = 70, 74, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Raises only an unexpected error under ``python -X dev``."""
    try:
        open_standard_streams()
        code = _run(sys.argv[1:] if argv is None else argv)
        if error := output_error():
            code = _not_written(error)
        if argv is None:
            _end_quietly_when_interrupted()
    except KeyboardInterrupt:
        if argv is None:
            _end_quietly_when_interrupted()
        complain("interrupted.")
        if output_error():
            discard(sys.stdout)
        return INTERRUPTED
    return code


def _end_quietly_when_interrupted() -> None:
    """Make Ctrl-C end the process at once and without a traceback, since only the exit is left to do."""

    def end(*_: object) -> NoReturn:
        os._exit(INTERRUPTED)

    with suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGINT, end)


def _not_written(error: OSError) -> int:
    discard(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return PIPE_CLOSED
    complain(f"the answer cannot be written to standard output ({error.strerror or error}).")
    return UNWRITABLE


def _run(argv: Sequence[str]) -> int:
    try:
        arguments = read_arguments(argv)
        if arguments.verb not in ("serve", "open"):  # the server keeps a log of its own
            _keep_quiet()
        if loaded(f"cli.{VERBS[arguments.verb].run}")(arguments):
            return _ANSWERED
        return _NOTHING if VERBS[arguments.verb].asks else _UNREADABLE
    except SystemExit as done:  # argparse has printed help or the version
        return done.code if isinstance(done.code, int) else _ANSWERED
    except ZundaError as error:
        complain(_message(error))
        return _code(error)
    except Exception as error:
        if isinstance(error, OSError) and (cause := output_error()):
            return _not_written(cause)
        if sys.flags.dev_mode:
            raise
        complain(f"unexpected {type(error).__name__}: {error} (python -X dev -m zunda_mcp … shows where)")
        return _FAULT


def _code(error: ZundaError) -> int:
    if isinstance(error, NotFoundError):
        return _NOTHING
    if isinstance(error, ArchiveError | FetchError | IndexingError | InstallError):
        return _UNREADABLE
    return _WRONG_USE if isinstance(error, ArgumentError | SettingsError) else _FAULT


def _message(error: ZundaError) -> str:
    """Return the message of an error, with similar names for an unknown one unless it contains them already."""
    message = str(error)
    if isinstance(error, NotFoundError):
        missing = [name for name in error.suggestions if name not in message]
        if missing:
            return f"{message} Near: {', '.join(missing)}"
    return message


def _keep_quiet() -> None:
    """Keep log messages, which are meant for servers, out of the terminal; answers and errors say the same."""
    import logging  # start-up: the server loads it for itself

    if not sys.flags.dev_mode and not logging.root.handlers:
        logging.root.addHandler(logging.NullHandler())

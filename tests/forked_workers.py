"""Run tests in several processes that are forked once everything is imported and collected: ``pytest --forks 4``.

Each worker of pytest-xdist imports and collects all tests for itself, which costs more than a tenth of the whole run.
Here a worker takes the next file of tests from a queue that all share, runs it, and sends the reports of pytest to the
parent, which shows them. A file stays in one worker, with the fixtures of its module. For Linux: on macOS a process
must not fork once it has loaded the system's libraries, and Windows has no forks; there is pytest-xdist.
"""

from __future__ import annotations

import gc
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any

import pytest

__all__ = ["add_option", "run_forked"]

_NUMBER = struct.Struct("=I")
"""A place in the queue: few bytes, which a pipe gives to one reader whole."""
_kept: list[object] = []
"""What the parent captured with."""


def add_option(parser: pytest.Parser) -> None:
    """``--forks``."""
    parser.addoption("--forks", type=int, default=0, help="run files of tests in this many forked processes (Linux)")


def run_forked(session: pytest.Session) -> bool | None:
    """Run the tests of a session that has ``--forks``; None where pytest is to run them itself."""
    count = session.config.getoption("forks")
    if not count or sys.platform != "linux" or session.config.option.collectonly or session.testsfailed:
        return None
    files = [list(items) for _, items in groupby(session.items, key=lambda item: item.path)]
    queue, writes = os.pipe()
    for number in range(len(files)):
        os.write(writes, _NUMBER.pack(number))  # all fit: a pipe holds 16,384 of them
    os.close(writes)
    gc.collect()
    gc.freeze()  # what is here now is never garbage, and workers need not look at it, nor copy it by looking
    import preloaded  # not on the path of those who import conftest.py without pytest

    preloaded.open_for(count)
    workers = [_Worker(session, files, queue, number) for number in range(count)]
    preloaded.let_go()
    os.close(queue)
    try:
        _follow(session, {worker.reports: worker for worker in workers})
    finally:
        for worker in workers:
            worker.end()
        preloaded.close()
    return True


def _follow(session: pytest.Session, workers: dict[Connection, _Worker]) -> None:
    """Hand on what workers report until all have ended."""
    while workers:
        for ready in wait(list(workers)):
            assert isinstance(ready, Connection)
            if not workers[ready].receive():
                del workers[ready]
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)


def _capture(session: pytest.Session) -> None:
    """Let pytest keep what tests print in files of this process alone.

    Those of the parent stay open: modules may have taken ``sys.stderr`` as it was when they were imported.
    """
    capture: Any = session.config.pluginmanager.getplugin("capturemanager")
    _kept.append(vars(capture)["_global_capturing"])
    vars(capture)["_global_capturing"] = None
    capture.start_global_capturing()
    capture.suspend_global_capture()


class _Worker:
    """A forked process, as the parent sees it."""

    def __init__(self, session: pytest.Session, files: list[list[pytest.Item]], queue: int, number: int) -> None:
        self._config = session.config
        self._files = files
        self._pending: list[pytest.Item] = []  # the tests of the files it took which have not ended
        fork = get_context("fork")
        self.reports, theirs = fork.Pipe(duplex=False)
        self._process = fork.Process(target=_work, args=(session, files, queue, number, theirs))
        self._process.start()
        theirs.close()

    def receive(self) -> bool:
        """Take what it sent; False at its end."""
        try:
            kind, content = self.reports.recv()
        except EOFError:
            self._finish()
            return False
        hook = self._config.hook
        if kind == "file":
            self._pending += self._files[content]
        else:
            for data in content:
                report = hook.pytest_report_from_serializable(config=self._config, data=data)
                hook.pytest_runtest_logreport(report=report)
            ended = self._pending.pop(0)
            hook.pytest_runtest_logfinish(nodeid=ended.nodeid, location=ended.location)
        return True

    def _finish(self) -> None:
        """Tests that it did not end fail: it was killed, or a test ended it."""
        self._process.join()
        for item in self._pending:
            reason = f"the process of this test ended with {self._process.exitcode} in {self._pending[0].nodeid}"
            failure = pytest.TestReport(item.nodeid, item.location, {}, "failed", reason, "call")
            self._config.hook.pytest_runtest_logreport(report=failure)

    def end(self) -> None:
        """Kill it where it still runs."""
        self.reports.close()
        self._process.kill()
        self._process.join()


class _Reporter:
    """A plugin of workers, which sends the reports of each test to the parent."""

    def __init__(self, config: pytest.Config, parent: Connection) -> None:
        self._config = config
        self._parent = parent
        self._reports: list[object] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._reports.append(self._config.hook.pytest_report_to_serializable(config=self._config, report=report))

    def pytest_runtest_logfinish(self) -> None:
        self._parent.send(("test", self._reports))
        self._reports = []


def _work(session: pytest.Session, files: list[list[pytest.Item]], queue: int, number: int, parent: Connection) -> None:
    """The worker: run files from the queue."""
    import preloaded

    preloaded.take(number)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # the parent shows what is reported
    os.close(nowhere)
    _capture(session)
    session.config.pluginmanager.register(_Reporter(session.config, parent))
    with suppress(KeyboardInterrupt):
        for item, following in _with_the_next(_taken(files, queue, parent)):
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _taken(files: list[list[pytest.Item]], queue: int, parent: Connection) -> Iterator[pytest.Item]:
    """The tests of files from the queue, until it is empty."""
    while place := os.read(queue, _NUMBER.size):
        (number,) = _NUMBER.unpack(place)
        parent.send(("file", number))
        yield from files[number]


def _with_the_next(items: Iterator[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    """Each test with the one after it, of which pytest asks which fixtures it still needs."""
    item = next(items, None)
    while item:
        following = next(items, None)
        yield item, following
        item = following

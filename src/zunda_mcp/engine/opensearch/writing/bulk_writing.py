"""Many documents into a cluster: in batches of a few megabytes, as fast as it takes them, each exactly once.

While some batches are on their way the next one is made. So no id may stand in two actions of a run.

A cluster that is busy says so for single documents (429): these are sent again, later each time. A document that it
refuses (400) would be refused again, so that ends the run with its id.
"""

from __future__ import annotations

import json
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, wait
from typing import Any, NamedTuple

from zunda_mcp.engine.opensearch.connection import FIRST_PAUSE, Connection
from zunda_mcp.errors import EngineError

__all__ = ["BATCH_ACTIONS", "Action", "write_all"]

_BATCH_BYTES, BATCH_ACTIONS = 4_000_000, 1000
"""OpenSearch advises 5 to 15 MB a request; nodes of 512 MB took 4 MB without refusing any."""
_AT_ONCE = 3
"""Batches on their way; more only wait in the cluster's queue."""
_TRIES = 8
_BUSY = frozenset({429, 503})


class Action(NamedTuple):
    """One document to be written to the index ``target``, or to be deleted where ``body`` is None."""

    target: str
    id: str
    body: Mapping[str, Any] | None
    routing: str | None = None

    def lines(self) -> str:
        """The action as a bulk request has it."""
        head = {"_index": self.target, "_id": self.id} | ({"routing": self.routing} if self.routing else {})
        if self.body is None:
            return json.dumps({"delete": head}) + "\n"
        return f"{json.dumps({'index': head})}\n{json.dumps(self.body, separators=(',', ':'))}\n"


def write_all(
    connection: Connection, actions: Iterable[Action], after_batch: Callable[[int], None] = lambda count: None
) -> int:
    """Write all actions and return how many; ``after_batch`` is called with how many were written so far.

    Raises ``EngineError`` where the cluster is not to be had, stays busy, or refuses a document.
    """
    written, sending = 0, deque[Future[int]]()
    try:
        for batch in _batches(actions):
            sending.append(connection.pool.submit(_write, connection, batch))
            if len(sending) == _AT_ONCE:
                written += sending.popleft().result()
                after_batch(written)
        while sending:
            written += sending.popleft().result()
            after_batch(written)
    finally:
        wait(sending)  # nothing is on its way when the lease goes back
    return written


def _batches(actions: Iterable[Action]) -> Iterator[list[tuple[Action, str]]]:
    size = 0
    batch: list[tuple[Action, str]] = []
    for action in actions:
        lines = action.lines()
        if batch and (size + len(lines) > _BATCH_BYTES or len(batch) >= BATCH_ACTIONS):
            yield batch
            batch, size = [], 0
        batch.append((action, lines))
        size += len(lines)
    if batch:
        yield batch


def _write(connection: Connection, batch: list[tuple[Action, str]]) -> int:
    left, pause = batch, FIRST_PAUSE
    for attempt in range(_TRIES):
        try:
            results = connection.bulk("".join(lines for _, lines in left))
        except EngineError:
            # the connection broke off, or the node did: what was written is written again, under the same ids
            if attempt == _TRIES - 1:
                raise
            results = [{"status": 503}] * len(left)
        again = []
        for item, result in zip(left, results, strict=True):
            status = result.get("status", 200)
            if status in _BUSY:
                again.append(item)
            elif status >= 400 and not (status == 404 and item[0].body is None):
                error = result.get("error", {})
                reason = error.get("reason") if isinstance(error, dict) else error
                cause = error.get("caused_by", {}).get("reason", "") if isinstance(error, dict) else ""
                raise EngineError(f"The cluster refused {item[0].id} ({reason} {cause}).".replace(" )", ")"))
        if not again:
            return len(batch)
        left = again
        time.sleep(pause * (0.5 + random.random()))  # noqa: S311 - so that several writers do not meet again
        pause *= 2
    raise EngineError(
        f"The cluster stayed too busy to take {len(left):,} documents; index again when it has less to do."
    )

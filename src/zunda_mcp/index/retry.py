"""Answering again where the generation that was read was replaced or turned out damaged meanwhile.

A reader maps most files of its generation when they are first needed. Where two newer ones are published while it
answers, the writer prunes it, and what was not open yet is gone: then the answer is made again from the newest. The
same holds where files turn out damaged: the index is then being made anew, and the next try waits for that. Nothing
else is tried again: a file that is missing for any other reason is a fault, and is shown at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from zunda_mcp.errors import IndexingError
from zunda_mcp.index import index_tuning

__all__ = ["DamagedError", "ReplacedError", "retry_if_replaced"]

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


class DamagedError(IndexingError):
    """An answer failed on a file of the index that is not as it was written."""

    def __init__(self) -> None:
        super().__init__("The index was damaged or removed and is being built anew; ask again in a few seconds.")


class ReplacedError(IndexingError):
    """An answer failed on a file of a generation that a newer one had replaced."""

    def __init__(self) -> None:
        super().__init__("The index was replaced while this was answered; ask again.")


def retry_if_replaced(answer: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
    """``answer``, made again where its generation was replaced or turned out damaged meanwhile."""

    @wraps(answer)
    def retried(*given: _Given.args, **options: _Given.kwargs) -> _Answer:
        for _ in range(index_tuning.ANSWER_TRIES - 1):
            try:
                return answer(*given, **options)
            except (ReplacedError, DamagedError):
                continue
        return answer(*given, **options)

    return retried

"""Questions that outlive the generation they are answered from, or meet damage in it.

A reader maps most files of its generation when they are first needed. Where two newer ones are published while it
answers, the writer sweeps it, and what was not open yet is gone: then the question is asked again, of the newest. So it
is where files turn out damaged: the index is then being made anew, and asking again waits for that. Nothing else is
asked again: a file that is missing for any other reason is a fault, and is shown at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from zunda_mcp.errors import IndexingError
from zunda_mcp.index import tuning

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


def retry_if_replaced(question: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
    """``question``, asked again where its generation was swept or turned out damaged while it was answered."""

    @wraps(question)
    def asked(*given: _Given.args, **options: _Given.kwargs) -> _Answer:
        for _ in range(tuning.ANSWER_TRIES - 1):
            try:
                return question(*given, **options)
            except (ReplacedError, DamagedError):
                continue
        return question(*given, **options)

    return asked

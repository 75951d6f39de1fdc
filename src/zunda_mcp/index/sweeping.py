"""Questions that outlive the generation they are answered from.

A reader maps most files of its generation when they are first needed. Where two newer ones are published while it
answers, the writer sweeps it, and what was not open yet is gone: then the question is asked again, of the newest.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")

_TRIES = 5


def asked_again(question: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
    """``question``, asked again where a file of the index is gone (or, on Windows, going) while it is answered."""

    @wraps(question)
    def asked(*given: _Given.args, **options: _Given.kwargs) -> _Answer:
        for _ in range(_TRIES - 1):
            try:
                return question(*given, **options)
            except (FileNotFoundError, PermissionError):
                continue
        return question(*given, **options)

    return asked

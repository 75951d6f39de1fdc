"""How many threads a model may begin."""

from __future__ import annotations

import os

__all__ = ["one_thread"]

_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def one_thread() -> None:
    """Let numpy, and what is built on OpenMP, begin no threads: for small products they only wait. It is read when
    numpy is first loaded; what the user has set stays.
    """
    for variable in _VARIABLES:
        os.environ.setdefault(variable, "1")

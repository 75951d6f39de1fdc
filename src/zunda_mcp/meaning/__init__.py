"""Meaning as vectors: what the optional extra ``zunda-mcp[semantic]`` adds.

An ``Embedder`` turns texts into vectors; which one, the user chooses. No model and no numpy is loaded before a question
needs them, and without the extra nothing here is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zunda_mcp.meaning.choice import choose
from zunda_mcp.meaning.embedder import Embedder

if TYPE_CHECKING:
    from zunda_mcp.meaning.embedder import Vectors

__all__ = ["Embedder", "Vectors", "choose"]

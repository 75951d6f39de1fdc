"""The questions of a trial, and how an answer is graded.

A line of the file is ``{"id", "kind", "question", "keys"}``. ``keys`` are groups of alternative strings: an answer
holds a group where one of its strings stands in it, both without regard to width, case, spaces, commas and emphasis. A
question of the kind ``none`` has no keys: the archive does not answer it, and the assistant has to say so in the words
of ``ABSENT``.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NONE = "none"
ABSENT = "NOT IN THE ARCHIVE"
PROMPT = f"""Answer the question from the archive of a podcast's show notes. The only way to read it is the tools of the
MCP server "archive". Answer shortly, in the language of the question, with the date (YYYY-MM-DD) and the title of every
episode or story that the answer rests on. Where the archive does not hold the answer, write: {ABSENT}

Question: """


@dataclass(frozen=True)
class Question:
    """One question, with what a right answer holds."""

    id: str
    kind: str
    text: str
    keys: tuple[tuple[str, ...], ...]

    @property
    def prompt(self) -> str:
        """What the assistant gets to read."""
        return PROMPT + self.text

    def grade(self, answer: str) -> float:
        """The share of the groups that ``answer`` holds; of a question without an answer 1 where it says so."""
        plain = _plain(answer)
        if self.kind == NONE:
            return float(_plain(ABSENT) in plain)
        return sum(any(_plain(key) in plain for key in group) for group in self.keys) / len(self.keys)


def read(file: Path) -> list[Question]:
    """The questions of ``file``. Raises ``ValueError`` with the number of the line that is not one."""
    questions = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                questions.append(_question(json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                msg = f"{file}:{number} is not a question ({type(error).__name__}: {error})."
                raise ValueError(msg) from error
    return questions


def _question(row: dict[str, Any]) -> Question:
    keys = tuple(tuple(group) for group in row["keys"])
    if (row["kind"] == NONE) == bool(keys) or not all(keys):
        msg = 'questions of the kind "none" have no keys, all others have groups of strings'
        raise ValueError(msg)
    if not all(isinstance(key, str) and _plain(key) for group in row["keys"] for key in group):
        msg = "a key is a text of at least one letter"
        raise TypeError(msg)
    return Question(str(row["id"]), row["kind"], row["question"], keys)


def _plain(text: str) -> str:
    return re.sub(r"[\s,*]", "", unicodedata.normalize("NFKC", text).casefold())

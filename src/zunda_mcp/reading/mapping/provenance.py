"""Where the fields of an episode stood, as the code that reads them reports it; costs nothing where nobody asks.

What was found is recorded as the rule that finds it again (``mapping.Rule``), so that what a reader guesses can be
written down as what an owner declares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from zunda_mcp.reading.mapping.archive_table import Rule

__all__ = ["Finding", "Trace"]


class Finding(NamedTuple):
    """A field of an episode: by which rule it was found, or in words where no rule can say it; on which line of the
    file, from 1; and what it is.
    """

    rule: Rule | str
    line: int | None
    value: str


@dataclass
class Trace:
    """Collects findings by episode and field; of two of one field the last counts."""

    findings: dict[str, dict[str, Finding]] = field(default_factory=dict)

    def note(self, episode: str, name: str, rule: Rule | str, line: int | None = None, value: object = "") -> None:
        """Record one field of an episode."""
        self.findings.setdefault(episode, {})[name] = Finding(rule, line, str(value))

    def of(self, episode: str) -> Mapping[str, Finding]:
        """All that was recorded of an episode, by field."""
        return self.findings.get(episode, {})

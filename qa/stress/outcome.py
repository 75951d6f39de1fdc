"""What every harness of this folder is asked, and what it gives back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Plan:
    """How long and from which seed a harness runs, over which archive, and where it may write.

    It ends after ``seconds``, or after ``cases`` where that is given and comes first. The same seed makes the same
    cases in the same order.
    """

    seed: int
    seconds: float
    archive: Path
    scratch: Path
    cases: int | None = None


@dataclass
class Outcome:
    """What a run of a harness found.

    ``figures`` are counts and sizes worth keeping, by name; ``failures`` are sentences, each with what repeats it
    (seed, number of the case, place of the fault). ``skipped`` says what this machine could not run, and why.
    """

    name: str
    seed: int
    cases: int = 0
    seconds: float = 0.0
    figures: dict[str, float | int | str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> Path:
        """Keep it as JSON in ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")
        return path

"""How many slips lie between two spellings."""

from __future__ import annotations


def edits(first: str, second: str) -> int:
    """The fewest letters added, left out, changed or swapped with their neighbour (Damerau, "A technique for computer
    detection and correction of spelling errors", CACM 1964; the restricted distance).
    """
    if first == second:
        return 0
    older: list[int] = []
    before = list(range(len(second) + 1))
    for i, letter in enumerate(first, 1):
        row = [i]
        for j, other in enumerate(second, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other:
                best = min(best, older[j - 2] + 1)
            row.append(best)
        older, before = before, row
    return before[-1]

"""One id that several files give: which of them count, and the one episode that is made of their parts."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from zunda_mcp.models import Problem
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.endings import kind_of
from zunda_mcp.reading.formats import format_of, merges

__all__ = ["duplicate_problem", "first_of_each_id", "merge_drafts"]


def duplicate_problem(label: str, kept_label: str, *ids: str, whole: bool = True) -> Problem:
    """Return the problem of a file with ids that are taken; ``whole`` says that it holds no other."""
    if whole and len(ids) == 1:
        cause = f"The id {ids[0]} is taken by {kept_label}; this file was skipped."
    else:
        shown = ", ".join(ids[:3]) + (", …" if len(ids) > 3 else "")
        cause = f"The ids of {len(ids)} of its episodes ({shown}) are taken by {kept_label}; these were skipped."
    return Problem(path=label, cause=cause, skipped=whole)


_DAY = re.compile(r"(?:^|:)(?:\d{4}-\d\d-\d\d|undated)(?:-bookmarks)?$", re.ASCII)
"""The id of an episode that is a whole day, of which several files may hold a part."""


_DATED = re.compile(r"(^|:)\d{4}-\d\d-\d\d-(?=.*\D)", re.ASCII)
"""The day before the name in the id of a feed's item; a number is a name in any show."""


def first_of_each_id(files: Mapping[str, Collection[str]]) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    """Of the ids of episodes in each file, by label in order: the files that each id is read from, and problems.

    The first file with an id counts, alone unless the id is that of a day, and its format or that of another merges.
    A page counts before the item of a feed, which is its own too where the name behind the item's day is the page's.
    """
    chosen: dict[str, tuple[str, ...]] = {}
    lost: dict[tuple[str, str], list[str]] = {}
    pages = {id.casefold(): id for label, ids in files.items() if not _is_feed(label) for id in ids}
    for label, ids in sorted(files.items(), key=lambda pair: _is_feed(pair[0])):
        joins = merges(label.rpartition("/")[2])
        for id in ids:
            page = pages.get(_DATED.sub(r"\1", id.casefold()), id) if _is_feed(label) else id
            kept = chosen.get(id) or chosen.get(page, ())
            if not kept or (_DAY.search(id) and (joins or any(merges(one.rpartition("/")[2]) for one in kept))):
                chosen[id] = (*kept, label)
            else:
                lost.setdefault((label, "pages" if _is_feed(label) else kept[0]), []).append(id)
    problems = [
        duplicate_problem(label, kept, *ids, whole=len(ids) == len(files[label])) for (label, kept), ids in lost.items()
    ]
    return chosen, problems


def _is_feed(label: str) -> bool:
    return kind_of(label) in ("feed", "kept feed")


def merge_drafts(drafts: Sequence[Draft]) -> Draft:
    """The one episode that stands in several files (see ``first_of_each_id``): a page before posts of its day."""
    if len(drafts) == 1:
        return drafts[0]
    *_, (form, _) = pairs = sorted(
        ((format_of(draft.path.rpartition("/")[2]), draft) for draft in drafts),
        key=lambda pair: pair[0] is not None and pair[0].merges,
    )
    return form.merged([draft for _, draft in pairs]) if form is not None else drafts[0]

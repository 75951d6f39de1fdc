"""When segments are merged and when an index is built anew, so that neither questions nor small changes pay for it.

Each small change makes a small segment. Segments of about one size are merged when there are enough of them, so a
posting is copied once a tier, and the number of segments grows with the logarithm of the archive: the logarithmic
method of Bentley and Saxe ("Decomposable searching problems I", Journal of Algorithms, 1980), measured for inverted
files by Lester, Moffat and Zobel ("Efficient online index construction for text databases", TODS 2008). Deleted
documents fall away when their segment is merged.
"""

from __future__ import annotations

from collections.abc import Sequence

from zunda_mcp.index import index_tuning
from zunda_mcp.index.catalog import Meta, SegmentEntry

__all__ = ["LENGTHS_CHANGED", "rebuild_reason", "to_merge"]

LENGTHS_CHANGED = "the average length of stories had changed"


def to_merge(segments: Sequence[SegmentEntry]) -> frozenset[str]:
    """The names of the segments that are to become one; empty where all is well.

    The tier of a segment is the power of ``tuning.MERGE_FACTOR`` that its live documents reach. The lowest tier with
    that many segments is merged, smaller ones with it; a segment without a live document always goes along.
    """
    tiers = {segment.name: _tier(segment.live) for segment in segments}
    for tier in sorted(set(tiers.values())):
        if sum(1 for other in tiers.values() if other == tier) >= index_tuning.MERGE_FACTOR:
            return frozenset(name for name, other in tiers.items() if other <= tier)
    return frozenset()


def rebuild_reason(meta: Meta) -> str | None:
    """Why an index whose files did not change should be built anew, in words; None where it should not.

    Many deleted documents cost room and time. Where the average lengths have changed, a new index has other scores.
    """
    segments = meta.parts
    documents = sum(segment.documents for segment in segments)
    if sum(len(segment.deleted) for segment in segments) > max(
        index_tuning.MIN_DELETED, index_tuning.MAX_DELETED_SHARE * documents
    ):
        return "many replaced stories had piled up"
    return LENGTHS_CHANGED if meta.lengths_changed else None


def _tier(live: int) -> int:
    tier = 0
    while live >= index_tuning.MERGE_FACTOR:
        live //= index_tuning.MERGE_FACTOR
        tier += 1
    return tier

"""Links that an archive repeats in most episodes: the letter form, the shop. They are no stories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

LEAST = 3
"""In fewer episodes than this nothing counts as repeated."""

OFTEN, SHARE = 12, 8
"""A link in so many episodes is repeated even if only one in eight has it: a show changes its own addresses."""


def boilerplate_links(links_per_episode: Iterable[Collection[str]]) -> frozenset[str]:
    """Return the links that more than half of all episodes with links have, and at least three episodes; or an eighth
    of them, and at least twelve.

    By frequency, not by host: an archive's own form is found without being named, and a story about a form stays.
    """
    counts: Counter[str] = Counter()
    episodes = 0
    for links in links_per_episode:
        if links:
            episodes += 1
            counts.update(set(links))
    return frozenset(
        link
        for link, count in counts.items()
        if (count >= LEAST and count * 2 > episodes) or (count >= OFTEN and count * SHARE >= episodes)
    )

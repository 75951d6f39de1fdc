"""Full matches that a cluster counts: episodes exactly as long as they can be listed, and the ends of what is dated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zunda_mcp.engine.opensearch.counting import CutShort


def listed(episodes: Sequence[str], *, more: int = 0) -> dict[str, Any]:
    buckets = [{"key": one, "doc_count": 1} for one in episodes]
    return {"aggregations": {"of_episodes": {"buckets": buckets, "sum_other_doc_count": more}}}


def counted(
    first: str = "", last: str = "", first_story: str = "", estimates: tuple[int, int] = (0, 0)
) -> dict[str, Any]:
    """What a cluster says of all; ``estimates`` are of episodes of stories and of all episodes."""
    ends = {"first": first, "last": last, "first story": first_story}
    dated = {name: {"top": {"hits": {"hits": [{"_id": one}] if one else []}}} for name, one in ends.items()}
    stories, episodes = ({"value": one} for one in estimates)
    return {"aggregations": {"stories": {"episodes": stories}, "episodes": episodes, "dated": dated}}


def test_an_episode_that_matches_by_stories_and_notes_is_counted_once() -> None:
    cut = CutShort(counted(), listed(["a", "b"]), listed(["b", "c"]), ())
    assert (cut.episodes, cut.notes) == (3, 1)


def test_stories_alone_are_their_episodes() -> None:
    cut = CutShort(counted(), listed(["a", "b"]), None, ())
    assert (cut.episodes, cut.notes) == (2, 0)


def test_episodes_that_are_too_many_to_be_listed_are_estimated() -> None:
    cut = CutShort(counted(estimates=(70_000, 70_500)), listed(["a"], more=9), listed(["b"], more=9), ())
    assert cut.listed == set()
    assert (cut.episodes, cut.notes) == (70_500, 500)
    assert CutShort(counted(estimates=(70_000, 70_000)), listed(["a"], more=9), None, ()).episodes == 70_000


def test_notes_are_the_first_match_only_where_no_story_of_theirs_matches() -> None:
    both = listed(["a", "b"])
    assert CutShort(counted("a", "b#2", "a#1"), both, both, ()).ends == ["a#1", "b#2"]
    assert CutShort(counted("a", "b", "b#1"), both, both, ()).ends == ["a", "b"]
    assert CutShort(counted(), both, both, ()).ends == []

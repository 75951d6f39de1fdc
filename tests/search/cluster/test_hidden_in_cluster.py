"""Whoever may see some archives of a cluster is answered as at home: as if there were no others."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

pytest.importorskip("opensearchpy")

from cluster_libraries import address_of, removed
from comparing import differences, level
from growing_archive import SCENARIOS, Clock, GrowingArchive
from test_hidden_archives import SEED, grow, library_of

from conftest import CLUSTER

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not CLUSTER, reason="no cluster at ZUNDA_TEST_OPENSEARCH_URL; `make cluster` starts one"),
]


OF_TOPICS = {"topics", "topic_names", "read_resource", "complete"}
"""What shows topics: those of several archives are put together from the topics of each, which at home they are not."""


def test_an_archive_that_is_hidden_is_in_no_answer_of_a_cluster(tmp_path: Path) -> None:
    archive = GrowingArchive(SCENARIOS["several"], random.Random(SEED))
    grow(tmp_path, archive, Clock(), 12)
    names = archive.folders
    index = tmp_path / "elsewhere"
    with library_of(tmp_path, names, "none") as home, removed(index):
        home.refresh()
        with library_of(tmp_path, names, "none", index=index, engine=address_of(index)) as asked:
            asked.refresh()
            level(asked)
            assert len(asked.episodes()) == len(home.episodes())
            for visible in ([names[0]], names[1:]):
                found = differences(asked.within(visible), home.within(visible), random.Random(SEED), share=0.04)
                other = [one for one in found if len(visible) == 1 or one.kind not in OF_TOPICS]
                assert not other, f"within {visible}: {other[0]}"
                topics = asked.within(visible).topic_names()
                stories = {one.id for topic in topics for one in topic.examples}
                assert {one.partition(":")[0] for one in stories} <= set(visible)

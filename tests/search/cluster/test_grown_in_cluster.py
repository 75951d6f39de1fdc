"""After every change, an index that grew in a cluster answers as an embedded one that is built anew."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("opensearchpy")

from replaying import run

from conftest import CLUSTER, examples

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.scaled,
    pytest.mark.skipif(not CLUSTER, reason="no cluster at ZUNDA_TEST_OPENSEARCH_URL; `make cluster` starts one"),
]

SEED = 20261129


@pytest.mark.parametrize(("scenario", "embedder"), [("conventions", "none"), ("captions", "use"), ("prose", "use")])
def test_an_index_that_grew_in_a_cluster_answers_as_one_built_anew(
    scenario: str, embedder: str, tmp_path: Path
) -> None:
    steps, failures = run(
        scenario, SEED, examples(3), tmp_path, share=0.03, embedders=[embedder], stop_at_first=True, in_cluster=True
    )
    assert not failures, str(failures[0])
    assert steps == examples(3)

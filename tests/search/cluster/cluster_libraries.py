"""Libraries whose index is in the cluster that ``ZUNDA_TEST_OPENSEARCH_URL`` names, and its nodes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from running_cluster import CACHE, RunningCluster

from conftest import CLUSTER, TODAY, forget_index, index_name
from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library

__all__ = ["address_of", "cluster_library", "cluster_nodes", "removed", "servers_of"]


def address_of(index: Path) -> str:
    """Where the index is that would be in this folder; all nodes of a cluster of ours, so that one may fail."""
    urls = ",".join(url.removeprefix("http://") for url in servers_of())
    return f"http://{urls}/{index_name(index)}"


def servers_of() -> list[str]:
    """The addresses of the cluster: of all nodes where ``make cluster`` started it."""
    cluster = cluster_nodes()
    return cluster.urls if cluster else [CLUSTER]


def cluster_nodes() -> RunningCluster | None:
    """The cluster that `make cluster` started, where it is the one that is asked; None where it is another's."""
    noted = CACHE / "running.json"
    if not noted.is_file():
        return None
    cluster = RunningCluster.load(noted)
    return cluster if CLUSTER in cluster.urls else None


def cluster_library(episodes: Path | None, index: Path, embedder: str = "none") -> Library:
    """A library over a folder whose index is in the cluster; without ``episodes`` one that is only asked."""
    named = [episodes] if episodes else []
    settings = load_settings(episodes=named, index=index, environ={}, embedder=embedder, engine=address_of(index))
    return Library(settings, now=TODAY.astimezone)


@contextmanager
def removed(index: Path) -> Iterator[None]:
    """Removes from the cluster what was written for an index folder."""
    try:
        yield
    finally:
        forget_index(index)

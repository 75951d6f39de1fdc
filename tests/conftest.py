"""What many tests share: a private state folder, no vectors unless asked for, and the two archives."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from forked_workers import add_option, run_forked
from zunda_mcp.config.load import load_settings
from zunda_mcp.config.settings import Settings
from zunda_mcp.engine.base import Engine
from zunda_mcp.engine.local import LocalEngine
from zunda_mcp.index import index_tuning
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.index.schema import VERSION
from zunda_mcp.library import Library

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")  # before any test loads numpy: its threads only wait for one another here

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "episodes"
REAL = ROOT.parent / "shared" / "archive" / "zund-arm-on"
TODAY = dt.datetime(2026, 8, 21, 12, 0, tzinfo=dt.UTC)

CLUSTER = os.environ.get("ZUNDA_TEST_OPENSEARCH_URL", "").rstrip("/")
IN_CLUSTER = bool(CLUSTER) and os.environ.get("ZUNDA_TEST_ENGINE") == "opensearch"
"""Whether libraries of tests have their index in the cluster; what cannot hold there is left out with a reason."""

_SCALE = float(os.environ.get("PROPERTY_SCALE", "1"))

Post = Callable[..., Path]


def examples(many: int) -> int:
    """How many examples a property is tried with: ``many`` in `make test`, more in `make stress` (PROPERTY_SCALE)."""
    return max(1, round(many * _SCALE))


MANY_SERVERS = pytest.mark.skipif(_SCALE <= 1, reason="a share of a harness with many servers: `make stress-short`")

hypothesis.settings.register_profile("tests", max_examples=examples(50), deadline=None)
hypothesis.settings.load_profile("tests")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--forks`."""
    add_option(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Runs the tests in forked processes where `--forks` says so."""
    return run_forked(session)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks what asks for the real archive, and leaves it out where nothing lies beside the checkout."""
    for item in items:
        if "real" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.archive)
    if not REAL.is_dir():
        absent = [item for item in items if item.get_closest_marker("archive")]
        items[:] = [item for item in items if not item.get_closest_marker("archive")]
        config.hook.pytest_deselected(items=absent)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """`make test-archive` without an archive has nothing to run, which is no failure."""
    if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and not REAL.is_dir():
        session.exitstatus = pytest.ExitCode.OK


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was not run and why, in one line, however many tests it was."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.getreports("skipped"):
        if isinstance(report.longrepr, tuple):
            reasons[report.longrepr[2].removeprefix("Skipped: ")] += 1
    left_out = [f"{count} ({reason})" for reason, count in reasons.most_common()]
    if not REAL.is_dir():
        left_out.append(f"all that need the published archive (it is not at ../{REAL.relative_to(ROOT.parent)})")
    if left_out:
        terminalreporter.write_line(f"Not run: {'; '.join(left_out)}")


index_tuning.SMALL_CHANGE_WAIT = index_tuning.WRITER_WAIT = index_tuning.FIRST_BUILD_WAIT = 120.0
"""A question waits for the index as long as a busy machine needs, so that tests see the answer after it."""


def library_over(episodes: Path, index: Path, embedder: str = "none") -> Library:
    """A library over one folder with a fixed day, blind to the environment; without vectors unless asked for. Its index
    is in a cluster where ``ZUNDA_TEST_ENGINE`` says so: then all that is asked of libraries is asked of that engine.
    """
    engine = None
    if IN_CLUSTER:
        engine = f"{CLUSTER}/{index_name(index)}"
    settings = load_settings(episodes=[episodes], index=index, environ={}, embedder=embedder, engine=engine)
    return (_InCluster if engine else Library)(settings, now=TODAY.astimezone)


class _InCluster(Library):
    """A library whose index goes from the cluster when the last that has it is closed: tests leave nothing there."""

    def __init__(self, settings: Settings, **options: Any) -> None:
        super().__init__(settings, **options)
        _open_in_cluster[settings.index] += 1
        self._is_open = True

    def close(self) -> None:
        super().close()
        if self._is_open:
            self._is_open = False
            _open_in_cluster[self.settings.index] -= 1
            if not _open_in_cluster[self.settings.index]:
                forget_index(self.settings.index)


_open_in_cluster: Counter[Path] = Counter()


def forget_index(folder: Path) -> None:
    """Delete from the cluster the index that would be in a folder."""
    name = index_name(folder)
    for pattern in (f"{name}-*", f"{name}.lease"):
        with suppress(OSError):
            request = urllib.request.Request(f"{CLUSTER}/{pattern}", method="DELETE")
            urllib.request.urlopen(request, timeout=60).close()


def index_name(folder: Path) -> str:
    """The name in a cluster of the index that would be in a folder."""
    return f"test-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"


@pytest.fixture(scope="session", autouse=True)
def _private_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZUNDA_MCP_STATE", str(tmp_path_factory.mktemp("state")))
        patch.setenv("LC_ALL", "C.UTF-8")  # what the command line says is tested in English, whatever the developer's
        patch.setenv("LANGUAGE", "")  # own language is
        patch.setenv("ZUNDA_MCP_EMBEDDER", "none")  # most tests are about words; none waits for a model
        yield


def install_distribution(site: Path, module: str, text: str, group: str, entry_points: str) -> None:
    """Leave a distribution of one module in a folder, as an installer does; the caller puts the folder on the path."""
    (site / f"{module}.py").write_text(text, encoding="utf-8")
    info = site / f"{module}-1.0.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {module.replace('_', '-')}\nVersion: 1.0\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[{group}]\n{entry_points}", encoding="utf-8")


_readers: list[IndexReader] = []


def reader_of(library: Library) -> IndexReader:
    """A reader of the current generation of a library's index, as the library opens it; open until the end."""
    generations = Generations(library.settings.index, VERSION)
    name = generations.current()
    assert name is not None, "there is no index yet"
    _readers.append(IndexReader(generations.path(name)))
    return _readers[-1]


@contextmanager
def engine_of(library: Library) -> Iterator[Engine]:
    """The engine that answers for a library that was refreshed: the embedded one, or that of its cluster."""
    if library.settings.engine is None:
        yield LocalEngine(reader_of(library))
        return
    from zunda_mcp.engine.opensearch.engine_source import cluster_engines

    source = cluster_engines(library.settings.engine, None, dict, lambda: None)
    with source.current() as (engine, _):
        yield engine
    source.close()


@pytest.fixture(scope="session", autouse=True)
def _closed_readers() -> Iterator[None]:
    yield
    while _readers:
        _readers.pop().close()


def _shared(tmp_path_factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder of this run that all processes of tests share: the first builds the index, the others find it."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The project's own sample archive, indexed once. Tests only read from it."""
    with library_over(SAMPLE, _shared(tmp_path_factory, "sample-index")) as library:
        library.refresh()
        yield library


@pytest.fixture(scope="session")
def sample_with_vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the sample archive with vectors of the bundled model."""
    folder = _shared(tmp_path_factory, "sample-vectors")
    with library_over(SAMPLE, folder, embedder="use") as library:
        assert library.refresh().embedding_error is None
    return folder


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The real archive, indexed once and only read; tests that ask for it have the marker ``archive`` by that."""
    with library_over(REAL, _shared(tmp_path_factory, "real-index")) as library:
        library.refresh()
        yield library


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An empty folder for episodes."""
    folder = tmp_path / "show"
    folder.mkdir()
    return folder


@pytest.fixture
def post(archive: Path) -> Post:
    """Writes an episode in the show's format: ``post("2025-07-08-1", ("title", "url", "summary"), ...)``."""

    def write(stem: str, *stories: tuple[str, str, str], host: str = "ずんだもん", description: str = "") -> Path:
        body = "".join(f"- [{title}]({url})  \n\n{summary}\n\n引用元: {url}\n\n" for title, url, summary in stories)
        text = (
            f"---\nactor_ids:\n  - {host}\ndate: {stem[:10]} 05:00:00 +0900\n"
            f"description: '{description or '、'.join(title for title, _, _ in stories)}'\n"
            f"title: 放送 {stem[:10].replace('-', '')}\n---\n\n## 関連リンク\n\n{body}"
        )
        path = archive / f"{stem}.md"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def show(archive: Path, tmp_path: Path) -> Iterator[Library]:
    """A library over ``archive``."""
    with library_over(archive, tmp_path / "show-index") as library:
        yield library


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder, of the test's own."""
    folder = tmp_path / "state"
    monkeypatch.setenv("ZUNDA_MCP_STATE", str(folder))
    return folder


@pytest.fixture
def server() -> Iterator[object]:
    """A server of ``tests/sources`` that answers as a test wants it."""
    from misbehaving import serving

    with serving() as running:
        yield running

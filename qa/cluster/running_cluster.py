"""A real OpenSearch cluster on this machine: nodes in processes of their own, each with its own data folder.

The jars come from Maven Central once, into a cache outside the tree; ``ClusterNode.java`` starts one node. Needs Maven
and Java 21 or newer (``JAVA_HOME``, or the newest below ``/usr/lib/jvm``).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import platformdirs

__all__ = ["CACHE", "NodeProcess", "RunningCluster", "classpath", "java_home", "why_not"]

HERE = Path(__file__).resolve().parent
CACHE = Path(platformdirs.user_cache_dir("zunda-mcp-cluster"))
_OLDEST_JAVA = 21
_HEAP = "1g"
_WAIT = 180.0
"""Seconds until a cluster must be green: 30 on two idle cores, several times that where they are busy."""


_STARTED: list[subprocess.Popen[bytes]] = []
"""Nodes outlive what started them; their processes are known by their ids."""


@dataclass
class NodeProcess:
    """One node: its name, folder, ports, and the process it runs in."""

    name: str
    folder: str
    http: int
    transport: int
    pid: int = 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.http}"


def java_home() -> Path | None:
    """The home of a Java that is new enough; None where there is none."""
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    homes += sorted(Path("/usr/lib/jvm").glob("*")) if Path("/usr/lib/jvm").is_dir() else []
    dated = [(version, home) for home in homes if (version := _version(home)) >= _OLDEST_JAVA]
    return max(dated)[1] if dated else None


def _version(home: Path) -> int:
    java = home / "bin" / "javac"
    if not java.is_file():
        return 0
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    words = (said.stdout + said.stderr).split()
    return int(words[1].split(".")[0]) if len(words) > 1 and words[1][:1].isdigit() else 0


def why_not() -> str | None:
    """Why no cluster can be started here; None where one can."""
    if java_home() is None:
        return f"no JDK {_OLDEST_JAVA} or newer"
    if shutil.which("mvn") is None and not (CACHE / "classes" / "ClusterNode.class").is_file():
        return "no Maven"
    return None


def classpath() -> str:
    """The jars and our launcher; fetched and compiled where they are missing or older than their source."""
    home = java_home()
    if home is None:
        raise SystemExit(f"A JDK {_OLDEST_JAVA} or newer is needed; set JAVA_HOME to one.")
    listed, classes = CACHE / "classpath.txt", CACHE / "classes"
    if not _is_newer(listed, HERE / "pom.xml"):
        CACHE.mkdir(parents=True, exist_ok=True)
        goal = "org.apache.maven.plugins:maven-dependency-plugin:build-classpath"
        command: list[str | Path] = ["mvn", "-B", "-q", "-f", HERE / "pom.xml", goal, f"-Dmdep.outputFile={listed}.new"]
        environ = {**os.environ, "JAVA_HOME": str(home)}
        subprocess.run(command, check=True, env=environ, stdout=subprocess.DEVNULL)
        Path(f"{listed}.new").replace(listed)
    jars = listed.read_text(encoding="utf-8").strip()
    if not _is_newer(classes / "ClusterNode.class", HERE / "ClusterNode.java"):
        command = [home / "bin" / "javac", "-cp", jars, "-d", classes, HERE / "ClusterNode.java"]
        subprocess.run(command, check=True)
    return f"{classes}{os.pathsep}{jars}"


def _is_newer(made: Path, source: Path) -> bool:
    return made.is_file() and made.stat().st_mtime >= source.stat().st_mtime


class RunningCluster:
    """Some nodes in a folder. ``start`` waits until all shards have their copies."""

    def __init__(self, folder: Path, count: int = 3) -> None:
        self.folder = folder
        ports = _free_ports(2 * count)
        self.nodes = [
            NodeProcess(f"node-{at + 1}", str(folder / f"node-{at + 1}"), ports[2 * at], ports[2 * at + 1])
            for at in range(count)
        ]

    @property
    def url(self) -> str:
        """The address of the first node."""
        return self.nodes[0].url

    @property
    def urls(self) -> list[str]:
        """The addresses of all nodes."""
        return [node.url for node in self.nodes]

    def start(self) -> None:
        """Start all nodes and wait for them."""
        for node in self.nodes:
            self.start_node(node)
        self.wait_for("green", nodes=len(self.nodes))

    def start_node(self, node: NodeProcess) -> None:
        """Start one node on its data folder."""
        folder, home = Path(node.folder), java_home()
        assert home is not None
        for part in ("config", "data", "logs", "tmp"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        transports = ",".join(str(one.transport) for one in self.nodes)
        names = ",".join(one.name for one in self.nodes)
        arguments = [folder, node.name, node.http, node.transport, transports, names]
        options = [f"-Xms{_HEAP}", f"-Xmx{_HEAP}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=4"]
        options += [f"-Djava.io.tmpdir={folder / 'tmp'}", "--enable-native-access=ALL-UNNAMED"]
        with (folder / "logs" / "out.txt").open("ab") as out:
            process = subprocess.Popen(
                [home / "bin" / "java", *options, "-cp", classpath(), "ClusterNode", *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _STARTED.append(process)
        node.pid = process.pid

    def wait_for(self, status: str, *, nodes: int, within: float = _WAIT) -> None:
        """Wait until the cluster has a status and so many nodes. Raises ``TimeoutError``."""
        end, path = time.monotonic() + within, f"/_cluster/health?wait_for_status={status}&timeout=1s"
        while time.monotonic() < end:
            for node in self.nodes:
                health = _asked(node.url + path)
                if health and health["status"] in (status, "green") and health["number_of_nodes"] >= nodes:
                    return
            time.sleep(0.3)
        raise TimeoutError(f"The cluster in {self.folder} is not {status}; its logs are in node-*/logs/out.txt.")

    def kill(self, node: NodeProcess) -> None:
        """End a node as a failing machine does."""
        _end(node.pid, signal.SIGKILL)

    def stop(self) -> None:
        """End all nodes."""
        for node in self.nodes:
            _end(node.pid, signal.SIGKILL)

    def save_again(self, file: Path = CACHE / "running.json") -> None:
        """Note the processes of nodes that were started again, where they were noted before."""
        if file.is_file():
            self.save(file)

    def save(self, file: Path) -> None:
        """Note what runs, for ``load``."""
        file.parent.mkdir(parents=True, exist_ok=True)
        rows = {"folder": str(self.folder), "nodes": [asdict(node) for node in self.nodes]}
        file.write_text(json.dumps(rows), encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> RunningCluster:
        """What ``save`` noted."""
        rows = json.loads(file.read_text(encoding="utf-8"))
        found = cls(Path(rows["folder"]), 0)
        found.nodes = [NodeProcess(**row) for row in rows["nodes"]]
        return found

    @classmethod
    def in_new_folder(cls, count: int = 3) -> RunningCluster:
        """A cluster in a temporary folder."""
        return cls(Path(tempfile.mkdtemp(prefix="zunda-cluster-")), count)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _asked(url: str) -> dict[str, Any] | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except (OSError, ValueError):
        return None


def _end(pid: int, how: signal.Signals) -> None:
    """End one process that ``start_node`` started, and take its exit where it is our child."""
    if not pid:
        return
    try:
        os.kill(pid, how)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass

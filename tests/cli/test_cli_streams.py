"""A command whose output cannot be written, whose user has no home, or that is interrupted: one line, and its code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import preloaded
import pytest
from cli_samples import environment, write_archive

from zunda_mcp.cli import entry

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a matter of POSIX shells and signals")

COMMANDS = ["search MCP", "search MCP --json", "show latest", "index", "topics", "doctor", "--help", "--version"]


def shell(
    home: Path, words: str, redirect: str = "", program: str = "-m zunda_mcp"
) -> subprocess.CompletedProcess[str]:
    """Run a command of ``zunda-mcp`` as a shell does."""
    own = environment(home, PYTHON=sys.executable)
    line = f'exec "$PYTHON" {program} {words} {redirect}'
    return subprocess.run(
        ["/bin/sh", "-c", line], env=own, cwd=home, capture_output=True, encoding="utf-8", timeout=120, check=False
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user with an archive of their own in ``episodes``, and an index of it."""
    folder = tmp_path_factory.mktemp("home")
    write_archive(folder / "episodes")
    assert shell(folder, "index").returncode == 0
    return folder


_FULL = "import os; os.dup2(os.open('/dev/full', os.O_WRONLY), 1);"


@pytest.mark.parametrize("words", COMMANDS)
def test_an_answer_that_a_full_disk_refuses_is_said(home: Path, words: str) -> None:
    done = preloaded.run(words.split(), environment(home), home, _FULL + preloaded.COMMAND)
    assert done.returncode == entry.UNWRITABLE
    assert done.stderr.startswith("zunda-mcp: the answer cannot be written to standard output (")
    assert done.stderr.count("\n") == 1


_PING = '{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n'


@pytest.mark.parametrize("closed", [_FULL, "import os; os.close(1);"])
def test_a_server_whose_answers_cannot_be_written_says_so_once(home: Path, closed: str) -> None:
    done = preloaded.run(["serve"], environment(home), home, closed + preloaded.COMMAND, stdin=3 * _PING)
    assert done.returncode == entry.UNWRITABLE
    assert "answers cannot be written to standard output (" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_server_whose_client_went_away_ends_as_usual(home: Path) -> None:
    gone = "import os; a, b = os.pipe(); os.close(a); os.dup2(b, 1);"
    done = preloaded.run(["serve"], environment(home), home, gone + preloaded.COMMAND, stdin=3 * _PING)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", ["search MCP", "--help"])
@pytest.mark.parametrize("redirect", [">&-", "<&- >&-"])
def test_an_answer_without_an_output_is_said(home: Path, words: str, redirect: str) -> None:
    done = shell(home, words, redirect)
    assert done.returncode == entry.UNWRITABLE
    assert done.stderr.startswith("zunda-mcp: the answer cannot be written to standard output (")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "redirect"), [("search MCP", "2>&-"), ("search MCP", ">&- 2>&-"), ("--help", "<&- >&- 2>&-")]
)
def test_without_stderr_the_code_stands(home: Path, words: str, redirect: str) -> None:
    written = ">&-" not in redirect.replace("2>&-", "")
    done = shell(home, words, redirect)
    assert done.returncode == (0 if written else entry.UNWRITABLE)
    assert ("MCPの安全" in done.stdout) == written


@pytest.mark.parametrize("redirect", ["2>&-", "2>/dev/full"])
def test_without_stderr_a_fault_has_its_code(home: Path, redirect: str) -> None:
    failed = shell(home, "search --since never", redirect)
    assert (failed.returncode, failed.stdout) == (2, "")


@pytest.mark.parametrize("words", ["search MCP --limit 50", "--help"])
def test_a_pipe_without_a_reader_is_no_fault(home: Path, words: str) -> None:
    piped = f'{{ "$PYTHON" -m zunda_mcp {words}; echo $? >code; }} | true; while [ ! -s code ]; do sleep 0.1; done'
    (home / "code").unlink(missing_ok=True)
    done = subprocess.run(
        ["/bin/sh", "-c", f"sleep 0; {piped}"],
        env=environment(home, PYTHON=sys.executable),
        cwd=home,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert ((home / "code").read_text(encoding="utf-8"), done.stderr) == (f"{entry.PIPE_CLOSED}\n", "")


@pytest.mark.parametrize("redirect", [">&-", "<&-", "<&- >&- 2>&-"])
def test_a_server_without_a_client_ends_well(home: Path, redirect: str) -> None:
    done = shell(home, "serve", f"</dev/null {redirect}" if redirect == ">&-" else redirect)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


# --- a user whom the system does not know

_HOMELESS = """\
import os, pwd, sys
def getpwuid(uid):
    raise KeyError(uid)
pwd.getpwuid = getpwuid
for name in [one for one in os.environ if one == "HOME" or one.startswith("XDG_")]:
    del os.environ[name]
from zunda_mcp.cli import main
sys.exit(main())
"""


def homeless(home: Path, *words: str | Path, state: str = "") -> subprocess.CompletedProcess[str]:
    own = environment(home)
    del own["ZUNDA_MCP_STATE"]
    env = own | ({"ZUNDA_MCP_STATE": state} if state else {})
    return preloaded.run([*map(str, words)], env, home, _HOMELESS)


@pytest.mark.parametrize(
    "words",
    [
        *(
            ["search", "MCP", "--episodes", "posts"],
            ["index", "--episodes", "posts"],
            ["add", "https://a.example/feed"],
        ),
        *(["sources"], ["doctor", "--episodes", "posts"], ["install", "cursor", "--episodes", "posts"], ["sync"]),
        *(["uninstall", "cursor"], ["search", "MCP", "--episodes", "~/posts"], ["serve", "--episodes", "posts"]),
    ],
)
def test_a_user_without_a_home_is_told_what_to_name(tmp_path: Path, words: list[str]) -> None:
    write_archive(tmp_path / "posts")
    done = homeless(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("zunda-mcp: ")
    assert "home" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "~").exists()


def test_a_user_without_a_home_may_name_every_folder(tmp_path: Path) -> None:
    posts = write_archive(tmp_path / "posts")
    done = homeless(tmp_path, "search", "MCP", "--episodes", posts, "--index", tmp_path / "index")
    assert (done.returncode, done.stderr) == (0, "")
    assert "MCPの安全" in done.stdout


# --- Ctrl-C

_INTERRUPTED = """\
import signal, sys, threading
sys.argv[0] = "zunda-mcp"
calls, at = 0, int(sys.argv.pop(1))
def profile(frame, event, argument):
    global calls
    calls += 1
    if calls == at:
        sys.setprofile(None)
        signal.raise_signal(signal.SIGINT)
from zunda_mcp.cli import main
if at:
    sys.setprofile(profile)
code = main()
sys.setprofile(None)
if not at:
    import atexit
    atexit.register(signal.raise_signal, signal.SIGINT)
sys.exit(code)
"""


@pytest.mark.parametrize("at", [0, 100, 1_000, 3_000, 10_000, 30_000, 60_000, 120_000])
def test_an_interrupted_command_says_so_without_a_traceback(tmp_path: Path, at: int) -> None:
    write_archive(tmp_path / "episodes")
    done = preloaded.run([str(at), "index", "--rebuild"], environment(tmp_path), tmp_path, _INTERRUPTED)
    assert done.returncode == entry.INTERRUPTED
    assert done.stderr == ("" if at == 0 else "zunda-mcp: interrupted.\n")

"""Nothing in the product relies on what only POSIX systems have."""

from __future__ import annotations

from pathlib import Path

import pytest
from windows_names import unguarded

SOURCE = Path(__file__).resolve().parents[2] / "src"


def test_no_module_uses_what_only_posix_systems_have_without_a_guard() -> None:
    modules = sorted(SOURCE.rglob("*.py"))
    assert len(modules) > 100
    assert {str(path.relative_to(SOURCE)): found for path in modules if (found := unguarded(path))} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import fcntl",
        "from fcntl import flock",
        "from os import fork",
        "os.fork()",
        "os.kill(1, signal.SIGKILL)",
        "os.link('a', 'b')",
        "os.uname()",
        "loop.add_signal_handler(2, print)",
        "try:\n    os.link('a', 'b')\nexcept FileExistsError:\n    pass",
        "if os.name == 'nt':\n    pass\nos.getuid()",
        "subprocess.run(['a'], preexec_fn=print)",
    ],
)
def test_an_unguarded_use_is_found(line: str, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(line, encoding="utf-8")
    assert unguarded(tmp_path / "module.py")


@pytest.mark.parametrize(
    "line",
    [
        "try:\n    import fcntl\nexcept ImportError:\n    fcntl = None",
        "if os.name != 'nt':\n    os.killpg(1, signal.SIGKILL)",
        "try:\n    os.link('a', 'b')\nexcept OSError:\n    copy()",
        "with suppress(OSError):\n    os.link('a', 'b')",
        "owner = os.getuid() if hasattr(os, 'getuid') else None",
    ],
)
def test_a_guarded_use_is_fine(line: str, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(line, encoding="utf-8")
    assert unguarded(tmp_path / "module.py") == []

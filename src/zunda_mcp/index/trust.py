"""Which index may be opened: only one that this user's own run made in this very place.

Whoosh keeps parts of an index as pickles, and reading a pickle can run code. So the pointer to a generation carries
a seal: a keyed hash (HMAC-SHA256, RFC 2104) of the folder, the generation's name and its inventory, under a secret that
lies in the user's own data folder and is never part of an index. A copied or shipped index has no valid seal here and
is rebuilt, and so is one whose files are not those of its inventory.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from functools import cache
from pathlib import Path

from zunda_mcp.errors import IndexingError
from zunda_mcp.user_folders import state_folder

_POINTER_BYTES = 4096
_LOCK_WAIT = 30.0


def seal(folder: Path, generation: str, inventory: str) -> str:
    """The seal of a generation in ``folder`` whose inventory has this digest.

    Raises ``IndexingError`` where no secret can be kept.
    """
    message = f"{folder.resolve()}\n{generation}\n{inventory}".encode("utf-8", "surrogatepass")
    return hmac.new(_secret(), message, hashlib.sha256).hexdigest()


def sealed(folder: Path, generation: str, inventory: str, claimed: object) -> bool:
    """Whether ``claimed`` is the seal that this user's run would have written."""
    said = claimed.encode("utf-8", "surrogatepass") if isinstance(claimed, str) else b""
    return hmac.compare_digest(seal(folder, generation, inventory).encode("ascii"), said)


def read_pointer(file: Path) -> dict[str, object]:
    """What a pointer to a generation says; nothing where it is no such file, whatever somebody put there instead.

    Raises ``OSError`` where it cannot be read now.
    """
    if not file.is_file():  # reading a pipe would wait for ever
        return {}
    with file.open("rb") as stream:
        written = stream.read(_POINTER_BYTES)
    try:
        said = json.loads(written)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def ours(folder: Path) -> bool:
    """Whether an index folder is this user's own, or nobody's yet: one that came with an archive is not written to.

    No part of it may be a link, which would lead what is written elsewhere, and its pointer must have a good seal.
    """
    try:
        if folder.is_symlink() or any(entry.is_symlink() for entry in folder.iterdir()):
            return False
        if not (folder / "CURRENT").exists():
            return True
        pointer = read_pointer(folder / "CURRENT")
        return sealed(folder, str(pointer.get("generation")), str(pointer.get("inventory")), pointer.get("seal"))
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _secret() -> bytes:
    return _secret_in(str(state_folder()))


@cache
def _secret_in(folder: str) -> bytes:
    path = Path(folder) / "index.key"
    for _ in range(2):
        try:
            with contextlib.suppress(FileNotFoundError):
                kept = path.read_bytes()
                if len(kept) >= 32:
                    return kept
            path.parent.mkdir(parents=True, exist_ok=True)
            new = path.with_name(f"index.key.{os.getpid()}.{secrets.token_hex(4)}")
            new.write_bytes(secrets.token_bytes(32))
            new.chmod(0o600)
            try:
                os.link(new, path)  # the first process to get here wins
            except FileExistsError:
                pass
            except OSError:
                _settle(new, path)
            finally:
                new.unlink(missing_ok=True)
        except OSError as error:
            msg = (
                f"Cannot keep the key that marks this user's own indexes in {path.parent} ({error.strerror or error})."
            )
            raise IndexingError(msg) from error
    msg = f"The key file {path} is damaged; remove it, and every index is rebuilt."
    raise IndexingError(msg)


def _settle(new: Path, path: Path) -> None:
    """Make ``new`` the key where there are no hard links: one process at a time, and none where one was before.

    Two keys would be worse than none: each process would rebuild what the other has sealed.
    """
    from filelock import FileLock

    with FileLock(path.with_name("index.key.lock"), timeout=_LOCK_WAIT):
        if not path.exists():
            new.replace(path)

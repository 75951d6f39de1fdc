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
import os
import secrets
from functools import cache
from pathlib import Path

from zunda_mcp.errors import IndexingError


def seal(folder: Path, generation: str, inventory: bytes) -> str:
    """The seal of a generation in ``folder`` with the digest of its inventory.

    Raises ``IndexingError`` where no secret can be kept.
    """
    message = f"{folder.resolve()}\n{generation}\n".encode("utf-8", "surrogatepass") + inventory
    return hmac.new(_secret(), message, hashlib.sha256).hexdigest()


def sealed(folder: Path, generation: str, inventory: bytes, claimed: object) -> bool:
    """Whether ``claimed`` is the seal that this user's run would have written."""
    return isinstance(claimed, str) and hmac.compare_digest(
        seal(folder, generation, inventory).encode(), claimed.encode("utf-8", "surrogatepass")
    )


def _secret() -> bytes:
    import platformdirs

    folder = os.environ.get("ZUNDA_MCP_STATE") or platformdirs.user_data_dir("zunda-mcp", appauthor=False)
    return _secret_in(folder)


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
                new.replace(path)
            finally:
                new.unlink(missing_ok=True)
        except OSError as error:
            msg = (
                f"Cannot keep the key that marks this user's own indexes in {path.parent} ({error.strerror or error})."
            )
            raise IndexingError(msg) from error
    msg = f"The key file {path} is damaged; remove it, and every index is rebuilt."
    raise IndexingError(msg)

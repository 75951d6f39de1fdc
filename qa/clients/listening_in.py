"""Stands between a client and a server over stdio, and writes down each request that the client sends.

``listening_in.py FILE COMMAND...`` starts the command, passes on every byte both ways, and ends with it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Pass on the client's lines, and note those that are requests or notifications."""
    heard, *command = sys.argv[1:]
    with Path(heard).open("a", encoding="utf-8") as notes:
        server = subprocess.Popen(command, stdin=subprocess.PIPE)
        assert server.stdin is not None
        for line in sys.stdin.buffer:
            message = json.loads(line)
            if "method" in message:
                notes.write(json.dumps(message) + "\n")
                notes.flush()
            try:
                server.stdin.write(line)
                server.stdin.flush()
            except BrokenPipeError:
                break
        server.stdin.close()
        return server.wait()


if __name__ == "__main__":
    sys.exit(main())

"""Where a bundle begins: serve the archive over stdin and stdout.

A host that manages the process itself runs this file inside the bundle's own environment and knows nothing of verbs,
so the verb stands here. What the user chose comes in the environment (``ZUNDA_MCP_EPISODES``, …).
"""

import sys

from zunda_mcp.cli import main

if __name__ == "__main__":
    sys.exit(main(["serve", *sys.argv[1:]]))

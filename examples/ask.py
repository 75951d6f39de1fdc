"""Ask the archive one question the way Claude Desktop would: as an MCP client that starts the server over stdio.

    python examples/ask.py "which episodes covered TensorRT-LLM"
    python examples/ask.py "MCP セキュリティ" -- --episodes path/to/another/archive

What stands after ``--`` goes to ``zunda-mcp serve``; by default it is the sample archive of this project.
"""

from __future__ import annotations

import sys
from pathlib import Path

import anyio
from mcp import Client, StdioServerParameters

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ["--episodes", str(ROOT / "episodes"), "--index", str(ROOT / "index")]
NEXT = """
Where to go next:
  - Claude Desktop:  {command} install claude-desktop {arguments}
  - Other clients:   {command} install
  - The real show:   see "The real archive" in docs/archives.md
  - 日本語:           README.ja.md
"""


async def ask(question: str, arguments: list[str]) -> None:
    """Start the server, ask, print the answer as a client would show it to its model."""
    server = StdioServerParameters(command=sys.executable, args=["-m", "zunda_mcp", "serve", *arguments])
    async with Client(server) as client:
        print(f"> search_episodes(query={question!r})\n")
        result = await client.call_tool("search_episodes", {"query": question})
        for block in result.content:
            print(getattr(block, "text", ""))
    command = Path(sys.executable).with_name("zunda-mcp")
    print(NEXT.format(command=command, arguments=" ".join(arguments)))


def main() -> None:
    """Read the command line and ask."""
    words = sys.argv[1:]
    split = words.index("--") if "--" in words else len(words)
    question = " ".join(words[:split]) or "which episodes covered TensorRT-LLM"
    anyio.run(ask, question, words[split + 1 :] or SAMPLE)


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    main()

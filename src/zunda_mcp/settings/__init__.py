"""Where the archive and the index are, and what the archive is called.

Every setting is looked for in four places, and the first that has it wins: flags, environment variables
(``ZUNDA_MCP_EPISODES``, several separated as in ``PATH``, ``ZUNDA_MCP_INDEX``, ``ZUNDA_MCP_NAME``, …), the file
``zunda-mcp.toml`` in the episodes folder or its parent, and a default. An empty value or a placeholder that a client
left unexpanded (``${user_config.name}``) counts as not given. A wrong name is never passed over in silence.

``zunda-mcp.toml`` describes an archive, and may have come with it from anywhere. So it cannot say where the index is:
index files are trusted when they are opened, and only the user may name a folder for them. The folders of episodes
that it lists lie below its own, and no embedder, token file or command can be named in it.
"""

from __future__ import annotations

from zunda_mcp.settings.load import load_settings
from zunda_mcp.settings.model import ArchiveSettings, Settings
from zunda_mcp.settings.values import ALIASES_NAME, FILE_NAME, PREFIX

__all__ = ["ALIASES_NAME", "FILE_NAME", "PREFIX", "ArchiveSettings", "Settings", "load_settings"]

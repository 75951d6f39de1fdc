"""Over the network, for ``zunda-mcp add`` and ``sync`` alone: nothing else in the house imports this room.

``fetch`` gets one document over HTTP, ``clone`` and ``pull`` a repository with the machine's own git. Both look where a
name leads before they connect (``addresses.py``), and give up at a size and a time.

The HTTP client is the standard library's ``http.client``, because it lets the connection be made to the very address
that was checked; a larger client resolves the name a second time or needs a transport of one's own.
"""

from __future__ import annotations

from zunda_mcp.fetching.addresses import host_of
from zunda_mcp.fetching.http import Fetched, Limits, Validators, fetch

__all__ = ["Fetched", "Limits", "Validators", "fetch", "host_of"]

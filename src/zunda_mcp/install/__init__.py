"""Installing zunda-mcp into a client: the right entry in the right file, and nothing else in it touched.

``places`` knows the files, ``entry`` what belongs in them, ``configuration`` and ``edit`` change text without writing
it, ``change`` works out before and after, ``backup`` writes; ``handshake`` starts a server as a client would, and
``found`` looks at what clients have. Nothing here knows the command line.
"""

from __future__ import annotations

from zunda_mcp.install.change import Change, installation, removal
from zunda_mcp.install.entry import checked_name, entry_for, left_out
from zunda_mcp.install.handshake import Handshake, shake_hands
from zunda_mcp.install.places import CLIENTS, Client, Machine, Place, Scope, client_named, place

__all__ = [
    "CLIENTS",
    "Change",
    "Client",
    "Handshake",
    "Machine",
    "Place",
    "Scope",
    "checked_name",
    "client_named",
    "entry_for",
    "installation",
    "left_out",
    "place",
    "removal",
    "shake_hands",
]

"""Sockets to listen on, bound before anything is started, and only where that is safe."""

from __future__ import annotations

import socket
import sys
from typing import Any

from zunda_mcp.errors import SettingsError
from zunda_mcp.server.http.options import DEFAULT_HOST, HttpOptions, is_loopback

_BACKLOG = 512


def listen(options: HttpOptions) -> list[socket.socket]:
    """Listening sockets on every address of the host, all with one port; port 0 becomes a free one.

    Raises ``SettingsError`` where the host is no address of this machine, where the port is taken, where others than
    this machine could ask without a token, and where OAuth does not know by which address clients come.
    """
    shown = f"--http {f'[{options.host}]' if ':' in options.host else options.host}:{options.port}"
    places = _addresses(options, shown)
    if not options.guarded and not all(is_loopback(str(address[0])) for _, address in places):
        raise SettingsError(
            f"{shown} would let everyone on the network read the archive: "
            f"pass --token-file FILE or --oauth-issuer URL, or use {DEFAULT_HOST}."
        )
    if options.oauth is not None and options.public_url is None and options.wildcard:
        raise SettingsError(
            f"{shown} does not say by which address clients come, which access tokens are made out to: "
            "pass --public-url https://NAME/mcp."
        )
    sockets: list[socket.socket] = []
    port = options.port
    try:
        for family, address in places:
            sockets.append(_listening(family, (address[0], port, *address[2:]), alone=len(places) == 1))
            port = sockets[0].getsockname()[1]
    except OSError as error:
        for opened in sockets:
            opened.close()
        raise SettingsError(
            f"{shown} cannot be used ({error.strerror or error}): stop what uses it, or name another port."
        ) from error
    return sockets


def _addresses(options: HttpOptions, shown: str) -> list[tuple[int, tuple[Any, ...]]]:
    if (
        options.host.lower() == "localhost"
    ):  # both addresses it has (RFC 6761), whatever this machine's list of names says
        names: list[tuple[int, tuple[Any, ...]]] = [
            (socket.AF_INET, ("127.0.0.1", options.port)),
            (socket.AF_INET6, ("::1", options.port, 0, 0)),
        ]
        return names if _has_ipv6() else names[:1]
    try:
        found = socket.getaddrinfo(options.host or None, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise SettingsError(
            f"{shown}: this machine has no address {options.host}; write it like {DEFAULT_HOST}:8765."
        ) from error
    known: list[tuple[int, tuple[Any, ...]]] = [(int(family), address) for family, _, _, _, address in found]
    usable = [place for place in dict.fromkeys(known) if place[0] != socket.AF_INET6 or _has_ipv6()]
    return usable or list(dict.fromkeys(known))


def _has_ipv6() -> bool:
    """Whether the loopback of IPv6 is there; containers often have a name for it and no address."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as tried:
            tried.bind(("::1", 0))
    except OSError:
        return False
    return True


def _listening(family: int, address: tuple[str | int, ...], *, alone: bool) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, else asyncio leaves Nagle on
    try:
        if sys.platform == "win32":  # there, reusing an address means taking it away from another server
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            both = alone and address[0] == "::"
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if both else 1)
        opened.bind(address)
        opened.listen(_BACKLOG)
        opened.setblocking(False)
    except OSError:
        opened.close()
        raise
    return opened

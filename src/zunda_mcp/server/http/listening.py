"""Listening sockets, bound before anything else starts, and only where that is safe."""

from __future__ import annotations

import errno
import os
import socket

from zunda_mcp.errors import SettingsError
from zunda_mcp.server.http.options import DEFAULT_HOST, HttpOptions, is_loopback

__all__ = ["listen"]

_NO_IPV6 = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


def listen(options: HttpOptions) -> list[socket.socket]:
    """Listening sockets on every address of the host, all with one port; port 0 becomes a free one.

    Raises ``SettingsError`` if this machine lacks the address, the port is taken, other machines could connect without
    a token, or OAuth is used and the address that clients use is unknown.
    """
    shown = f"--http {f'[{options.host}]' if ':' in options.host else options.host}:{options.port}"
    # localhost means both loopback addresses (RFC 6761), whatever /etc/hosts says.
    hosts = ("127.0.0.1", "::1") if options.host.lower() == "localhost" else (options.host or None,)
    try:
        resolved = [
            (family, str(address[0]), address[2:])
            for host in hosts
            for family, *_, address in socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        ]
    except (OSError, UnicodeError) as error:
        raise SettingsError(
            f"{shown}: this machine has no address {options.host}; write it like {DEFAULT_HOST}:8765."
        ) from error
    if not options.guarded and not options.no_token and not all(is_loopback(host) for _, host, _ in resolved):
        raise SettingsError(
            f"{shown} would let everyone on the network read the archive: "
            f"pass --token-file FILE or --oauth-issuer URL, --no-token if it should, or use {DEFAULT_HOST}."
        )
    if options.oauth is not None and options.public_url is None and options.wildcard:
        raise SettingsError(
            f"{shown} does not say which address clients use, and access tokens are issued for that: "
            "pass --public-url https://NAME/mcp."
        )
    opened: list[socket.socket] = []
    port = options.port
    for family, host, scope in sorted(dict.fromkeys(resolved), key=lambda place: place[0] == socket.AF_INET6):
        both = host == "::" and len(set(resolved)) == 1 and socket.has_dualstack_ipv6()
        try:
            opened.append(socket.create_server((host, port, *scope), family=family, dualstack_ipv6=both))
        except OSError as error:
            if opened and family == socket.AF_INET6 and error.errno in _NO_IPV6:
                continue  # containers often name the IPv6 loopback without having it
            for listener in opened:
                listener.close()
            cause = os.strerror(error.errno or 0)
            raise SettingsError(
                f"{shown} cannot be used ({cause}): stop what uses it, or name another port."
            ) from error
        opened[-1].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # inherited by every connection
        port = opened[0].getsockname()[1]
    return opened

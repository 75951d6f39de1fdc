"""Where a request may go: to public addresses, and to private ones only if the user named that host.

Feeds come from strangers. A redirect, or a name that suddenly resolves to another address, must not make this machine
send requests to its router, its neighbours or itself (server-side request forgery:
https://owasp.org/Top10/A10_2021-Server-Side_Request_Forgery_%28SSRF%29/).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import urlsplit

from zunda_mcp.errors import FetchError

__all__ = ["Address", "host_of", "is_private", "resolve_host"]

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Address(NamedTuple):
    """A checked address, ready for a socket."""

    family: socket.AddressFamily
    ip: str
    port: int
    is_private: bool


def host_of(url: str) -> str:
    """Return the host of a URL in lower case, ``""`` if it has none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def resolve_host(host: str, port: int, private_hosts: Collection[str] = ()) -> list[Address]:
    """Return the addresses of a host that a request may go to, in the resolver's order.

    Only ``private_hosts``, which the user named, may be private. Raises ``FetchError`` if the name is unknown or if any
    of its addresses is not public (``is_private``): a name with both kinds could otherwise evade the check.
    """
    try:
        resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(
            f"The host {host} cannot be found ({_why(error)}). Check the address and the network."
        ) from None
    addresses = [
        Address(socket.AddressFamily(family), str(place[0]), port, is_private(str(place[0])))
        for family, _, _, _, place in resolved
        if family in (socket.AF_INET, socket.AF_INET6)
    ]
    private = next((address for address in addresses if address.is_private), None)
    if private is not None and host.lower().rstrip(".") not in private_hosts:
        raise FetchError(
            f"{host} leads to {private.ip}, an address of this machine or its private network, so it was not asked. "
            f"If that is meant, add the source by that host itself."
        )
    if not addresses:
        raise FetchError(f"The host {host} has no address that can be asked.")
    return addresses


def is_private(ip: str) -> bool:
    """Whether an address is not public: private, loopback, link-local, shared, multicast or reserved.

    The IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64) is checked as well.
    """
    address = ipaddress.ip_address(ip.partition("%")[0])
    inside: ipaddress.IPv4Address | None = None
    if isinstance(address, ipaddress.IPv6Address):
        same = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address.ipv4_mapped
        if same is not None:
            return is_private(str(same))
        inside = address.sixtofour or (address.teredo[1] if address.teredo else None)
    special = not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified
    return special or (inside is not None and is_private(str(inside)))


def _why(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()

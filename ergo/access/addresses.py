"""From where a request comes, also behind proxies.

``X-Forwarded-For`` is what anybody may write. It is believed for as many proxies as the settings name, counted from the
app outwards: with one, the last entry is what that proxy saw; what stands before it was sent by the client.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence


def client_address(peer: str, forwarded_for: Sequence[str], proxies: int) -> str:
    """The address of the client.

    Args:
        peer: who opened the connection.
        forwarded_for: the values of all ``X-Forwarded-For`` headers, in their order.
        proxies: how many proxies stand before the app; 0 believes no header.
    """
    if proxies <= 0:
        return peer
    hops = [hop.strip() for value in forwarded_for for hop in value.split(",") if hop.strip()]
    if len(hops) < proxies:  # it came past a proxy, or one of them writes nothing
        return peer
    try:
        return str(ipaddress.ip_address(hops[-proxies]))
    except ValueError:
        return peer

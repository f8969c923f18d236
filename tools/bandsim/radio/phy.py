"""What packets take of the air on the 1M PHY: the arithmetic of the link layer, and no more.

A data packet has 10 bytes beside up to 251 of payload (preamble 1, access address 4, header 2, check 3; no
integrity code, as nothing is encrypted). The other side answers with an empty packet, 150 us before it and
after it. So Goodix's application note "BLE Data Rates" has it; the Core Specification was not read. Not in
it: connection events and their intervals, packets that are sent again, advertising.
"""

PHY_BYTES_S = 125_000
"""One bit a microsecond."""
MOST_PAYLOAD_BYTES = 251
LL_BYTES = 10
_SPACE_BYTES = 150e-6 * PHY_BYTES_S
_ANSWERED_BYTES = LL_BYTES + _SPACE_BYTES + LL_BYTES + _SPACE_BYTES


def packets_of(l2cap_bytes: int) -> int:
    """Packets that one of L2CAP takes."""
    return max(1, -(-l2cap_bytes // MOST_PAYLOAD_BYTES))


def sent_bytes(l2cap_bytes: int) -> int:
    """Bytes that are sent for it, without the answers."""
    return l2cap_bytes + packets_of(l2cap_bytes) * LL_BYTES


def taken_bytes(l2cap_bytes: int) -> float:
    """Its time on the air in bytes of the PHY, answers and spaces included."""
    return l2cap_bytes + packets_of(l2cap_bytes) * _ANSWERED_BYTES

"""What a host got, byte for byte."""

from vitalband.transport import Transport


def keep_received(transport: Transport) -> bytearray:
    """Everything that the transport gives from now on, as it comes."""
    received = bytearray()
    receive = transport.receive

    async def receive_and_keep(timeout_ms: int) -> bytes:
        data = await receive(timeout_ms)
        received.extend(data)
        return data

    transport.receive = receive_and_keep  # type: ignore[method-assign]
    return received

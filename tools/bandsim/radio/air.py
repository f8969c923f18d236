"""The air between controllers: who hears whom, how late, and when a link is lost."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from bumble import hci, ll
from bumble.controller import Connection, Controller
from bumble.core import PhysicalTransport
from bumble.link import LocalLink

from bandsim.radio.errors import AirError
from bandsim.radio.phy import MOST_PAYLOAD_BYTES, taken_bytes

_CONTROL_BYTES = 12
"""Payload of a control packet, as most of them have: own choice for the model."""
_ACL_PACKETS = 12
_EXTENDED_SCAN_RESPONSE = 0x08
"""Bit of the event type of an extended advertising report (HCI), as bumble names it SCAN_RESPONSE."""


@dataclass
class AirFaults:
    """What is wrong with the air; may be changed at any time.

    `latency_s` each way, up to `jitter_s` more by chance, order kept; `rate_bytes_s` each way of a
    connection, of what `phy.taken_bytes` counts, `phy.PHY_BYTES_S` as the 1M PHY, None for no limit;
    `advertising_loss`: share of advertising that is not heard, 0 to 1.
    """

    latency_s: float = 0.0
    jitter_s: float = 0.0
    rate_bytes_s: float | None = None
    advertising_loss: float = 0.0


OnPacket = Callable[[Controller, bytes], None]
"""Told of a packet of L2CAP, its header included, and who sends it."""


def _unheard(_sender: Controller, _packet: bytes) -> None:
    """Nobody listens."""


class Air(LocalLink):
    """Carries packets between the controllers that are plugged in; what is by chance comes from `seed`.

    Nothing that was sent over a connection is lost but by the loss of the connection, as a link layer sends
    again what was not acknowledged. `on_sent` is told of each packet of a connection before it is on its way,
    `on_arrived` when its receiver has it; a cut within them comes just before, or just after.
    """

    on_sent: OnPacket = staticmethod(_unheard)
    on_arrived: OnPacket = staticmethod(_unheard)

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.faults = AirFaults()
        self._random = Random(f"{seed} air")
        self._busy_until_s: dict[tuple[int, int], float] = {}
        self._passing: dict[tuple[int, int], deque[Callable[[], None]]] = {}
        self._held: list[tuple[tuple[int, int], float, Callable[[], None]]] = []
        self._is_stalled = False
        self._plugged = 0

    # -- what happens to it ---------------------------------------------------------------------

    def plug_in(self, kind: "Callable[..., AirController] | None" = None) -> "AirController":
        """A new controller, as of an adapter that is plugged in; of another `kind` if given."""
        self._plugged += 1
        name, address = f"adapter {self._plugged}", f"00:00:5E:00:53:{self._plugged % 256:02X}"
        return (kind or AirController)(name, link=self, public_address=address)

    def unplug(self, controller: "AirController") -> None:
        """The adapter is gone: its peers lose their connections by supervision timeout."""
        controller.le_legacy_advertiser.stop()
        for advertised in controller.advertising_sets.values():
            advertised.stop()
        self.cut(controller)
        self.remove_controller(controller)

    def stall(self) -> None:
        """Nothing passes, as out of range; until `resume` or a cut."""
        self._is_stalled = True

    def resume(self) -> None:
        """What was held passes now."""
        self._is_stalled = False
        held, self._held = self._held, []
        for key, size, deliver in held:
            self.deliver(key, size, deliver)

    def cut(
        self,
        controller: "AirController | None" = None,
        reason: int = hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR,
    ) -> None:
        """End all connections, or those of one controller, at both ends; what was on its way is lost."""
        self._held = [held for held in self._held if controller is not None and id(controller) not in held[0]]
        for each in list(self.controllers):
            for connection in list(each.le_connections.values()):
                peer = self.find_le_controller(connection.peer_address)
                if controller is None or controller in (each, peer):
                    each.on_le_disconnected(connection, reason)

    # -- how packets pass -----------------------------------------------------------------------

    def deliver(self, key: tuple[int, int], size_bytes: float, deliver: Callable[[], None]) -> None:
        """Call `deliver` when so many bytes have passed from the one controller of `key` to the other."""
        if self._is_stalled:
            self._held.append((key, size_bytes, deliver))
            return
        faults, loop = self.faults, asyncio.get_running_loop()
        passes_s = max(loop.time(), self._busy_until_s.get(key, 0.0))
        if faults.rate_bytes_s:
            passes_s += size_bytes / faults.rate_bytes_s
        passes_s += faults.jitter_s * self._random.random()
        self._busy_until_s[key] = passes_s
        # In a queue, as a loop keeps no order among timers of the same time.
        self._passing.setdefault(key, deque()).append(deliver)
        if passes_s + faults.latency_s <= loop.time():
            loop.call_soon(self._deliver_next, key)
        else:
            loop.call_at(passes_s + faults.latency_s, self._deliver_next, key)

    def _deliver_next(self, key: tuple[int, int]) -> None:
        self._passing[key].popleft()()

    def _deliver_on(
        self,
        sender: Controller,
        receiver: Controller,
        source: hci.Address,
        size_bytes: int,
        take: Callable[[], None],
    ) -> None:
        """Deliver to the connection that there is now: nothing of one that is lost comes over the next."""
        connection = receiver.le_connections.get(source)

        def take_if_it_holds() -> None:
            if connection is not None and receiver.le_connections.get(source) is connection:
                take()

        self.deliver((id(sender), id(receiver)), taken_bytes(size_bytes), take_if_it_holds)

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        """See `LocalLink`, which takes the random address for the sender's, whichever it connected by."""
        if transport != PhysicalTransport.LE:
            raise AirError(f"wanted packets of Bluetooth Low Energy, got {transport!r}")
        self.on_sent(sender_controller, data)
        receiver = self.find_le_controller(destination_address)
        connection = sender_controller.le_connections.get(destination_address)
        if receiver is None or connection is None:
            return  # lost while it was on its way through the host
        source = connection.self_address

        def take() -> None:
            receiver.on_link_acl_data(source, PhysicalTransport.LE, data)
            self.on_arrived(sender_controller, data)

        self._deliver_on(sender_controller, receiver, source, len(data), take)

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        """See `LocalLink`."""
        receiver, sender = self.find_le_controller(receiver_address), self.find_le_controller(sender_address)
        if receiver is None or sender is None:
            return
        self._deliver_on(
            sender,
            receiver,
            sender_address,
            _CONTROL_BYTES,
            lambda: receiver.on_ll_control_pdu(sender_address, packet),
        )

    def send_advertising_pdu(self, sender_controller: Controller, packet: ll.AdvertisingPdu) -> None:
        """See `LocalLink`."""
        if sender_controller not in self.controllers:
            return  # its host goes on to advertise, and does not know that the adapter is gone
        loss = 0.0 if isinstance(packet, ll.ConnectInd) else self.faults.advertising_loss
        if not self._is_stalled and self._random.random() >= loss:
            super().send_advertising_pdu(sender_controller, packet)


class AirController(Controller):
    """A controller with the packet lengths of common ones, that tells a sender when the air is busy.

    The stock one says at once that a packet was sent, gives advertising data again as scan response, and goes
    on to connect when that is given up.
    """

    le_acl_data_packet_length = MOST_PAYLOAD_BYTES
    total_num_le_acl_data_packets = _ACL_PACKETS
    supported_max_tx_octets = supported_max_rx_octets = MOST_PAYLOAD_BYTES

    _scan_response: bytes | None = None

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        """Take a packet of the host; it counts as sent when the air has carried it."""
        connection = self.find_connection_by_handle(packet.connection_handle)
        if connection is None:
            return
        air = self._air
        receiver = air.find_le_controller(connection.peer_address)
        connection.assembler.feed_packet(packet)
        air.deliver((id(self), id(receiver)), 0, lambda: self._say_sent(connection))

    def _say_sent(self, connection: Connection) -> None:
        if self.le_connections.get(connection.peer_address) is not connection:
            return  # its handle may be another's by now
        self.send_hci_packet(
            hci.HCI_Number_Of_Completed_Packets_Event(
                connection_handles=[connection.handle], num_completed_packets=[1]
            )
        )

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Give up connecting, which the host is told as a connection that failed."""
        wanted, self.pending_le_connection = self.pending_le_connection, None
        if wanted is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                connection_handle=0,
                role=hci.Role.CENTRAL,
                peer_address_type=wanted.peer_address_type,
                peer_address=wanted.peer_address,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            )
        )
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_advertising_pdu(self, pdu: Any) -> None:
        """Report advertising, and the sender's own scan response after it."""
        self._scan_response = self._scan_response_of(pdu.advertiser_address)
        try:
            super().on_advertising_pdu(pdu)
        finally:
            self._scan_response = None

    def _scan_response_of(self, address: hci.Address) -> bytes:
        for other in self._air.controllers:
            legacy = other.le_legacy_advertiser
            if other is not self and legacy.enabled and legacy.address == address:
                return bytes(legacy.scan_response_data or b"")
            for advertised in other.advertising_sets.values():
                if other is not self and advertised.enabled and advertised.address == address:
                    return bytes(advertised.scan_response_data)
        return b""

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Give an event to the host."""
        told = self._scan_response
        if told is not None and isinstance(packet, hci.HCI_LE_Extended_Advertising_Report_Event):
            report = packet.reports[0]
            if int(report.event_type) & _EXTENDED_SCAN_RESPONSE:
                if not told:
                    return
                report.data = told
                packet = hci.HCI_LE_Extended_Advertising_Report_Event([report])
        super().send_hci_packet(packet)

    @property
    def _air(self) -> Air:
        assert isinstance(self.link, Air)
        return self.link

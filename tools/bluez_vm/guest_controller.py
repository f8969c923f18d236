"""A controller of the virtual air as Linux wants it, where bumble's own host is content with less.

What Linux does was seen with 6.1; what a controller has to do is unconfirmed, as the Core Specification was
not read.
"""

from bumble import hci

from bandsim.radio.air import AirController

_ENHANCED = 1 << (hci.HCI_LE_ENHANCED_CONNECTION_COMPLETE_EVENT - 1)
"""The bit by which a host wants that event, as bumble's host sets it."""
_KIND = hci.HCI_LE_Extended_Advertising_Report_Event.EventType
_LEGACY = _KIND.CONNECTABLE_ADVERTISING | _KIND.SCANNABLE_ADVERTISING | _KIND.LEGACY_ADVERTISING_PDU_USED


class GuestController(AirController):
    """Tells of connections by the enhanced event, and of advertising as the old kind that it is.

    Linux waits for the enhanced one: it gives a connection of which it hears by the old one up after 4 s,
    goes on to use it, and never ends it. And it joins advertising and its scan response only where they are
    of the old kind: else a scan for a service hears no name, which is in the response alone.
    """

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Give an event to the host."""
        if isinstance(packet, hci.HCI_LE_Extended_Advertising_Report_Event):
            for report in packet.reports:
                report.event_type |= _LEGACY
        elif isinstance(packet, hci.HCI_LE_Connection_Complete_Event) and self.le_event_mask & _ENHANCED:
            packet = _enhanced(packet)
        super().send_hci_packet(packet)


def _enhanced(told: hci.HCI_LE_Connection_Complete_Event) -> hci.HCI_LE_Enhanced_Connection_Complete_Event:
    """The same of a controller that resolves no addresses."""
    return hci.HCI_LE_Enhanced_Connection_Complete_Event(
        status=told.status,
        connection_handle=told.connection_handle,
        role=told.role,
        peer_address_type=told.peer_address_type,
        peer_address=told.peer_address,
        local_resolvable_private_address=hci.Address.ANY_RANDOM,
        peer_resolvable_private_address=hci.Address.ANY_RANDOM,
        connection_interval=told.connection_interval,
        peripheral_latency=told.peripheral_latency,
        supervision_timeout=told.supervision_timeout,
        central_clock_accuracy=told.central_clock_accuracy,
    )

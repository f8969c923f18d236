"""What is to be seen without the machine: its controller, and what is said where it cannot run."""

import asyncio

import pytest
from bumble import hci

from bandsim.radio.air import Air
from bluez_vm import machine, packages
from bluez_vm.errors import MachineError
from bluez_vm.guest_controller import GuestController
from bluez_vm.machine import Machine
from radio.living import lives

PEER = hci.Address("C0:00:00:00:00:01")


class Host:
    """Takes what a controller tells."""

    def __init__(self) -> None:
        self.told: list[hci.HCI_Packet] = []

    def on_packet(self, packet: bytes) -> None:
        self.told.append(hci.HCI_Packet.from_bytes(packet))


async def connection_told(wanted: list[int]) -> hci.HCI_Packet:
    """How a host that wants these events hears of a connection."""
    host = Host()
    controller = GuestController("guest", host_sink=host, link=Air())
    controller.le_event_mask = int.from_bytes(hci.HCI_LE_Set_Event_Mask_Command.mask(wanted), "little")
    controller.send_hci_packet(
        hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.SUCCESS,
            connection_handle=7,
            role=hci.Role.CENTRAL,
            peer_address_type=PEER.address_type,
            peer_address=PEER,
            connection_interval=24,
            peripheral_latency=0,
            supervision_timeout=42,
            central_clock_accuracy=0,
        )
    )
    await asyncio.sleep(0)
    return host.told[-1]


@lives
async def test_a_host_hears_of_a_connection_by_the_enhanced_event_if_it_wants_that():
    enhanced = await connection_told([hci.HCI_LE_ENHANCED_CONNECTION_COMPLETE_EVENT])
    assert isinstance(enhanced, hci.HCI_LE_Enhanced_Connection_Complete_Event)
    old = await connection_told([hci.HCI_LE_CONNECTION_COMPLETE_EVENT])
    assert isinstance(old, hci.HCI_LE_Connection_Complete_Event)
    assert (enhanced.peer_address, enhanced.connection_handle) == (PEER, 7)
    assert (old.peer_address, old.connection_handle) == (PEER, 7)


def test_a_machine_that_cannot_be_started_says_which_package_has_the_emulator(monkeypatch, tmp_path):
    monkeypatch.setattr(machine.shutil, "which", lambda _: None)
    with pytest.raises(MachineError, match=r"wanted qemu-system-x86_64, .* package qemu-system-x86"):
        Machine(tmp_path)


def test_where_there_is_no_apt_it_is_said_that_packages_come_from_debian(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MachineError, match="wanted apt-cache: packages are fetched on Debian only"):
        packages.versions()


def test_a_package_that_apt_does_not_know_is_named(monkeypatch):
    monkeypatch.setattr(packages, "_run", lambda *_: "Package: bluez\nVersion: 5\nDepends: libc6 (>= 2)\n")
    with pytest.raises(
        MachineError, match="apt tells no version of linux-image-amd64; `sudo apt-get update`"
    ):
        packages.versions()

"""Bus, link, pins and identity as the firmware sees them."""

from errno import EIO, ENODEV, ETIMEDOUT
from pathlib import Path

import pytest

from bandsim.bus import I2cBus
from sim.helpers import ABSENT_ADDRESS, FOREVER, MEMORY_ADDRESS, rig


def test_what_is_written_is_read_back_by_every_way_of_writing(tmp_path: Path) -> None:
    body = """
    bus.writeto_mem(0x20, 10, b"abc")
    bus.writeto(0x20, bytes((13, 1, 2)))
    print(bus.writevto(0x20, (b"\\x0f", b"", bytearray(b"xyz"), memoryview(b"w!")[:1])))
    content = bytearray(9)
    bus.readfrom_mem_into(0x20, 10, content)
    bus.writeto(0x20, b"\\x0c")
    rest = bytearray(2)
    bus.readfrom_into(0x20, memoryview(rest))
    print(bytes(content), bytes(rest))
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.run_ms(100)
        assert band.log == ["5", r"b'abc\x01\x02xyzw' b'c\x01'"]


def test_an_array_of_words_is_filled_and_written_as_bytes(tmp_path: Path) -> None:
    body = """
    from array import array
    words = array("H", (0x0201, 0x0403))
    bus.writeto_mem(0x20, 0, words)
    back = array("H", (0, 0))
    bus.readfrom_mem_into(0x20, 0, back)
    print(back)
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.run_ms(100)
        assert band.log == ["array('H', [513, 1027])"]
        assert band.chip.content[:4] == b"\1\2\3\4"


@pytest.mark.parametrize(
    "transfer",
    [
        "readfrom_mem_into(0x21, 0, content)",
        "readfrom_into(0x21, content)",
        "writeto_mem(0x21, 0, content)",
        "writeto(0x21, content)",
        "writevto(0x21, (content,))",
    ],
)
def test_a_chip_that_does_not_acknowledge_is_an_oserror(tmp_path: Path, transfer: str) -> None:
    body = f"""
    content = bytearray(2)
    try:
        bus.{transfer}
    except OSError as error:
        print(error.errno, time.ticks_us())
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.run_ms(100)
        # The address alone, with start and stop: 11 bits of 2.5 us.
        assert band.log == [f"{ENODEV} 27"]
        assert band.bus.transfers[ABSENT_ADDRESS].refused == 1


@pytest.mark.parametrize("errno", [EIO, ETIMEDOUT])
def test_a_stuck_bus_is_an_oserror_at_every_address(tmp_path: Path, errno: int) -> None:
    body = """
    try:
        bus.writeto(0x20, b"")
    except OSError as error:
        print(error.errno)
    print(bus.scan())
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.bus.stick(errno)
        band.run_ms(100)
        assert band.log == [str(errno), "[]"]


def test_a_scan_finds_the_chips_and_takes_the_time_of_112_addresses(tmp_path: Path) -> None:
    with rig(tmp_path, "print(bus.scan(), time.ticks_us())" + "\n" + FOREVER.replace("    ", "", 1)) as band:
        band.run_ms(100)
        assert band.log == [f"[{MEMORY_ADDRESS}] {112 * 11 * 5 // 2}"]


def test_a_read_past_the_largest_payload_is_refused(tmp_path: Path) -> None:
    body = """
    for size in (4096, 4097):
        try:
            bus.readfrom_into(0x20, bytearray(size))
            print("read")
        except OSError as error:
            print(error.errno)
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.run_ms(1000)
        assert band.log == ["read", "22"]


def test_transfers_carry_the_time_at_which_they_begin(tmp_path: Path) -> None:
    body = """
    time.sleep_us(1500)
    bus.writeto(0x20, b"ab")
    bus.writeto(0x20, b"")
    """
    with rig(tmp_path, body + FOREVER) as band:
        assert isinstance(band.bus, I2cBus)
        band.run_ms(10)
        assert band.chip.times_us == [1500, 1500 + 29 * 5 // 2]


@pytest.mark.parametrize(("limit", "taken"), [(None, "10"), (3, "3"), (0, "None")])
def test_a_port_may_take_fewer_bytes_than_it_is_given(tmp_path: Path, limit: int | None, taken: str) -> None:
    with rig(tmp_path, 'print(uart.write(b"0123456789"))\n' + FOREVER.replace("    ", "", 1)) as band:
        band.link.faults.accept_at_most = limit
        band.run_ms(10)
        assert band.log == [taken]
        assert band.link.take_output() == b"0123456789"[: limit if limit is not None else 10]


def test_the_line_carries_no_more_than_its_rate(tmp_path: Path) -> None:
    body = """
    block = bytearray(64)
    while True:
        uart.write(block)
        poll.ipoll(1)
    """
    with rig(tmp_path, body) as band:
        band.run_ms(2000)
        sent = len(band.link.take_output())
        # 11 520 bytes a second, and once what the transmit buffer holds beyond. A byte's time is in whole ns.
        assert 2 * 11_520 <= sent <= 2 * 11_520 + 512 + 1


def test_the_band_sees_at_most_its_receive_buffer_and_loses_nothing(tmp_path: Path) -> None:
    body = """
    heard = bytearray(200)
    print(uart.any(), uart.readinto(heard, 10), uart.readinto(heard))
    total = 74
    while total < 150:
        total += uart.readinto(heard)
    print(total, uart.any(), uart.readinto(heard))
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.conductor.start()
        band.link.feed(bytes(150))
        band.run_ms(100)
        assert band.log == ["64 10 64", "150 0 None"]


def test_the_motor_runs_while_its_pin_is_high(tmp_path: Path) -> None:
    body = """
    motor = Pin(1, Pin.OUT, value=0)
    time.sleep_ms(100)
    motor.value(1)
    print(motor.value())
    time.sleep_ms(50)
    motor.value(0)
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.run_ms(120)
        assert band.pins.is_motor_on
        band.run_ms(100)
        assert not band.pins.is_motor_on
        assert [(change.now_us, change.is_on) for change in band.pins.motor_changes] == [
            (100_000, True),
            (150_000, False),
        ]
        assert band.log == ["1"]


def test_a_pin_that_there_is_not_is_refused(tmp_path: Path) -> None:
    body = """
    try:
        Pin(16, Pin.IN)
    except ValueError as error:
        print(error)
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.run_ms(1)
        assert band.log == ["invalid pin"]


def test_the_band_knows_its_unique_id_and_its_board(tmp_path: Path) -> None:
    with rig(tmp_path, "print(board, unique_id())\n" + FOREVER.replace("    ", "", 1)) as band:
        band.run_ms(1)
        assert band.log == ["virtual b'unique!!'"]


def test_print_goes_to_the_log_line_by_line_with_its_time(tmp_path: Path) -> None:
    body = """
    time.sleep_ms(1500)
    print("one", 2, sep="-")
    print("three\\nfour")
    print("x" * 10000)
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.run_ms(2000)
        lines = list(band.conductor.log.lines)[1:]
        assert [str(line) for line in lines[:3]] == ["1.500 s: one-2", "1.500 s: three", "1.500 s: four"]
        assert lines[3].text == "x" * 4096

"""What ends a wait: the button, the host's bytes, room to send; and what does not."""

from pathlib import Path

import pytest

from sim.helpers import FOREVER, rig

EDGES = """
button = Pin(0, Pin.IN, Pin.PULL_UP)
button.irq(lambda pin: print("edge", pin.value(), "at", time.ticks_us()))
"""


def test_a_press_ends_a_wait_and_calls_the_handler_at_both_edges(tmp_path: Path) -> None:
    body = f"""
    {EDGES.strip().replace(chr(10), chr(10) + "    ")}
    poll.ipoll(60000)
    print("woken", time.ticks_us())
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.press(at_ms=123.4, duration_ms=200)
        band.run_ms(5000)
        assert band.log == ["edge 0 at 123400", "woken 123400", "edge 1 at 323400"]


@pytest.mark.parametrize(("trigger", "seen"), [("IRQ_FALLING", ["0"]), ("IRQ_RISING", ["1"])])
def test_the_handler_is_called_for_its_own_edges_only(tmp_path: Path, trigger: str, seen: list[str]) -> None:
    body = f"""
    button = Pin(0, Pin.IN, Pin.PULL_UP)
    button.irq(lambda pin: print(pin.value()), Pin.{trigger})
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.press(at_ms=100, duration_ms=100)
        band.run_ms(5000)
        assert band.log == seen


def test_a_handler_that_is_taken_away_is_not_called(tmp_path: Path) -> None:
    body = """
    button = Pin(0, Pin.IN, Pin.PULL_UP)
    button.irq(lambda pin: print("edge"))
    button.irq(None)
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.press(at_ms=100, duration_ms=100)
        band.run_ms(5000)
        assert band.log == []


def test_a_press_shorter_than_a_bus_transfer_is_felt_after_it(tmp_path: Path) -> None:
    body = """
    button = Pin(0, Pin.IN, Pin.PULL_UP)
    button.irq(lambda pin: print("edge", pin.value()), Pin.IRQ_FALLING)
    bus.writeto(0x20, bytearray(1024))
    print("written", time.ticks_ms())
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.press(at_ms=5, duration_ms=3)
        band.run_ms(100)
        assert band.log == ["edge 1", "written 23"]


def test_sleep_is_exact_whatever_comes(tmp_path: Path) -> None:
    body = """
    button = Pin(0, Pin.IN, Pin.PULL_UP)
    button.irq(lambda pin: print("edge", time.ticks_ms()))
    time.sleep_ms(500)
    print("slept", time.ticks_ms(), uart.any())
    poll.unregister(uart)
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.press(at_ms=100, duration_ms=50)
        band.conductor.start()
        band.link.feed(b"abc")
        band.run_ms(600)
        assert band.log == ["edge 100", "edge 150", "slept 500 3"]


def test_light_sleep_ends_with_a_pin(tmp_path: Path) -> None:
    body = """
    button = Pin(0, Pin.IN, Pin.PULL_UP)
    lightsleep(10000)
    print(time.ticks_ms(), button.value())
    lightsleep(1000)
    print(time.ticks_ms(), button.value())
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.press(at_ms=400, duration_ms=5000)
        band.run_ms(3000)
        assert band.log == ["400 0", "1400 0"]


def test_bytes_from_the_host_end_a_wait_without_limit(tmp_path: Path) -> None:
    body = """
    heard = bytearray(16)
    while True:
        for port, events in poll.ipoll():
            count = port.readinto(heard)
            print(events == select.POLLIN, heard[:count], time.ticks_ms())
    """
    with rig(tmp_path, body) as band:
        band.run_ms(250)
        band.link.feed(b"first")
        band.run_ms(500)
        band.link.feed(b"second")
        band.run_ms(1)
        assert band.log == ["True bytearray(b'first') 250", "True bytearray(b'second') 750"]


def test_bytes_from_the_host_do_not_end_a_wait_that_does_not_watch_the_link(tmp_path: Path) -> None:
    body = """
    poll.unregister(uart)
    print(list(poll.ipoll(300)), time.ticks_ms(), uart.any())
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.conductor.start()
        band.link.feed(b"abc")
        band.run_ms(400)
        assert band.log == ["[] 300 3"]


def test_a_wait_for_room_ends_when_the_line_has_emptied_half_of_the_buffer(tmp_path: Path) -> None:
    body = """
    print(uart.write(bytearray(600)), uart.write(bytearray(1)))
    poll.modify(uart, select.POLLOUT)
    print([events == select.POLLOUT for _, events in poll.ipoll(1000)], time.ticks_ms())
    poll.unregister(uart)
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.run_ms(100)
        # 256 bytes of 10 bits at 115 200 baud take 22.2 ms.
        assert band.log == ["512 None", "[True] 22"]


def test_poll_gives_a_list_and_both_events_at_once(tmp_path: Path) -> None:
    body = """
    poll.modify(uart, select.POLLIN | select.POLLOUT)
    print([events for _, events in poll.poll(1000)], time.ticks_ms())
    poll.unregister(uart)
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.conductor.start()
        band.link.feed(b"a")
        band.run_ms(10)
        assert band.log == ["[5] 0"]

"""Requests of the lane to the band's parts: bus, link, pins, flash, radio and random bytes."""

from collections.abc import Callable
from errno import EINVAL, ENODEV

from bandsim.bus import I2cBus
from bandsim.counters import RunCounters
from bandsim.lane_radio import LaneRadio
from bandsim.link_port import LinkPort
from bandsim.nor_flash import Cut, Erasure, NorFlash, PowerCutError, erase_us, program_us, read_us
from bandsim.pins import Pins
from bandsim.power_supply import Outage, PowerSupply
from bandsim.protocol import FLASH_COUNT_SHIFT, MAX_PAYLOAD_BYTES, PIN_COUNT, Operation
from bandsim.randomness import Randomness
from bandsim.timeline import Timeline

Handler = Callable[[int, int, int, memoryview], int | None]
"""Takes unit, argument, value and payload; gives the status, or None to answer later."""

# On the bus a byte takes 9 bit times (8 and the acknowledgement); a start or a stop is taken as one.
# The bit time is 2.5 us: 400 kHz, the fast mode of the boards' profiles.
_START_STOP_BITS = 2
_BYTE_BITS = 9
_REPEATED_START_BITS = 1
_SCAN_BITS = (0x77 - 0x08 + 1) * (_START_STOP_BITS + _BYTE_BITS)


class PartRequests:
    """Answers what concerns the parts; `answer_data` is the payload of the reply."""

    def __init__(
        self,
        timeline: Timeline,
        counters: RunCounters,
        bus: I2cBus,
        pins: Pins,
        link: LinkPort,
        flash: NorFlash,
        power: PowerSupply,
        radio: LaneRadio | None,
        randomness: Randomness,
    ) -> None:
        self.answer_data = b""
        self._timeline = timeline
        self._counters = counters
        self._bus = bus
        self._pins = pins
        self._link = link
        self._flash = flash
        self._power = power
        self._radio = radio
        self._randomness = randomness

    def handlers(self) -> dict[int, Handler]:
        """Give the handler of each operation."""
        return {
            Operation.BUS_WRITE: self._bus_write,
            Operation.BUS_READ: self._bus_read,
            Operation.BUS_WRITE_READ: self._bus_write_read,
            Operation.BUS_SCAN: self._bus_scan,
            Operation.UART_OPEN: self._uart_open,
            Operation.UART_SEND: self._uart_send,
            Operation.UART_RECEIVE: self._uart_receive,
            Operation.PIN_MODE: self._pin_mode,
            Operation.PIN_WRITE: self._pin_write,
            Operation.PINS: self._say_pins,
            Operation.FLASH_SIZE: self._flash_size,
            Operation.FLASH_READ: self._flash_read,
            Operation.FLASH_PROGRAM: self._flash_program,
            Operation.FLASH_ERASE: self._flash_erase,
            Operation.RADIO_CALL: self._radio_call,
            Operation.RADIO_EVENT: self._radio_event,
            Operation.RANDOM: self._random,
        }

    def _wait_for_bus(self) -> None:
        if self._bus.held_until_us > self._timeline.now_us:
            self._timeline.advance_to(self._bus.held_until_us)

    def _bus_write(self, _bus: int, address: int, _value: int, payload: memoryview) -> int:
        self._wait_for_bus()
        try:
            self._bus.write(address, payload, self._timeline.now_us)
        except OSError as error:
            return self._refuse_transfer(error)
        self._finish_transfer(len(payload), _START_STOP_BITS + _BYTE_BITS)
        return len(payload)

    def _bus_read(self, _bus: int, address: int, count: int, _payload: memoryview) -> int:
        if count > MAX_PAYLOAD_BYTES:
            return -EINVAL
        self._wait_for_bus()
        try:
            self.answer_data = self._bus.read(address, count, self._timeline.now_us)
        except OSError as error:
            return self._refuse_transfer(error)
        self._finish_transfer(count, _START_STOP_BITS + _BYTE_BITS)
        return count

    def _bus_write_read(self, _bus: int, address: int, count: int, payload: memoryview) -> int:
        if count > MAX_PAYLOAD_BYTES:
            return -EINVAL
        self._wait_for_bus()
        try:
            self.answer_data = self._bus.write_read(address, payload, count, self._timeline.now_us)
        except OSError as error:
            return self._refuse_transfer(error)
        overhead_bits = _START_STOP_BITS + _REPEATED_START_BITS + 2 * _BYTE_BITS
        self._finish_transfer(len(payload) + count, overhead_bits)
        return count

    def _bus_scan(self, _bus: int, _argument: int, _value: int, _payload: memoryview) -> int:
        self.answer_data = bytes(self._bus.scan())
        self._pass_bits(_SCAN_BITS)
        return len(self.answer_data)

    def _refuse_transfer(self, error: OSError) -> int:
        self._finish_transfer(0, _START_STOP_BITS + _BYTE_BITS)
        return -(error.errno or EINVAL)

    def _finish_transfer(self, count: int, overhead_bits: int) -> None:
        self._counters.bus_transfers += 1
        self._counters.bus_bytes += count
        self._pass_bits(overhead_bits + _BYTE_BITS * count)

    def _pass_bits(self, bits: int) -> None:
        self._timeline.advance_to(self._timeline.now_us + bits * 5 // 2)

    def _uart_open(self, _unit: int, receive_bytes: int, baud_rate: int, _payload: memoryview) -> int:
        self._link.configure(baud_rate, receive_bytes)
        return 0

    def _uart_send(self, _unit: int, _argument: int, _value: int, payload: memoryview) -> int:
        return self._link.write(payload, self._timeline.now_us)

    def _uart_receive(self, _unit: int, _argument: int, count: int, _payload: memoryview) -> int:
        self.answer_data = self._link.read(min(count, MAX_PAYLOAD_BYTES))
        return len(self.answer_data)

    def _pin_mode(self, pin: int, _argument: int, is_output: int, _payload: memoryview) -> int:
        if pin >= PIN_COUNT:
            return -EINVAL
        self._pins.set_mode(pin, bool(is_output), self._timeline.now_us)
        return 0

    def _pin_write(self, pin: int, _argument: int, level: int, _payload: memoryview) -> int:
        if pin >= PIN_COUNT:
            return -EINVAL
        self._pins.drive(pin, bool(level), self._timeline.now_us)
        return 0

    def _say_pins(self, _unit: int, _argument: int, _value: int, _payload: memoryview) -> int:
        # Levels and changes come with every reply.
        return 0

    def _flash_size(self, _unit: int, _argument: int, _value: int, _payload: memoryview) -> int:
        return self._flash.sector_count

    def _flash_read(self, _unit: int, sector: int, place: int, _payload: memoryview) -> int:
        count, offset = divmod(place, 1 << FLASH_COUNT_SHIFT)
        try:
            self.answer_data = self._flash.read(sector, offset, count)
        except OSError as error:
            return -(error.errno or EINVAL)
        self._timeline.advance_to(self._timeline.now_us + read_us(count))
        return count

    def _flash_program(self, _unit: int, sector: int, offset: int, payload: memoryview) -> int:
        duration_us = program_us(offset, len(payload))
        return self._change_flash(
            lambda: self._flash.program(sector, offset, payload), duration_us, len(payload)
        )

    def _flash_erase(self, _unit: int, sector: int, _value: int, _payload: memoryview) -> int:
        return self._change_flash(lambda: self._flash.erase(sector), erase_us(), 0)

    def _change_flash(self, change: Callable[[], None], duration_us: int, count: int) -> int:
        now_us = self._timeline.now_us
        ends_us = now_us + duration_us
        power, flash = self._power, self._flash
        if now_us <= power.next_outage_us < ends_us and power.takes_power_next:
            done_us = power.next_outage_us - now_us
            number = flash.operations + 1
            flash.cut_at(number, Cut(count * done_us // duration_us, True, Erasure.MIXED, seed=number))
            ends_us = power.next_outage_us
        try:
            change()
        except PowerCutError:
            if power.next_outage_us > ends_us:
                power.plan(Outage(ends_us, power.off_us_at_flash_cut))
        except OSError as error:
            return -(error.errno or EINVAL)
        self._timeline.advance_to(ends_us)
        return 0

    def _radio_call(self, call: int, argument: int, value: int, payload: memoryview) -> int:
        if self._radio is None:
            return -ENODEV
        try:
            status, self.answer_data = self._radio.call(call, argument, value, bytes(payload))
        except OSError as error:
            return -(error.errno or EINVAL)
        return status

    def _radio_event(self, _unit: int, _argument: int, _value: int, _payload: memoryview) -> int:
        if self._radio is None:
            return -ENODEV
        event, self.answer_data = self._radio.take_event()
        return event

    def _random(self, _unit: int, _argument: int, count: int, _payload: memoryview) -> int:
        if count > MAX_PAYLOAD_BYTES:
            return -EINVAL
        self.answer_data = self._randomness.take(count)
        return count

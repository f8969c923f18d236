"""The button and the vibration motor at their pins."""

from machine import Pin


class ButtonPin:
    """A button to ground with pull-up; `has_edge` is set by interrupt, and cleared by the reader."""

    def __init__(self, pin_id):
        self._pin = Pin(pin_id, Pin.IN, Pin.PULL_UP)
        self.has_edge = False
        self._pin.irq(self._on_edge, Pin.IRQ_FALLING | Pin.IRQ_RISING)

    def is_pressed(self):
        """Level of the pin now, not debounced."""
        return self._pin.value() == 0

    def is_ready(self):
        """Whether the level has changed since the reader last cleared `has_edge`."""
        return self.has_edge

    def _on_edge(self, _pin):
        self.has_edge = True


class MotorPin:
    """A vibration motor behind a transistor: on while the pin is high."""

    def __init__(self, pin_id):
        self._pin = Pin(pin_id, Pin.OUT, value=0)

    def switch(self, is_on):
        """Run the motor, or stop it."""
        self._pin.value(1 if is_on else 0)


def is_tied_low(pin_id):
    """Whether something holds a pin low, as a strap on a board does."""
    return Pin(pin_id, Pin.IN, Pin.PULL_UP).value() == 0

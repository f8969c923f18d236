"""A host on the cable of a band that has a radio, without the SDK."""

from bandsim.radio.air_band import AirBand
from bandwire.hostlink import HostLink
from bandwire.serial import SerialCarrier


def say_on_cable(band: AirBand, carrier: SerialCarrier) -> bytes:
    """What the host on the cable has to say goes to the band; gives what the band has sent."""
    now_ms = band.now_us // 1000
    while count := carrier.fill(now_ms):
        start = carrier.output_start
        band.link.feed(bytes(carrier.output[start : start + count]))
        carrier.sent(count)
    sent = band.link.take_output()
    carrier.receive(sent, len(sent), now_ms)
    while carrier.next_event(now_ms) is not None:
        pass
    return sent


def cable_up(band: AirBand) -> SerialCarrier:
    """A host on the cable whose hello the band has answered."""
    carrier = SerialCarrier(HostLink(b"on cable"))
    for _ in range(2):
        say_on_cable(band, carrier)
        band.run_for(1.0)
    say_on_cable(band, carrier)
    assert carrier.link.is_up
    return carrier

"""The band's own clock: what its oscillator makes of virtual time, which is the true one."""

_PPB = 1_000_000_000


class TickClock:
    """Microseconds since boot as the band counts them. `error_ppm`: how much too fast it runs."""

    def __init__(self, error_ppm: float = 0.0) -> None:
        self._error_ppb = round(error_ppm * 1000)
        self._origin_us = 0
        self._origin_ticks_us = 0

    @property
    def error_ppm(self) -> float:
        """How much too fast it runs now."""
        return self._error_ppb / 1000

    def boot(self, now_us: int) -> None:
        """Begin at 0."""
        self._origin_us = now_us
        self._origin_ticks_us = 0

    def set_error(self, error_ppm: float, now_us: int) -> None:
        """Run so much too fast from now on: ticks go on from where they are."""
        self._origin_ticks_us = self.ticks_us(now_us)
        self._origin_us = now_us
        self._error_ppb = round(error_ppm * 1000)

    def ticks_us(self, now_us: int) -> int:
        """Give the band's microseconds at a virtual time."""
        passed_us = now_us - self._origin_us
        if self._error_ppb:
            passed_us = passed_us * (_PPB + self._error_ppb) // _PPB
        return self._origin_ticks_us + passed_us

    def time_us(self, ticks_us: int) -> int:
        """Give the first virtual time at which the band's microseconds are so many."""
        passed_us = ticks_us - self._origin_ticks_us
        if self._error_ppb:
            passed_us = -(-passed_us * _PPB // (_PPB + self._error_ppb))
        return self._origin_us + passed_us

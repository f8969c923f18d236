"""A chip that may be missing: its driver is made when it is first reached, and kept."""


class Chip:
    """Holds the driver of one chip; `open_driver` raises OSError when the chip is not there."""

    def __init__(self, open_driver):
        self.driver = None
        self._open_driver = open_driver

    def start(self):
        """Reach the chip and start it; gives the driver."""
        if self.driver is None:
            self.driver = self._open_driver()
        self.driver.start()
        return self.driver

    def stop(self):
        """Stop the chip, if it was ever reached."""
        if self.driver is not None:
            self.driver.stop()

    def quiet(self):
        """Reach the chip and stop it: it may run on from before a restart."""
        if self.driver is None:
            self.driver = self._open_driver()
        self.driver.stop()

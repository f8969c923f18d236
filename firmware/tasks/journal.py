"""What the band keeps and sends of its wearer: exists under an agreement only."""

from bandwire.frames import KIND_COMPRESSED_BLOCK, KIND_VITALS


class Journal:
    """The way of readings and samples into the ring; shut for good once the agreement ends."""

    def __init__(self, agreement, outbox, encoder):
        self._agreement = agreement
        self._outbox = outbox
        self._encoder = encoder

    def keep_vitals(self):
        """Keep the readings that are agreed to, as they are now."""
        agreement = self._agreement
        if agreement.is_active:
            outbox = self._outbox
            outbox.send(KIND_VITALS, self._encoder.pack_into(outbox.buffer, agreement.groups))

    def keep_block(self, buffer, end, ticks_low, ticks_high):
        """Keep a block of raw samples whose last one is of the given tick."""
        if self._agreement.is_active:
            self._outbox.send_from(buffer, KIND_COMPRESSED_BLOCK, end, ticks_low, ticks_high)

"""Files whose writing is cut off by a loss of power."""

import builtins
import io


class TornError(Exception):
    """The power went."""


def tear_after(monkeypatch, byte_count):
    """Let the power go after so many bytes of what is written next, be it in one file or in several."""
    real_open = builtins.open
    left = byte_count

    class TornFile(io.RawIOBase):
        def __init__(self, path):
            self._file = real_open(path, "wb")

        def write(self, data):
            nonlocal left
            self._file.write(data[: max(left, 0)])
            left -= len(data)
            self._file.flush()
            if left < 0:
                self._file.close()
                raise TornError
            return len(data)

        def close(self):
            self._file.close()
            super().close()

    def open_torn(path, mode="r", **options):
        return TornFile(path) if mode == "wb" else real_open(path, mode, **options)

    monkeypatch.setattr(builtins, "open", open_torn)

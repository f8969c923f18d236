"""Files whose writing is cut off by a loss of power."""

import builtins
import io


class TornError(Exception):
    """The power went."""


def tear_after(monkeypatch, byte_count):
    """Let the power go after so many bytes of the next written file."""
    real_open = builtins.open

    class TornFile(io.RawIOBase):
        def __init__(self, path):
            self._file, self._left = real_open(path, "wb"), byte_count

        def write(self, data):
            self._file.write(data[: self._left])
            self._left -= len(data)
            self._file.flush()
            if self._left < 0:
                self._file.close()
                raise TornError
            return len(data)

        def close(self):
            self._file.close()
            super().close()

    def open_torn(path, mode="r", **options):
        return TornFile(path) if mode == "wb" else real_open(path, mode, **options)

    monkeypatch.setattr(builtins, "open", open_torn)

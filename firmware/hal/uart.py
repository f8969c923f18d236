"""The byte stream to the host."""

from machine import UART, Pin


class HostUart:
    """A UART that never blocks and never allocates."""

    def __init__(self, board):
        if board.UART_TX_PIN is None:
            self.port = UART(board.UART_ID, baudrate=board.UART_BAUDRATE, rxbuf=board.UART_RECEIVE_BYTES)
        else:
            self.port = UART(
                board.UART_ID,
                baudrate=board.UART_BAUDRATE,
                tx=Pin(board.UART_TX_PIN),
                rx=Pin(board.UART_RX_PIN),
                rxbuf=board.UART_RECEIVE_BYTES,
            )

    def is_ready(self):
        """Whether bytes have arrived."""
        return self.port.any() > 0

    def read_into(self, buffer):
        """Bytes read into `buffer`; 0 when there are none."""
        if not self.port.any():
            return 0
        return self.port.readinto(buffer) or 0

    def write(self, data):
        """Bytes of `data` taken by the port; 0 when it is full."""
        return self.port.write(data) or 0

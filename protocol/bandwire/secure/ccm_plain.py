"""AES-128-CCM in plain Python: what runs where nothing is compiled, and what the band's version is tested by.

AES as FIPS-197 has it, CCM with two bytes of length, so a nonce of 13 (RFC 3610; both unconfirmed, held to
their published vectors). Data that are not sealed, a record's header, are at most 14 bytes.
"""

from bandwire.secure.aes_tables import S_BOX

TAG_BYTES = 8
NONCE_BYTES = 13
ROUND_KEY_BYTES = 176
BLOCK_BYTES = 16
_ROUNDS = 10
_FLAGS = (TAG_BYTES - 2) // 2 << 3 | 1
_HAS_HEADER = 64


def expand_key(key: "bytes | bytearray", round_keys: bytearray) -> None:
    """Write the 176 bytes of round keys of a key of 16."""
    round_keys[:16] = key
    constant = 1
    for at in range(16, ROUND_KEY_BYTES, 4):
        one, two, three, four = round_keys[at - 4 : at]
        if at % 16 == 0:
            one, two, three, four = S_BOX[two] ^ constant, S_BOX[three], S_BOX[four], S_BOX[one]
            constant = _doubled(constant)
        round_keys[at] = round_keys[at - 16] ^ one
        round_keys[at + 1] = round_keys[at - 15] ^ two
        round_keys[at + 2] = round_keys[at - 14] ^ three
        round_keys[at + 3] = round_keys[at - 13] ^ four


def encrypt_block(block: bytearray, round_keys: bytearray) -> None:
    """Encrypt 16 bytes where they are."""
    state = [block[index] ^ round_keys[index] for index in range(16)]
    for turn in range(1, _ROUNDS + 1):
        # Row r of the four columns moves r columns on.
        state = [S_BOX[state[(index + 4 * (index % 4)) % 16]] for index in range(16)]
        if turn < _ROUNDS:
            state = _mixed_columns(state)
        state = [state[index] ^ round_keys[16 * turn + index] for index in range(16)]
    block[:] = bytes(state)


def crypt(
    buffer: "bytearray | memoryview",
    header_bytes: int,
    stop: int,
    tag: "bytearray | memoryview",
    nonce: bytearray,
    is_opening: int,
    round_keys: bytearray,
    code: bytearray,
    stream: bytearray,
) -> int:
    """Seal or open `buffer` from `header_bytes` to `stop` in place; the header is covered by the tag.

    Sealing writes the 8 bytes of `tag` and gives 0; opening gives 0 when they are right. `code` and `stream`
    are 16 bytes each to work in.
    """
    length = stop - header_bytes
    _begin(code, nonce, length, _FLAGS | (_HAS_HEADER if header_bytes else 0))
    encrypt_block(code, round_keys)
    if header_bytes:
        code[1] ^= header_bytes
        for index in range(header_bytes):
            code[2 + index] ^= buffer[index]
        encrypt_block(code, round_keys)
    for block in range((length + 15) // 16):
        start = header_bytes + 16 * block
        _begin(stream, nonce, block + 1, 1)
        encrypt_block(stream, round_keys)
        for index in range(min(16, stop - start)):
            byte = buffer[start + index]
            other = byte ^ stream[index]
            buffer[start + index] = other
            code[index] ^= other if is_opening else byte
        encrypt_block(code, round_keys)
    _begin(stream, nonce, 0, 1)
    encrypt_block(stream, round_keys)
    difference = 0
    for index in range(TAG_BYTES):
        byte = code[index] ^ stream[index]
        if is_opening:
            difference |= byte ^ tag[index]
        else:
            tag[index] = byte
    return difference


def mask(
    buffer: "bytearray | memoryview",
    at: int,
    stop: int,
    nonce: bytearray,
    round_keys: bytearray,
    stream: bytearray,
) -> None:
    """Seal or open whole words of `buffer` from `at` to `stop` by the stream alone, without a tag."""
    number = 0
    while at < stop:
        number += 1
        _begin(stream, nonce, number, 1)
        encrypt_block(stream, round_keys)
        for index in range(min(BLOCK_BYTES, stop - at)):
            buffer[at + index] ^= stream[index]
        at += BLOCK_BYTES


def _begin(block: bytearray, nonce: bytearray, number: int, flags: int) -> None:
    block[0] = flags
    block[1:14] = nonce
    block[14] = number >> 8
    block[15] = number & 0xFF


def _mixed_columns(state: "list[int]") -> "list[int]":
    mixed = [0] * 16
    for column in range(0, 16, 4):
        together = state[column] ^ state[column + 1] ^ state[column + 2] ^ state[column + 3]
        for row in range(4):
            byte = state[column + row]
            mixed[column + row] = byte ^ together ^ _doubled(byte ^ state[column + (row + 1) % 4])
    return mixed


def _doubled(byte: int) -> int:
    """Twice a number of AES's field."""
    return (byte << 1 ^ 0x11B) if byte & 0x80 else byte << 1

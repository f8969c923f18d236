"""AES-128-CCM on the band: `bandwire.secure.ccm_plain` again, compiled, allocating nothing.

A round is four lookups a column in one table, turned by bytes. The tables are read from flash: no cache tells
a lookup by its time on a Cortex-M4. What stands above bit 31 where a word is longer is never looked at: every
shift right is masked.
"""
# ptr8 and ptr32 are words of the viper compiler, unknown to CPython's tools.
# pyright: basic, reportUndefinedVariable=false, reportAttributeAccessIssue=false

import micropython
from micropython import opt_level  # noqa: F401 - CPython has no such thing, so this import fails there, as it must

from bandwire.secure.aes_tables import ROUND_TABLE, S_BOX  # pragma: no cover - CPython came no further


def encrypt_block(block, round_keys):  # pragma: no cover
    """Encrypt 16 bytes where they are."""
    _rounds(block, round_keys, ROUND_TABLE, S_BOX)


@micropython.viper
def _rounds(x: ptr32, k: ptr32, t: ptr32, s: ptr8):  # pragma: no cover
    a = int(x[0]) ^ int(k[0])
    b = int(x[1]) ^ int(k[1])
    c = int(x[2]) ^ int(k[2])
    d = int(x[3]) ^ int(k[3])
    at = 4
    while at < 40:
        one = int(t[b >> 8 & 255])
        two = int(t[c >> 16 & 255])
        three = int(t[d >> 24 & 255])
        e = int(t[a & 255]) ^ (one << 8 | one >> 24 & 0xFF) ^ (two << 16 | two >> 16 & 0xFFFF)
        e ^= (three << 24 | three >> 8 & 0xFFFFFF) ^ int(k[at])
        one = int(t[c >> 8 & 255])
        two = int(t[d >> 16 & 255])
        three = int(t[a >> 24 & 255])
        f = int(t[b & 255]) ^ (one << 8 | one >> 24 & 0xFF) ^ (two << 16 | two >> 16 & 0xFFFF)
        f ^= (three << 24 | three >> 8 & 0xFFFFFF) ^ int(k[at + 1])
        one = int(t[d >> 8 & 255])
        two = int(t[a >> 16 & 255])
        three = int(t[b >> 24 & 255])
        g = int(t[c & 255]) ^ (one << 8 | one >> 24 & 0xFF) ^ (two << 16 | two >> 16 & 0xFFFF)
        g ^= (three << 24 | three >> 8 & 0xFFFFFF) ^ int(k[at + 2])
        one = int(t[a >> 8 & 255])
        two = int(t[b >> 16 & 255])
        three = int(t[c >> 24 & 255])
        d = int(t[d & 255]) ^ (one << 8 | one >> 24 & 0xFF) ^ (two << 16 | two >> 16 & 0xFFFF)
        d ^= (three << 24 | three >> 8 & 0xFFFFFF) ^ int(k[at + 3])
        a = e
        b = f
        c = g
        at += 4
    x[0] = (s[a & 255] | s[b >> 8 & 255] << 8 | s[c >> 16 & 255] << 16 | s[d >> 24 & 255] << 24) ^ int(k[40])
    x[1] = (s[b & 255] | s[c >> 8 & 255] << 8 | s[d >> 16 & 255] << 16 | s[a >> 24 & 255] << 24) ^ int(k[41])
    x[2] = (s[c & 255] | s[d >> 8 & 255] << 8 | s[a >> 16 & 255] << 16 | s[b >> 24 & 255] << 24) ^ int(k[42])
    x[3] = (s[d & 255] | s[a >> 8 & 255] << 8 | s[b >> 16 & 255] << 16 | s[c >> 24 & 255] << 24) ^ int(k[43])


@micropython.viper
def crypt(  # pragma: no cover
    buffer, header_bytes: int, stop: int, tag, nonce, is_opening: int, round_keys, code, stream
) -> int:
    """Seal or open `buffer` from `header_bytes` to `stop` in place: all as the plain one does."""
    table = ROUND_TABLE
    s_box = S_BOX
    _begin(code, nonce, stop - header_bytes, 89 if header_bytes else 25)
    _rounds(code, round_keys, table, s_box)
    if header_bytes:
        _mix_header(code, buffer, header_bytes)
        _rounds(code, round_keys, table, s_box)
    _crypt(buffer, header_bytes, stop, nonce, is_opening, round_keys, code, stream, table, s_box)
    _begin(stream, nonce, 0, 1)
    _rounds(stream, round_keys, table, s_box)
    if is_opening:
        return int(_open_tag(tag, code, stream))
    return int(_write_tag(tag, code, stream))


@micropython.viper
def mask(buffer, at: int, stop: int, nonce, round_keys, stream):  # pragma: no cover
    """Seal or open whole words of `buffer` from `at` to `stop` by the stream alone."""
    table = ROUND_TABLE
    s_box = S_BOX
    words = ptr32(buffer)
    masks = ptr32(stream)
    word = at >> 2
    end = stop >> 2
    number = 0
    while word < end:
        number += 1
        _begin(stream, nonce, number, 1)
        _rounds(stream, round_keys, table, s_box)
        count = end - word
        if count > 4:
            count = 4
        index = 0
        while index < count:
            words[word] = int(words[word]) ^ int(masks[index])
            word += 1
            index += 1


@micropython.viper
def _begin(block: ptr8, nonce: ptr8, number: int, flags: int):  # pragma: no cover
    block[0] = flags
    index = 0
    while index < 13:
        block[index + 1] = nonce[index]
        index += 1
    block[14] = number >> 8
    block[15] = number & 0xFF


@micropython.viper
def _mix_header(code: ptr8, header: ptr8, count: int):  # pragma: no cover
    code[1] = code[1] ^ count
    index = 0
    while index < count:
        code[index + 2] = code[index + 2] ^ header[index]
        index += 1


@micropython.viper
def _crypt(  # pragma: no cover
    buffer, at: int, stop: int, nonce, is_opening: int, round_keys, code, stream, table, s_box
):
    data = ptr8(buffer)
    mixed = ptr8(code)
    mask = ptr8(stream)
    counter = 0
    while at < stop:
        counter += 1
        _begin(stream, nonce, counter, 1)
        _rounds(stream, round_keys, table, s_box)
        count = stop - at
        if count > 16:
            count = 16
        index = 0
        while index < count:
            byte = int(data[at])
            other = byte ^ int(mask[index])
            data[at] = other
            if is_opening:
                byte = other
            mixed[index] = mixed[index] ^ byte
            index += 1
            at += 1
        _rounds(code, round_keys, table, s_box)


@micropython.viper
def _write_tag(tag: ptr8, code: ptr8, stream: ptr8) -> int:  # pragma: no cover
    index = 0
    while index < 8:
        tag[index] = code[index] ^ stream[index]
        index += 1
    return 0


@micropython.viper
def _open_tag(tag: ptr8, code: ptr8, stream: ptr8) -> int:  # pragma: no cover
    difference = 0
    index = 0
    while index < 8:
        difference |= int(tag[index]) ^ int(code[index]) ^ int(stream[index])
        index += 1
    return difference

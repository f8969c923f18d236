"""A pairing and a resumption with keys that are given, so that another implementation can be held to them."""

from bandwire.finder import token_of
from bandwire.frames import HANDSHAKE_STEP_PAIR_FIRST, HANDSHAKE_STEP_RESUME_FIRST, ROLE_BAND, ROLE_HOST
from bandwire.record import CLASS_LIVE, CONTENT_ONE_FRAME
from bandwire.secure.aes_ccm import AesCcm
from bandwire.secure.chacha20 import ChaCha20Poly1305
from bandwire.secure.curve25519 import agreed
from bandwire.secure.noise import Handshake
from bandwire.secure.record_seal import RecordSeal
from bandwire.secure.short_code import commitment, pairing_key, prologue, short_code

_HOST_KEY, _BAND_KEY = bytes(range(1, 33)), bytes(range(33, 65))
_SECRET = bytes(range(65, 81))
_TOLD = b"band-one" + bytes([1, 7, 0, 0, 0, 0]) + b"a key to find it"
_FINDER_KEY = _TOLD[14:]
_TOKEN_NONCE = bytes(range(81, 84))
_FRAME = bytes([3, 0x42]) + bytes(10) + bytes([1, 0, 0, 0, 0, 0, 0])
_RECORDS = (9, 4096)
"""One under the first keys and the first under the next."""


def _handshake(
    hellos: tuple[bytes, bytes], step: int, psk: "bytes | None", payloads: tuple[bytes, bytes]
) -> tuple[Handshake, bytes, bytes]:
    start = prologue(3, step, *hellos)
    host = Handshake(ChaCha20Poly1305, start, agreed(_HOST_KEY), psk)
    band = Handshake(ChaCha20Poly1305, start, agreed(_BAND_KEY), psk)
    first = host.write_first(payloads[0])
    band.read_first(first)
    return band, first, band.write_second(payloads[1], agreed(_BAND_KEY, band.other_public))


def _sealed(handshake: Handshake, number: int) -> bytes:
    host_secret, band_secret = handshake.split()
    seal = RecordSeal(AesCcm, {ROLE_HOST: host_secret, ROLE_BAND: band_secret})
    header = bytes([CONTENT_ONE_FRAME | CLASS_LIVE << 2 | 0x10, number & 0xFF, number >> 8])
    record = bytearray(header + _FRAME + bytes(seal.overhead))
    seal.seal_into(record, len(header + _FRAME), number, ROLE_BAND)
    return bytes(record)


def session_example(hellos: tuple[bytes, bytes]) -> str:
    """As Markdown."""
    lines: list[str] = []
    for name, value in session_values(hellos):
        digits = value.hex().upper()
        parts = [digits[at : at + 96] for at in range(0, len(digits), 96)]
        lines.append("\n".join([name, *(f"  {part}" for part in parts)]))
    return (
        "A pairing and a resumption by version 3, of keys that are given here and drawn in life. Both\n"
        "sides of both have these private keys and hellos; each value is in hexadecimal digits.\n\n"
        + "```text\n"
        + "\n".join(lines)
        + "\n```\n"
    )


def session_values(hellos: tuple[bytes, bytes]) -> list[tuple[str, bytes]]:
    """What is given and what comes of it; `hellos` are those of the host and the band, without headers."""
    pairing, first, second = _handshake(hellos, HANDSHAKE_STEP_PAIR_FIRST, None, (commitment(_SECRET), b""))
    host_secret, band_secret = pairing.split()
    key = pairing_key(host_secret, band_secret, pairing.hash)
    resumption, again, answer = _handshake(hellos, HANDSHAKE_STEP_RESUME_FIRST, key, (b"", _TOLD))
    return [
        ("private key of the host, as drawn", _HOST_KEY),
        ("private key of the band, as drawn", _BAND_KEY),
        ("payload of the host's hello", hellos[0]),
        ("payload of the band's hello", hellos[1]),
        ("16 bytes that the host keeps until REVEAL", _SECRET),
        ("message of PAIR_FIRST", first),
        ("message of PAIR_SECOND", second),
        ("hash of the handshake", pairing.hash),
        ("code, in ASCII", short_code(pairing.hash, _SECRET).encode()),
        ("key of the pairing", key),
        ("message of RESUME_FIRST, of the same private keys and hellos", again),
        ("message of RESUME_SECOND", answer),
        ("nonce of a token, as drawn", _TOKEN_NONCE),
        ("token of the finder key in RESUME_SECOND", token_of(_FINDER_KEY, _TOKEN_NONCE)),
        ("a frame", _FRAME),
        *(
            (f"record {number} of the band under the seal of that resumption", _sealed(resumption, number))
            for number in _RECORDS
        ),
    ]

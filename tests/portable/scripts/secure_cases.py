"""Prints what the parts of a secure session give for published vectors, and for random cases by number.

Lines are the same on both runtimes; the test holds the vectors' to what their documents say, and the random
ones to a library.
"""

from binascii import hexlify, unhexlify
from hashlib import sha256
from struct import pack_into

from lcg import Lcg

from bandwire.secure import aes_ccm, aes_ctr, chacha20, curve25519, hashes

SEED = 20261130
RECORDS = 1000
AGREEMENTS = 40
PRODUCTS = 50

POINTS = (
    ("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
     "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
    ("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
     "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"),
)  # fmt: skip
CODES = (
    ("0b" * 20, "Hi There"),
    (hexlify(b"Jefe").decode(), "what do ya want for nothing?"),
    ("aa" * 131, "Test Using Larger Than Block-Size Key - Hash Key First"),
)
PACKETS = (
    ("C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF", "00000003020100A0A1A2A3A4A5", 8,
     "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E"),
    ("C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF", "00000004030201A0A1A2A3A4A5", 8,
     "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"),
    ("C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF", "00000005040302A0A1A2A3A4A5", 8,
     "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"),
    ("C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF", "00000006050403A0A1A2A3A4A5", 12,
     "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E"),
    ("D7828D13B2B0BDC325A76236DF93CC6B", "00412B4EA9CDBE3C9696766CFA", 8,
     "0BE1A88BACE018B108E8CF97D820EA258460E96AD9CF5289054D895CEAC47C"),
)  # fmt: skip
SUNSCREEN = (
    b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen "
    b"would be it."
)


def vectors():
    """Name and result of each published vector, as hexadecimal digits."""
    for number, (private, public) in enumerate(POINTS):
        yield "agreement", number, curve25519.agreed(unhexlify(private), unhexlify(public))
    yield "iterated", 1, curve25519.agreed(curve25519.BASE_POINT, curve25519.BASE_POINT)
    for number, (key, text) in enumerate(CODES):
        yield "code", number, hashes.hmac_sha256(unhexlify(key), text.encode())
    secret = hashes.hkdf_extract(bytes(range(13)), b"\x0b" * 22)
    yield "derived", 0, hashes.hkdf_expand(secret, bytes(range(0xF0, 0xFA)), 42)
    box = chacha20.ChaCha20Poly1305(bytes(range(0x80, 0xA0)))
    nonce, header = unhexlify("070000004041424344454647"), unhexlify("50515253c0c1c2c3c4c5c6c7")
    yield "message", 0, box.encrypt(nonce, SUNSCREEN, header)
    block = bytearray(unhexlify("00112233445566778899aabbccddeeff"))
    keys = bytearray(aes_ccm.ROUND_KEY_BYTES)
    aes_ccm.expand_key(bytes(range(16)), keys)
    aes_ccm.encrypt_block(block, keys)
    yield "block", 0, block
    for number, (key, nonce, header_bytes, packet) in enumerate(PACKETS):
        yield "packet", number, sealed(unhexlify(key), unhexlify(nonce), header_bytes, unhexlify(packet))


def sealed(key, nonce, header_bytes, packet):
    """A packet's header, sealed content and tag; it has to open again, and not when it is forged."""
    cipher = aes_ccm.AesCcm(key)
    buffer, tag, once = bytearray(packet), bytearray(8), bytearray(nonce)
    cipher.seal(buffer, header_bytes, len(buffer), tag, once)
    result = bytes(buffer + tag)
    assert cipher.open(buffer, header_bytes, len(buffer), tag, once)
    assert buffer == packet
    forged = bytearray(result)
    forged[sum(result) % len(result)] ^= 1 << result[0] % 8
    content, tag = forged[:-8], forged[-8:]
    assert not cipher.open(content, header_bytes, len(content), tag, once)
    return result


def random_cases(seed, count):
    """(key, nonce, header's bytes, packet) of records of up to 244 bytes, most of them short."""
    lcg = Lcg(seed)
    for _ in range(count):
        key, nonce, header_bytes = bytearray(16), bytearray(13), lcg.below(15)
        packet = bytearray(header_bytes + lcg.below(17 if lcg.below(8) else 230))
        for buffer in (key, nonce, packet):
            lcg.fill(buffer)
        yield bytes(key), bytes(nonce), header_bytes, bytes(packet)


def digest_of_masks(seed, count):
    """A digest of what whole words of packets are masked to, from their fifth byte on."""
    digest = sha256()
    cipher = aes_ctr.AesCtr()
    for key, nonce, _, packet in random_cases(seed, count):
        buffer = bytearray(packet + bytes(4 + -len(packet) % 4))
        cipher.rekey(key)
        cipher.mask(buffer, 4, len(buffer), bytearray(nonce))
        digest.update(buffer)
        cipher.mask(buffer, 4, len(buffer), bytearray(nonce))
        assert buffer[: len(packet)] == packet
    return digest.digest()


def random_keys(seed, count):
    """Private and public keys, half of the public ones no numbers below the prime."""
    lcg = Lcg(seed)
    private, public = bytearray(32), bytearray(32)
    for number in range(count):
        lcg.fill(private)
        lcg.fill(public)
        if number % 2:
            public[1:] = b"\xff" * 31
        yield bytes(private), bytes(public)


def digest_of_records(seed, count):
    """A digest of all that the cases are sealed to."""
    digest = sha256()
    for case in random_cases(seed, count):
        digest.update(sealed(*case))
    return digest.digest()


def digest_of_agreements(seed, count):
    """A digest of the agreements of random keys."""
    digest = sha256()
    for private, public in random_keys(seed, count):
        digest.update(curve25519.agreed(private, public))
    return digest.digest()


def put_limbs(numbers, place, limbs):
    """Write a number of 20 limbs of 13 bits where either version of the arithmetic has it."""
    if isinstance(numbers, list):
        numbers[place] = sum(limb << 13 * index for index, limb in enumerate(limbs))
    else:
        pack_into("<20I", numbers, 80 * place, *limbs)


def digest_of_products(seed, count):
    """A digest of products and squares of numbers whose limbs are often the largest there are, or none."""
    lcg = Lcg(seed)
    digest = sha256()
    numbers = curve25519.begin(curve25519.BASE_POINT)
    for _ in range(count):
        for place in (curve25519.ONE, curve25519.TWO):
            limbs = [(0, 8200, 8200, lcg.below(8192))[lcg.below(4)] for _ in range(20)]
            limbs[0] = (0, 10015, lcg.below(8192))[lcg.below(3)]
            put_limbs(numbers, place, limbs)
        for one, other in ((curve25519.ONE, curve25519.TWO), (curve25519.TWO, curve25519.TWO)):
            curve25519.multiply(numbers, curve25519.SPARE, one, other)
            digest.update(curve25519.key_of(numbers, curve25519.SPARE))
    return digest.digest()


def lines(record_count, agreement_count):
    """All that is printed."""
    for name, number, result in vectors():
        yield name + " " + str(number) + " " + hexlify(result).decode()
    yield "records " + hexlify(digest_of_records(SEED, record_count)).decode()
    yield "masks " + hexlify(digest_of_masks(SEED, record_count)).decode()
    yield "products " + hexlify(digest_of_products(SEED, PRODUCTS)).decode()
    yield "agreements " + hexlify(digest_of_agreements(SEED, agreement_count)).decode()


if __name__ == "__main__":
    for line in lines(RECORDS, AGREEMENTS):
        print(line)

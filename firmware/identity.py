"""Who made the band and what runs on it."""

from binascii import hexlify
from hashlib import sha256

from bandwire.frames import (
    CAPABILITY_BACKFILL,
    CAPABILITY_BONDING,
    CAPABILITY_CUFF_READING,
    CAPABILITY_DISPLAY,
    CAPABILITY_PRIVATE_RADIO,
    CAPABILITY_RAW_MOTION,
    CAPABILITY_RAW_OPTICAL,
    CAPABILITY_STANDARD_SERVICES,
    CAPABILITY_VIBRATION,
    IMAGE_PROFILE_DEVELOPMENT,
    IMAGE_PROFILE_PRODUCT,
    KIND_IDENTITY,
    VERSION,
    pack_identity_into,
)
from version import FIRMWARE_VERSION

PARTS = (
    "band.py", "boards", "collected.py", "consent.py", "display", "drivers", "dsp", "hal", "identity.py",
    "issuance.py", "journal", "main.py", "paired_hosts.py", "primitives.py", "question.py", "readings.py",
    "standard_services", "status.py",
    "streams.py", "tasks", "transports", "version.py", "vitals",
)  # fmt: skip
"""The modules and packages that the firmware is; whatever else lies beside them is not it."""

_CHUNK_BYTES = 512


class Identity:
    """What the identity frame carries and the identity page shows.

    The serial number is the device's own, as on its label, and stays when its wearer changes: a product shows
    it and does not send it, or recordings of two wearers would tell that they wore the same band. A
    developer's band sends it, by which `vitalband flash` knows it again; its prompt tells it anyway.
    `band_id` is what is sent, new for each wearer (`hal.handover`).
    `firmware_digest` is SHA-256 over the firmware, 32 bytes; `capabilities` of `CAPABILITY_...`. The image's
    profile is named as its build does: "dev" or "product". `radio` is None where there is none.
    """

    def __init__(self, board, unique_id, band_id, firmware_digest, image_profile, radio=None):
        self.maker = board.MAKER
        self.model = board.MODEL
        self.hardware = board.HARDWARE
        self.certification = board.CERTIFICATION
        self.serial = hexlify(unique_id[:8]).upper()
        self.band_id = band_id
        self.firmware_digest = firmware_digest
        self.capabilities = _capabilities(board, radio)
        is_product = image_profile == "product"
        self.image_profile = IMAGE_PROFILE_PRODUCT if is_product else IMAGE_PROFILE_DEVELOPMENT
        self._sent_serial = b"" if is_product else self.serial
        self.version_text = "v%d.%d.%d" % FIRMWARE_VERSION
        self.digest_text = hexlify(firmware_digest[:8])

    def send(self, outbox):
        """Send the identity frame."""
        end = pack_identity_into(
            outbox.buffer, 0, self.maker, self.model, self.hardware, self._sent_serial, *FIRMWARE_VERSION,
            self.firmware_digest, VERSION, self.capabilities, self.image_profile, self.certification,
        )  # fmt: skip
        outbox.send(KIND_IDENTITY, end)


def digest_of_files(folders, files):
    """SHA-256 over the `.py` files of `folders`, an iterable of `(name, path)`; of "firmware" over `PARTS`.

    The same whatever lies around them: on a board, files of others do, and all of bandwire.
    `files` gives `python_files(path)`, relative names in order, and `read_chunks(path, buffer, take)`.
    Of each file in turn: its name as `name/relative`, a NUL, its content, a NUL.
    """
    digest = sha256()
    buffer = bytearray(_CHUNK_BYTES)
    for name, path in folders:
        for relative in files.python_files(path):
            if name == "firmware" and relative.split("/")[0] not in PARTS:
                continue
            digest.update((name + "/" + relative).encode())
            digest.update(b"\0")
            files.read_chunks(path + "/" + relative, buffer, digest.update)
            digest.update(b"\0")
    return digest.digest()


def _capabilities(board, radio):
    capabilities = CAPABILITY_VIBRATION | CAPABILITY_BACKFILL | CAPABILITY_CUFF_READING
    if "ssd1306" in board.FITTED_CHIPS:
        capabilities |= CAPABILITY_DISPLAY
    if "max30101" in board.FITTED_CHIPS:
        capabilities |= CAPABILITY_RAW_OPTICAL
    if "lsm6dso" in board.FITTED_CHIPS:
        capabilities |= CAPABILITY_RAW_MOTION
    if radio is not None:
        capabilities |= CAPABILITY_STANDARD_SERVICES
        if radio.can_encrypt:
            capabilities |= CAPABILITY_BONDING
        if radio.is_private_address:
            capabilities |= CAPABILITY_PRIVATE_RADIO
    return capabilities

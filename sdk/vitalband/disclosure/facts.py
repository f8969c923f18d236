"""What a sheet is made from: identity, manifest and issuance, as the band gave them."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from hashlib import sha256
from typing import Any

from bandschema.enums import Capability
from bandschema.records import Identity, Issuance, ManifestEntry
from bandwire.frames import HEADER_BYTES, MANIFEST_ENTRY_BYTES, pack_manifest_entry_into
from vitalband.errors import LocalError

DIGEST_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class DisclosedFacts:
    """One band's own word. `LocalError` when its manifest is not whole, or not what its digest says."""

    identity: Identity
    manifest: tuple[ManifestEntry, ...]
    issuance: Issuance | None

    def __post_init__(self) -> None:
        wanted = self.manifest[0].entry_count if self.manifest else 1
        if [entry.entry for entry in self.manifest] != list(range(wanted)):
            got = ", ".join(str(entry.entry) for entry in self.manifest) or "none"
            raise LocalError(f"wanted the whole manifest, {wanted} entries, got: {got}")
        stated = {entry.manifest_digest for entry in self.manifest}
        found = manifest_digest_of(self.manifest)
        if stated != {found}:
            told = ", ".join(sorted(digest.hex() for digest in stated))
            raise LocalError(f"the manifest's entries give the digest {found.hex()}, the band states {told}")

    @property
    def manifest_digest(self) -> bytes:
        """What consent refers to, 8 bytes."""
        return self.manifest[0].manifest_digest

    @property
    def capabilities(self) -> Capability:
        """What the band can do."""
        return Capability(self.identity.capabilities)


def manifest_digest_of(manifest: Sequence[ManifestEntry]) -> bytes:
    """The digest over these entries as the band computes it: each payload, its digest field zero."""
    digest, frame = sha256(), bytearray(MANIFEST_ENTRY_BYTES)
    for entry in manifest:
        values: list[Any] = [
            value.encode() if isinstance(value, str) else value
            for value in astuple(replace(entry, manifest_digest=bytes(DIGEST_BYTES)))
        ]
        pack_manifest_entry_into(frame, 0, *values)
        digest.update(frame[HEADER_BYTES:])
    return digest.digest()[:DIGEST_BYTES]

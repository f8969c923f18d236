"""The disclosure sheet: what a band collects and what becomes of it, in English and Chinese.

It is made from what the band itself states, so that it cannot say other things than the firmware does: the
manifest, the identity, the issuance. Its digests say which firmware and which manifest it speaks of.
"""

from vitalband.disclosure.facts import DisclosedFacts, manifest_digest_of
from vitalband.disclosure.files import Mismatch, check_firmware, check_sheets, write_pages, write_prints
from vitalband.disclosure.sheet import LANGUAGES, Section, Sheet, SheetTable, sheet_of

__all__ = [
    "LANGUAGES",
    "DisclosedFacts",
    "Mismatch",
    "Section",
    "Sheet",
    "SheetTable",
    "check_firmware",
    "check_sheets",
    "manifest_digest_of",
    "sheet_of",
    "write_pages",
    "write_prints",
]

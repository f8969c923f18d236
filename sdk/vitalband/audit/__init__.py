"""Audit of a recording: whether it holds anything but what the wearer agreed to and could look at.

What is proven: each reading that was sent is an item of the band's own manifest, has a page of its own there,
and was agreed to when it was numbered; every frame of another class is a known one, without a byte that
its layout does not state; where the band told which page it showed, and whether its display worked.

What is not: that a display showed the value that was sent (one table in the firmware drives both, which tests
hold on the glass), what a firmware other than this one hides in the low bits of a number, and what lay in
frames that are not here.
"""

from vitalband.audit.report import AuditFinding, AuditKind, AuditReport, ItemAccount, PageAccount
from vitalband.audit.walk import audit_store

__all__ = [
    "AuditFinding",
    "AuditKind",
    "AuditReport",
    "ItemAccount",
    "PageAccount",
    "audit_store",
]

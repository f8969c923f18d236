"""Firmware of another manifest ends what was agreed to for good, and takes nothing else."""

import pytest

from bandwire.frames import PAGE_MANIFEST
from collected import Manifest
from consent import Consent
from hal.host_keys import HostKeys


@pytest.fixture
def updated(rig, monkeypatch):
    """Starts the band with firmware of another manifest, or with that of before again."""

    def start(*, is_other):
        with monkeypatch.context() as patch:
            if is_other:
                patch.setattr(Manifest, "_compute_digest", lambda _manifest: b"another!")
            rig.boot()
        rig.run(1_000)
        return rig.band.consent

    return start


def test_firmware_of_another_manifest_asks_anew(rig, updated):
    rig.agree()
    rig.run(100)
    assert updated(is_other=True).agreement is None
    assert rig.band.screen.view.page == PAGE_MANIFEST
    rig.agree()
    assert rig.connect().records("ConsentRecord")[-1].manifest_digest == b"another!"


@pytest.mark.parametrize("is_paused", [False, True], ids=["agreed", "paused"])
def test_what_another_manifest_has_ended_comes_back_with_no_firmware(rig, updated, is_paused):
    rig.agree()
    if is_paused:
        rig.band.consent.turn_pause()
    rig.run(100)
    updated(is_other=True)
    assert updated(is_other=False).groups == 0
    assert rig.band.screen.view.page == PAGE_MANIFEST


def test_another_manifest_takes_neither_paired_hosts_nor_what_was_measured(rig, updated):
    rig.band.hosts.keys.add(b"k" * 32, "phone")
    rig.agree()
    rig.run(300_000)
    for is_other in (True, True, False):
        updated(is_other=is_other)
    assert [kept.key_of(0) for kept in (HostKeys(rig.folder), rig.band.hosts.keys)] == [b"k" * 32] * 2
    rig.connect()
    rig.run(5_000)
    rig.host.link.request_backfill(1, 0, 1 << 23, 1000, 0)
    rig.host.exchange()
    rig.run(1_000)
    assert "VitalsRun" in {type(record).__name__ for _, record in rig.host.backfilled}


class KeptBonds:
    """Keys of apps, of which is noted only whether they were forgotten."""

    is_dirty = False
    is_forgotten = False

    def wipe(self):
        self.is_forgotten = True


@pytest.mark.parametrize(
    ("end", "is_forgotten"),
    [
        pytest.param(lambda rig: rig.storage.keep_consent(0x3FF, b"another!"), False, id="another manifest"),
        pytest.param(lambda rig: rig.band.consent.end(), False, id="other terms, or their end"),
        pytest.param(lambda rig: rig.band.consent.withdraw(), True, id="withdrawn"),
    ],
)
def test_apps_stay_paired_unless_the_wearer_withdraws(rig, end, is_forgotten):
    rig.agree()
    end(rig)
    rig.storage.write()
    for _ in range(2):
        rig.boot()
        rig.run(100)
    bonds = KeptBonds()
    Consent(rig.band.manifest, bytes(32), bonds, rig.core).restore()
    assert bonds.is_forgotten == is_forgotten

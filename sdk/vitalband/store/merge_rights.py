"""What a merged store owes to the person whom it is about: the shortest limits, and all that the logs say."""

from collections.abc import Sequence

from vitalband.store.access import MOST_ENTRIES, Access
from vitalband.store.database import Store
from vitalband.store.holdings import EVERYTHING, Holding
from vitalband.store.retention import Removed


def merge_rights(store: Store, sources: Sequence[Store]) -> Removed:
    """Give `store` the logs, limits and known archives of `sources`; gives what the limits removed of it.

    Of a limit that several have the shortest holds. The log is that of all, by time, and says of what the
    store was made: the sources are left as they are, so that they do not say it.
    """
    found = {line for source in sources for line in source.rights.accesses()}
    lines = sorted(found, key=lambda line: (*line.row[:7], line.band_id or b"", line.detail))
    store.rights.write_accesses(lines[-MOST_ENTRIES:])
    for source in sources:
        store.rights.note(Access.MERGED, EVERYTHING, detail=f"from {source.path}")
    store.rights.register([archive for source in sources for archive in source.rights.archives()])
    limits: dict[Holding, int] = {}
    for source in sources:
        for holding, keep_h in source.rights.limits().items():
            limits[holding] = min(keep_h, limits.get(holding, keep_h))
    store.rights.set_limits(limits)
    return store.rights.remove_overdue()

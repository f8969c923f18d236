"""SDK of an open vital-signs wristband: connect, read, store, replay, warn.

    async with Band.open("sim:rest") as band:
        async for update in band.vitals():
            ...

Start at `Band.open`; `vitalband.sync.Band` is the same without asyncio, `vitalband.store.StoreReader`
reads recordings. Not a medical device.
"""

from bandschema.enums import (
    AcknowledgedBy,
    Activity,
    AlertLevel,
    ArmPosture,
    Capability,
    Cause,
    Channel,
    CommandCode,
    ConsentAction,
    Contact,
    EventKind,
    Group,
    ImageProfile,
    Outcome,
    Page,
    Part,
    Result,
    SelfTest,
    SleepStage,
    StreamId,
    Unit,
    Validity,
)
from bandschema.enums import Reading as ReadingId
from bandschema.records import Identity, Issuance, ManifestEntry
from vitalband.alerts import Alert, EarlyWarning, EarlyWarningSettings, Score, news2_score
from vitalband.client import Band
from vitalband.errors import (
    BandError,
    DeviceError,
    EndOfDataError,
    FrameError,
    HandshakeError,
    LinkTimeoutError,
    LocalError,
    RemoteError,
    StoreConflictError,
    StoreError,
    TransportError,
    UnsupportedError,
)
from vitalband.self_test import SelfTestItem
from vitalband.session import ReconnectPolicy
from vitalband.statistics import LinkStatistics
from vitalband.store import Store, StoreReader
from vitalband.subscription import Subscription
from vitalband.transport import Clock, Transport, open_transport
from vitalband.values import (
    Acknowledgement,
    BandEvent,
    ConnectionEvent,
    ConnectionState,
    ConsentChange,
    FrameGap,
    LogLine,
    Reading,
    ReceivedAlert,
    SampleChunk,
    SampleGap,
    Stamp,
    StoreEvent,
    StreamDescriptor,
    TimeStatus,
    VitalsUpdate,
)

__all__ = [
    "AcknowledgedBy",
    "Acknowledgement",
    "Activity",
    "Alert",
    "AlertLevel",
    "ArmPosture",
    "Band",
    "BandError",
    "BandEvent",
    "Capability",
    "Cause",
    "Channel",
    "Clock",
    "CommandCode",
    "ConnectionEvent",
    "ConnectionState",
    "ConsentAction",
    "ConsentChange",
    "Contact",
    "DeviceError",
    "EarlyWarning",
    "EarlyWarningSettings",
    "EndOfDataError",
    "EventKind",
    "FrameError",
    "FrameGap",
    "Group",
    "HandshakeError",
    "Identity",
    "ImageProfile",
    "Issuance",
    "LinkStatistics",
    "LinkTimeoutError",
    "LocalError",
    "LogLine",
    "ManifestEntry",
    "Outcome",
    "Page",
    "Part",
    "Reading",
    "ReadingId",
    "ReceivedAlert",
    "ReconnectPolicy",
    "RemoteError",
    "Result",
    "SampleChunk",
    "SampleGap",
    "Score",
    "SelfTest",
    "SelfTestItem",
    "SleepStage",
    "Stamp",
    "Store",
    "StoreConflictError",
    "StoreError",
    "StoreEvent",
    "StoreReader",
    "StreamDescriptor",
    "StreamId",
    "Subscription",
    "TimeStatus",
    "Transport",
    "TransportError",
    "Unit",
    "UnsupportedError",
    "Validity",
    "VitalsUpdate",
    "news2_score",
    "open_transport",
]

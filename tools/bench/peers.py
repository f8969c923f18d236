"""The same vitals frame in other formats: JSON, CBOR, MessagePack and protobuf.

Each peer carries all that the frame does: version, kind, boot, sequence, ticks, drops, contact and,
for every reading, id, validity, quality, cause and raw value; a value that is not there is null or
absent. Each is used as a careful designer would who has to ship it: no spaces, lists where the format
names nothing, one varint a number in protobuf.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cbor2
import msgpack
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from bench.plain import HEADER_FIELDS, READING_FIELDS, PlainVitals

_LABEL_OPTIONAL = descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL
_LABEL_REPEATED = descriptor_pb2.FieldDescriptorProto.LABEL_REPEATED
_UINT32 = descriptor_pb2.FieldDescriptorProto.TYPE_UINT32
_SINT32 = descriptor_pb2.FieldDescriptorProto.TYPE_SINT32
_MESSAGE = descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE


@dataclass(frozen=True)
class Peer:
    """A format: encodes plain values; `decode` goes on until every number is a Python object, `plain` makes
    plain values of what it gives.
    """

    name: str
    encode: Callable[[PlainVitals], bytes]
    decode: Callable[[bytes], Any]
    plain: Callable[[Any], PlainVitals]


def _as_list(vitals: PlainVitals) -> list[Any]:
    return [*vitals.header, vitals.contact, vitals.readings]


def _from_list(values: Any) -> PlainVitals:
    *header, contact, readings = values
    return PlainVitals(tuple(header), contact, tuple(tuple(reading) for reading in readings))


def _as_dict(vitals: PlainVitals) -> dict[str, Any]:
    named: dict[str, Any] = dict(zip(HEADER_FIELDS, vitals.header, strict=True))
    named["contact"] = vitals.contact
    named["readings"] = [dict(zip(READING_FIELDS, reading, strict=True)) for reading in vitals.readings]
    return named


def _from_dict(named: Any) -> PlainVitals:
    return PlainVitals(
        tuple(named[name] for name in HEADER_FIELDS),
        named["contact"],
        tuple(tuple(reading[name] for name in READING_FIELDS) for reading in named["readings"]),
    )


def message_class_of(message: descriptor_pb2.DescriptorProto) -> Any:
    """Make protobuf's class of a message; proto2, to tell an absent value from a zero."""
    file = descriptor_pb2.FileDescriptorProto(name=f"{message.name}.proto", package="peer", syntax="proto2")
    file.message_type.append(message)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"peer.{message.name}"))


def _vitals_class() -> Any:
    vitals = descriptor_pb2.DescriptorProto(name="Vitals")
    reading = vitals.nested_type.add(name="Reading")
    for number, name in enumerate(READING_FIELDS, 1):
        wire_type = _SINT32 if name == "raw_value" else _UINT32
        reading.field.add(name=name, number=number, label=_LABEL_OPTIONAL, type=wire_type)
    names = (*HEADER_FIELDS, "contact")
    for number, name in enumerate(names, 1):
        vitals.field.add(name=name, number=number, label=_LABEL_OPTIONAL, type=_UINT32)
    vitals.field.add(
        name="readings",
        number=len(names) + 1,
        label=_LABEL_REPEATED,
        type=_MESSAGE,
        type_name=".peer.Vitals.Reading",
    )
    return message_class_of(vitals)


_Protobuf = _vitals_class()


def _encode_protobuf(vitals: PlainVitals) -> bytes:
    # A zero is left out, as proto3 does; what is never zero is not asked.
    message = _Protobuf()
    message.version, message.kind, message.boot_id, message.sequence, ticks_ms, drops = vitals.header
    if ticks_ms:
        message.ticks_ms = ticks_ms
    if drops:
        message.drops = drops
    if vitals.contact:
        message.contact = vitals.contact
    add = message.readings.add
    for reading_id, validity, quality, cause, raw_value in vitals.readings:
        item = add()
        item.reading_id = reading_id
        if validity:
            item.validity = validity
        if quality:
            item.quality = quality
        if cause:
            item.cause = cause
        if raw_value is not None:
            item.raw_value = raw_value
    return message.SerializeToString()


def _decode_protobuf(data: bytes) -> list[Any]:
    # The library keeps a message in its own form and makes Python objects when they are read.
    message = _Protobuf.FromString(data)
    readings = [
        (
            item.reading_id,
            item.validity,
            item.quality,
            item.cause,
            item.raw_value if item.HasField("raw_value") else None,
        )
        for item in message.readings
    ]
    header = (message.version, message.kind, message.boot_id, message.sequence, message.ticks_ms)
    return [*header, message.drops, message.contact, readings]


_to_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_from_json = json.JSONDecoder().decode


def encode_json(value: Any) -> bytes:
    """Encode by an encoder that is kept: `json.dumps` makes one a call when it is to leave no spaces."""
    return _to_json(value).encode()


def decode_json(data: bytes) -> Any:
    """Decode UTF-8: `json.loads` would first find out which encoding it is."""
    return _from_json(data.decode())


# CBOR's and MessagePack's functions that decode in one go are faster than an object kept for it, as is CBOR's
# that encodes.
encode_cbor, decode_cbor = cbor2.dumps, cbor2.loads
encode_msgpack, decode_msgpack = msgpack.Packer().pack, msgpack.unpackb

PEERS = (
    Peer("JSON, named fields", lambda vitals: encode_json(_as_dict(vitals)), decode_json, _from_dict),
    Peer("JSON, lists", lambda vitals: encode_json(_as_list(vitals)), decode_json, _from_list),
    Peer("CBOR, lists", lambda vitals: encode_cbor(_as_list(vitals)), decode_cbor, _from_list),
    Peer("MessagePack, lists", lambda vitals: encode_msgpack(_as_list(vitals)), decode_msgpack, _from_list),
    Peer("protobuf", _encode_protobuf, _decode_protobuf, _from_list),
)

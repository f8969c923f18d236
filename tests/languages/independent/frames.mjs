// Frames, by the section "Frames" of docs/protocol.md.

const HEADER_BYTES = 12;
const text = new TextDecoder("utf-8", { ignoreBOM: true });

export class Refused extends Error {}

export function hex(bytes) {
  return Buffer.from(bytes).toString("hex");
}

function numberAt(bytes, field) {
  let value = 0;
  for (let at = field.size - 1; at >= 0; at -= 1) value = value * 256 + bytes[field.offset + at];
  const half = 2 ** (8 * field.size - 1);
  return field.code[0] === "s" && value >= half ? value - 2 * half : value;
}

function untilNuls(bytes) {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length -= 1;
  return bytes.subarray(0, length);
}

// Values of fields; what lies beyond the end of the part reads as zeros.
function fieldsOf(fields, part) {
  const end = Math.max(...fields.map((field) => field.offset + field.size), part.length);
  const whole = new Uint8Array(end);
  whole.set(part);
  const values = {};
  for (const field of fields) {
    const bytes = whole.subarray(field.offset, field.offset + field.size);
    if (field.code === "text") values[field.name] = text.decode(untilNuls(bytes));
    else if (field.code === "bytes") values[field.name] = hex(bytes);
    else values[field.name] = numberAt(whole, field);
  }
  return values;
}

function itemsOf(tail, size, body) {
  if (size === 0 || size < tail.least || body.length % size) throw new Refused("items do not fit");
  const items = [];
  for (let at = 0; at < body.length; at += size) {
    items.push(fieldsOf(tail.items, body.subarray(at, at + size)));
  }
  return items;
}

// { kind, header, values }, without `values` when the kind is not known; throws Refused.
export function readFrame(document, frame) {
  if (frame.length < HEADER_BYTES) throw new Refused("no header");
  const header = fieldsOf(document.header, frame.subarray(0, HEADER_BYTES));
  const kind = document.kinds.get(header.kind);
  if (!kind) return { header };
  try {
    return { kind, header, values: payloadOf(kind, frame) };
  } catch (error) {
    if (error instanceof Refused) error.header = header;
    throw error;
  }
}

function payloadOf(kind, frame) {
  if (frame.length < kind.least) throw new Refused("too short for its kind");
  const { tail } = kind;
  const told = kind.fields.find((field) => field.name === "tail_offset");
  let end = frame.length;
  if (told) {
    end = frame[told.offset];
    if (end < kind.least || end > frame.length) throw new Refused("the tail does not fit");
  } else if (tail) {
    end = tail.offset;
  }
  const values = kind.fields.length ? fieldsOf(kind.fields, frame.subarray(0, end)) : {};
  const { tail_offset: _, item_size: size, ...rest } = values;
  if (!tail) return values;
  const body = frame.subarray(end);
  if (tail.code === "items") rest[tail.name] = itemsOf(tail, size, body);
  else rest[tail.name] = tail.code === "text" ? text.decode(body) : hex(body);
  return rest;
}

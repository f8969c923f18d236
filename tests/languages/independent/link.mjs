// Serial packets and records, by the sections "The serial carrier" and "Records" of docs/protocol.md.

const MAX_PACKET_BYTES = 521;
const MAX_RECORD_BYTES = 514;
const MAX_FRAME_BYTES = 1024;
const MAX_HELLO_BYTES = 128;
const REASSEMBLY_MS = 5000;
const KIND_HELLO = 0x40;

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function uncobs(bytes) {
  const out = [];
  let at = 0;
  while (at < bytes.length) {
    const code = bytes[at];
    if (at + code > bytes.length) return null;
    for (let index = 1; index < code; index += 1) out.push(bytes[at + index]);
    at += code;
    if (code !== 255 && at < bytes.length) out.push(0);
  }
  return Uint8Array.from(out);
}

function cobs(bytes) {
  const out = [];
  let piece = [];
  const close = () => {
    out.push(piece.length + 1, ...piece);
    piece = [];
  };
  bytes.forEach((byte, at) => {
    if (byte === 0) {
      close();
    } else {
      piece.push(byte);
      if (piece.length === 254 && at + 1 < bytes.length) close();
    }
  });
  close();
  return out;
}

// A record as it goes on a serial line.
export function packetOf(record) {
  const check = crc32(record);
  const tail = [0, 8, 16, 24].map((shift) => (check >>> shift) & 0xff);
  return Uint8Array.from([...cobs([...record, ...tail]), 0]);
}

const u16 = (bytes, at) => bytes[at] | (bytes[at + 1] << 8);

// One direction of a serial line: bytes in, records out.
export class Packets {
  constructor(count) {
    this.count = count;
    this.waiting = [];
    this.isOversize = false;
  }

  *take(bytes) {
    for (const byte of bytes) {
      if (byte !== 0) {
        if (this.waiting.length < MAX_PACKET_BYTES) this.waiting.push(byte);
        else this.isOversize = true;
        continue;
      }
      const packet = this.waiting;
      const isOversize = this.isOversize;
      this.waiting = [];
      this.isOversize = false;
      if (isOversize) this.count("oversize");
      else if (packet.length) {
        const record = this.open(packet);
        if (record) yield record;
      }
    }
  }

  open(packet) {
    const checked = uncobs(packet);
    if (!checked || checked.length <= 4) {
      this.count("malformed");
      return null;
    }
    const record = checked.subarray(0, -4);
    const check = (u16(checked, record.length) | (u16(checked, record.length + 2) << 16)) >>> 0;
    if (crc32(record) === check) return record;
    this.count("bad_crc");
    return null;
  }
}

// One direction of a connection: records in, frames out. `onHello` is told of a hello that begins one.
export class Records {
  constructor(count, onHello) {
    this.count = count;
    this.onHello = onHello;
    this.expected = null;
    this.session = null;
    this.seal = null;
    this.open = new Map();
    this.helloCounter = 0;
  }

  close() {
    this.dropAll();
    this.expected = null;
  }

  drop(key) {
    if (this.open.delete(key)) this.count("bad_reassembly");
  }

  dropAll() {
    for (const key of [...this.open.keys()]) if (key !== "hello") this.drop(key);
  }

  take(record, nowMs) {
    for (const [key, frame] of this.open) if (nowMs - frame.touchedMs >= REASSEMBLY_MS) this.drop(key);
    const type = record[0];
    const priority = (type >> 2) & 3;
    this.priority = priority;
    if (record.length <= 3 || record.length > MAX_RECORD_BYTES || type & 0xc0 || priority === 3) {
      this.count("bad_record");
      return [];
    }
    const counter = u16(record, 1);
    let body = record.subarray(3);
    if (type & 0x20) return this.takeHello(type, counter, body, nowMs);
    if (this.expected === null) {
      this.count("before_hello");
      return [];
    }
    const ahead = (counter - this.expected) & 0xffff;
    if (ahead >= 0x8000) {
      this.count("replay");
      return [];
    }
    if (Boolean(type & 0x10) === Boolean(this.seal)) body = this.seal ? this.seal.open(record, this.expected + ahead) : body;
    else body = null;
    if (!body) {
      this.count("sealed");
      return [];
    }
    this.expected += ahead + 1;
    if (ahead) {
      this.count("lost", ahead);
      this.dropAll();
    }
    return this.framesOf(type & 3, priority, body, nowMs);
  }

  takeHello(type, counter, body, nowMs) {
    if (type & 0x10) {
      this.count("sealed");
      return [];
    }
    if ((type & 3) === 2 && counter !== ((this.helloCounter + 1) & 0xffff)) this.open.delete("hello");
    this.helloCounter = counter;
    const frames = this.framesOf(type & 3, "hello", body, nowMs);
    for (const frame of frames) {
      if (frame[1] !== KIND_HELLO || frame.length < 37) continue;
      const session = Buffer.from(frame.subarray(29, 37)).toString("hex");
      if (session !== this.session) {
        this.session = session;
        this.dropAll();
        this.expected = counter + 1;
        this.onHello();
      } else if (this.expected !== null && !this.seal) {
        const ahead = (counter - this.expected) & 0xffff;
        if (ahead < 0x8000) this.expected += ahead + 1;
      }
    }
    return frames;
  }

  framesOf(content, key, body, nowMs) {
    if (content === 3) return [body];
    if (content === 0) return this.framesWithLengths(body);
    const whole = this.fragment(content, key, body, nowMs);
    return whole ? [whole] : [];
  }

  framesWithLengths(body) {
    const frames = [];
    let at = 0;
    while (at < body.length) {
      const end = at + 2 <= body.length ? at + 2 + u16(body, at) : body.length + 1;
      if (end > body.length) {
        this.count("bad_record");
        break;
      }
      frames.push(body.subarray(at + 2, end));
      at = end;
    }
    return frames;
  }

  fragment(content, key, body, nowMs) {
    let part = body;
    if (content === 1) {
      this.drop(key);
      const length = body.length > 2 ? u16(body, 0) : 0;
      const limit = key === "hello" ? MAX_HELLO_BYTES : MAX_FRAME_BYTES;
      if (length >= 12 && length <= limit) this.open.set(key, { length, bytes: [], touchedMs: nowMs });
      part = body.subarray(2);
    }
    const frame = this.open.get(key);
    if (!frame || frame.bytes.length + part.length > frame.length) {
      this.open.delete(key);
      this.count("bad_reassembly");
      return null;
    }
    frame.bytes.push(...part);
    frame.touchedMs = nowMs;
    if (frame.bytes.length < frame.length) return null;
    this.open.delete(key);
    return Uint8Array.from(frame.bytes);
  }
}

// A small host on a TCP port, by the sections "Connections", "Requests" and "Numbering" of docs/protocol.md:
// shakes hands, asks for things, and asks for frames again.

import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { hex, readFrame } from "./frames.mjs";
import { packetOf, Packets, Records } from "./link.mjs";

const HELLO_MS = 1000;
const LIMIT_MS = 60000;
const SEND_IDENTITY = 1;
const DESCRIBE_STREAM = 3;
const SENDING = 0;

function putNumber(bytes, field, value) {
  let rest = value < 0 ? value + 2 ** (8 * field.size) : value;
  for (let at = 0; at < field.size; at += 1) {
    bytes[field.offset + at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

export class Host {
  constructor(document, port) {
    this.document = document;
    this.session = randomBytes(8);
    this.counter = 0;
    this.version = document.version;
    this.isUp = false;
    this.told = { replies: {}, live: {}, backfilled: [], ranges: [], kinds: [] };
    const count = (what) => {
      this.told[what] = (this.told[what] ?? 0) + 1;
    };
    this.records = new Records(count, () => {});
    this.packets = new Packets(count);
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("data", (bytes) => this.take(bytes));
  }

  // What is told of the band, once `isDone` says that all has come.
  run(isDone) {
    return new Promise((resolve, reject) => {
      const end = (how, what) => {
        clearInterval(this.hellos);
        clearTimeout(limit);
        this.socket.destroy();
        how(what);
      };
      const limit = setTimeout(() => end(reject, new Error(JSON.stringify(this.told))), LIMIT_MS);
      this.socket.on("error", (error) => end(reject, error));
      this.socket.on("data", () => isDone(this.told) && end(resolve, this.told));
      this.sayHello();
      this.hellos = setInterval(() => !this.isUp && this.sayHello(), HELLO_MS);
    });
  }

  frameOf(name, values) {
    const kind = [...this.document.kinds.values()].find((one) => one.name === name);
    const last = kind.fields.at(-1);
    const frame = new Uint8Array(last.offset + last.size);
    const header = { version: this.version, kind: kind.kind };
    for (const field of this.document.header) putNumber(frame, field, header[field.name] ?? 0);
    for (const field of kind.fields) {
      const value = values[field.name] ?? 0;
      if (typeof value === "number") putNumber(frame, field, value);
      else frame.set(value, field.offset);
    }
    return frame;
  }

  send(type, frame) {
    const length = [frame.length & 0xff, frame.length >> 8];
    const record = Uint8Array.from([type, this.counter & 0xff, (this.counter >> 8) & 0xff, ...length, ...frame]);
    this.counter += 1;
    this.socket.write(packetOf(record));
  }

  sayHello() {
    const bounds = { role: 1, protocol_minimum: 1, protocol_maximum: this.document.version, max_frame_bytes: 1024 };
    this.send(0x20, this.frameOf("hello", { ...bounds, session_id: this.session }));
  }

  take(bytes) {
    for (const record of this.packets.take(bytes)) {
      for (const frame of this.records.take(record, Date.now())) this.takeFrame(frame);
    }
  }

  takeFrame(frame) {
    const { kind, header, values } = readFrame(this.document, frame);
    if (!kind) return;
    this.told.kinds.push(kind.name);
    if (kind.name === "hello") {
      if (values.session_id === hex(this.session) && !this.isUp) this.begin(values);
    } else if (kind.name === "backfill_range") {
      this.told.ranges.push(values);
    } else if (header.kind >= 0x40) {
      this.told.replies[values.request_id] = { name: kind.name, ...header, ...values };
    } else {
      this.takeNumbered(kind, header, values, hex(frame));
    }
  }

  begin(hello) {
    this.isUp = true;
    this.version = Math.min(this.document.version, hello.protocol_maximum);
    this.told.version = this.version;
    this.send(0, this.frameOf("command", { request_id: 1, command: SEND_IDENTITY }));
    this.send(0, this.frameOf("time_request", { request_id: 2 }));
    this.send(0, this.frameOf("command", { request_id: 3, command: DESCRIBE_STREAM, stream_id: 1 }));
    this.send(0, this.frameOf("command", { request_id: 4, command: 200 }));
  }

  takeNumbered(kind, header, values, text) {
    if (this.records.priority === 2) {
      this.told.backfilled.push(text);
      return;
    }
    this.told.live[header.sequence] = text;
    if (kind.name === "identity") this.told.identity = values;
    if (!this.hasAsked && Object.keys(this.told.live).length > 5) {
      this.hasAsked = true;
      const first = Math.min(...Object.keys(this.told.live).map(Number));
      const wanted = { wanted_boot_id: header.boot_id, first_sequence: first, frame_count: 4 };
      this.send(0, this.frameOf("backfill_request", { request_id: 5, ...wanted }));
    }
  }
}

// Whether all that was asked for has come.
export function hasAll(told) {
  const isAnswered = [1, 2, 3, 4].every((id) => told.replies[id]);
  return isAnswered && told.identity && told.ranges.some((range) => range.state !== SENDING);
}

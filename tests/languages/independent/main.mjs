// A reader of the protocol that was written from docs/protocol.md alone and reads its tables there.
//
//   node main.mjs DOCUMENT frames          lines of hex in, values out
//   node main.mjs DOCUMENT blocks          lines of {head, body, shape} in, samples out
//   node main.mjs DOCUMENT runs            lines of {body, ticks_ms} in, updates out
//   node main.mjs DOCUMENT packets         lines of hex of records in, their packets out
//   node main.mjs DOCUMENT capture FILE    frames and damage of a capture out
//   node main.mjs DOCUMENT host PORT       what a band on a TCP port tells a small host
//   node main.mjs DOCUMENT pair PORT       the same, of a host that is paired and comes back
//   node main.mjs DOCUMENT session         lines of hex of the worked session in, what comes of them out

import { readFileSync } from "node:fs";
import { readBlock } from "./blocks.mjs";
import { readDocument } from "./document.mjs";
import { hex, readFrame, Refused } from "./frames.mjs";
import { hasAll, Host } from "./host.mjs";
import { packetOf, Packets, Records } from "./link.mjs";
import { readRun } from "./runs.mjs";
import { SecureHost, workedSession } from "./secure.mjs";

function bytesOf(text) {
  return Uint8Array.from(Buffer.from(text, "hex"));
}

// As one flat object, or what is wrong.
function told(document, frame, count = () => {}) {
  const values = { length: frame.length };
  const put = (header) => {
    for (const [name, value] of Object.entries(header ?? {})) values[`header.${name}`] = value;
  };
  try {
    const read = readFrame(document, frame);
    put(read.header);
    if (!read.values) count("unknown_kind");
    for (const [name, value] of Object.entries(read.values ?? {})) values[`${read.kind.name}.${name}`] = value;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    put(error.header);
    count("bad_frame");
    values.refused = true;
  }
  return values;
}

function* piecesOf(path) {
  const data = readFileSync(path);
  for (let at = 24; at < data.length; ) {
    const size = data.readUInt32LE(at + 8);
    const ms = data.readUInt32LE(at) * 1000 + Math.floor(data.readUInt32LE(at + 4) / 1000);
    yield { ms, sender: data[at + 16] & 1, carrier: data[at + 16] >> 4, bytes: data.subarray(at + 17, at + 16 + size) };
    at += 16 + size;
  }
}

function readCapture(document, path) {
  const damage = {};
  const count = (what, by = 1) => {
    damage[what] = (damage[what] ?? 0) + by;
  };
  const frames = [];
  const records = [new Records(count, () => {}), new Records(count, () => records[0].close())];
  const packets = [new Packets(count), new Packets(count)];
  for (const { ms, sender, carrier, bytes } of piecesOf(path)) {
    for (const record of carrier === 1 ? [bytes] : packets[sender].take(bytes)) {
      for (const frame of records[sender].take(record, ms)) {
        const values = told(document, frame, count);
        delete values.refused;
        frames.push(values);
      }
    }
  }
  return { frames, damage };
}

// What a reader of bodies makes of a line, or why it refuses it.
function answered(read) {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { refused: error.message };
  }
}

const ANSWERS = {
  frames: (line) => told(document, bytesOf(line)),
  blocks: (line) => {
    const { head, body, shape } = JSON.parse(line);
    return answered(() => ({ samples: readBlock(document, head, bytesOf(body), shape) }));
  },
  packets: (line) => hex(packetOf(bytesOf(line))),
  runs: (line) => {
    const { body, ticks_ms: ticksMs } = JSON.parse(line);
    return answered(() => ({ updates: readRun(document, bytesOf(body), ticksMs) }));
  },
};

const [path, what, file] = process.argv.slice(2);
const document = readDocument(path);
if (what === "host") {
  console.log(JSON.stringify(await new Host(document, Number(file)).run(hasAll)));
} else if (what === "pair") {
  console.log(JSON.stringify(await new SecureHost(document, Number(file), "another host").run()));
} else if (what === "session") {
  const given = readFileSync(0, "utf8").split("\n").filter(Boolean).map((line) => Buffer.from(line, "hex"));
  console.log(JSON.stringify(workedSession(document.version, given)));
} else if (what === "capture") {
  console.log(JSON.stringify(readCapture(document, file)));
} else {
  const lines = readFileSync(0, "utf8").split("\n").filter(Boolean);
  for (const line of lines) console.log(JSON.stringify(ANSWERS[what](line)));
}

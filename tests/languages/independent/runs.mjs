// Runs of vitals, by the section "Runs of vitals" of docs/protocol.md.

import { Refused } from "./frames.mjs";

const UNKNOWN = 0;
const VALID = 1;
const LOW_QUALITY = 2;
const STALE = 3;
const NONE = -1073741824;

class Bits {
  constructor(body) {
    this.body = body;
    this.at = 0;
  }

  get left() {
    return 8 * this.body.length - this.at;
  }

  peek(offset) {
    const at = this.at + offset;
    return at < 8 * this.body.length ? (this.body[at >> 3] >> (7 - (at & 7))) & 1 : 0;
  }

  take(count) {
    if (count > this.left) throw new Refused("the bits run out");
    let value = 0;
    for (let index = 0; index < count; index += 1) value = value * 2 + this.peek(index);
    this.at += count;
    return value;
  }

  code(k) {
    let zeros = 0;
    while (this.take(1) === 0) {
      zeros += 1;
      if (zeros > 26) throw new Refused("a code of more than 26 zeros");
    }
    const v = 2 ** zeros + this.take(zeros);
    return (v - 1) * 2 ** k + this.take(k);
  }
}

function unzigzag(code) {
  return code % 2 === 0 ? code / 2 : -(code + 1) / 2;
}

function bitsOf(number) {
  return number === 0 ? 0 : Math.floor(Math.log2(number)) + 1;
}

function checked(row, told) {
  const hasValue = told.validity === VALID || told.validity === LOW_QUALITY;
  if (!hasValue) return told;
  if (told.quality < 0 || told.quality > 100) throw new Refused("a quality out of range");
  if (told.value < row.minimum || told.value > row.maximum) throw new Refused("a value out of range");
  return told;
}

function validityOf(bits) {
  if (!bits.take(1)) return VALID;
  if (!bits.take(1)) return UNKNOWN;
  return bits.take(1) ? STALE : LOW_QUALITY;
}

function inFull(bits, row, state) {
  const validity = validityOf(bits);
  let cause = 0;
  if (validity !== VALID) {
    if (!bits.take(1)) state.cause = bits.take(5);
    cause = state.cause;
  }
  if (validity === UNKNOWN || validity === STALE) return { validity, quality: 0, cause, value: NONE };
  const quality = bits.take(1) ? 100 : bits.take(7);
  const value = row.minimum + bits.take(bitsOf(row.maximum - row.minimum));
  return checked(row, { validity, quality, cause, value });
}

function expected(row, before, intervalMs) {
  const isAge = row.unit === "second" && before.value !== NONE;
  return isAge ? before.value + Math.floor(intervalMs / 1000) : before.value;
}

function changed(bits, row, before, state) {
  if (bits.take(1)) return inFull(bits, row, state);
  if (before.value === NONE) throw new Refused("a change of a reading that has no value");
  let { quality } = before;
  let hasStep = true;
  if (bits.take(1)) {
    quality += unzigzag(bits.code(2) + 1);
    hasStep = bits.take(1) === 1;
  }
  let value = expected(row, before, state.intervalMs);
  if (hasStep) {
    const u = bits.code(state.k.get(row.id) ?? 0);
    state.k.set(row.id, bitsOf(u));
    value += unzigzag(u + 1);
  }
  return checked(row, { ...before, quality, value });
}

function changedRows(bits, rows, state) {
  const isIdle = (row) => state.age.get(row.id) >= 6;
  const idle = rows.filter(isIdle);
  const found = new Set(rows.filter((row) => !isIdle(row) && bits.take(1)));
  if (idle.length && bits.take(1)) for (const row of idle) if (bits.take(1)) found.add(row);
  return found;
}

function next(bits, rows, before, state) {
  if (!bits.take(1)) {
    bits.take(1);
    const u = bits.code(state.intervalK);
    state.intervalMs += unzigzag(u);
    state.intervalK = bitsOf(u);
    if (state.intervalMs < 0 || state.intervalMs >= 2 ** 24) throw new Refused("an interval out of range");
    if (bits.take(1)) state.contact = bits.take(3);
  }
  const changes = changedRows(bits, rows, state);
  const readings = new Map();
  for (const row of rows) {
    const last = before.get(row.id);
    const told = changes.has(row)
      ? changed(bits, row, last, state)
      : checked(row, { ...last, value: expected(row, last, state.intervalMs) });
    state.age.set(row.id, changes.has(row) ? 0 : state.age.get(row.id) + 1);
    readings.set(row.id, told);
  }
  return { intervalMs: state.intervalMs, contact: state.contact, readings };
}

function rowsOf(bits, catalogue) {
  const count = bits.take(6);
  if (count === 0 || count > catalogue.length) throw new Refused("a catalogue that is not known");
  const rows = [...catalogue].sort((one, other) => one.id - other.id).slice(0, count);
  return bits.take(1) ? rows : rows.filter(() => bits.take(1));
}

// [{ ticks_ms, contact, readings: { id: [validity, quality, cause, raw value] } }]; throws Refused.
export function readRun(document, body, ticksMs) {
  const bits = new Bits(body);
  const rows = rowsOf(bits, document.readings);
  const state = { contact: bits.take(3), cause: 0, intervalMs: 2000, intervalK: 0, k: new Map(), age: new Map() };
  const key = new Map();
  for (const row of rows) {
    key.set(row.id, inFull(bits, row, state));
    state.age.set(row.id, 6);
  }
  const found = [{ intervalMs: 0, contact: state.contact, readings: key }];
  while (bits.peek(0) || bits.peek(1)) {
    if (found.length === 64) throw new Refused("more than 64 updates");
    found.push(next(bits, rows, found.at(-1).readings, state));
  }
  if (bits.left >= 8 || bits.take(bits.left)) throw new Refused("no clean end");
  let ticks = ticksMs;
  const updates = [];
  for (const { intervalMs, contact, readings } of found.reverse()) {
    const told = [...readings].map(([id, r]) => [id, [r.validity, r.quality, r.cause, r.value]]);
    updates.unshift({ ticks_ms: ticks, contact, readings: Object.fromEntries(told) });
    ticks = (ticks - intervalMs + 2 ** 32) % 2 ** 32;
  }
  return updates;
}

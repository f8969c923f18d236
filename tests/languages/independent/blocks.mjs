// Compressed blocks, by the section "Compressed blocks" of docs/protocol.md.

import { Refused } from "./frames.mjs";

// Bits of a body, from both of its ends.
class Bits {
  constructor(body) {
    this.body = body;
    this.front = 0;
    this.back = 8 * body.length;
  }

  bit(at) {
    return (this.body[at >> 3] >> (7 - (at & 7))) & 1;
  }

  up(count) {
    if (this.front + count > this.back) throw new Refused("the bits run out");
    let value = 0;
    for (let index = 0; index < count; index += 1) value = value * 2 + this.bit(this.front + index);
    this.front += count;
    return value;
  }

  quotient() {
    let zeros = 0;
    for (;;) {
      if (this.back <= this.front) throw new Refused("the bits run out");
      this.back -= 1;
      if (this.bit(this.back)) return zeros;
      zeros += 1;
      if (zeros > 24) throw new Refused("a quotient above 24");
    }
  }

  finish(most) {
    if (this.back - this.front > most) throw new Refused("bytes are left over");
    for (let at = this.front; at < this.back; at += 1) if (this.bit(at)) throw new Refused("a gap with ones");
  }
}

function signed(value, bits) {
  return value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}

function channelOf(bits, index) {
  const predictor = bits.up(5);
  const k = bits.up(5);
  if (k > 24) throw new Refused("a k above 24");
  return { predictor, k, gain: index ? signed(bits.up(6), 6) : 0, y: [] };
}

function guessOf(weights, y) {
  if (!y.length) return 0;
  const sum = weights.reduce((total, weight, at) => (total + Math.imul(weight, y[at])) | 0, 0);
  return ((sum + 8) | 0) >> 4;
}

function stepOf(bits, channels, table, before) {
  let difference = 0;
  return channels.map((channel, index) => {
    const q = bits.quotient();
    const u = q === 24 ? bits.up(32) : q * 2 ** channel.k + bits.up(channel.k);
    const r = (u >>> 1) ^ -(u & 1);
    const y = (r + guessOf(table[channel.predictor], channel.y)) | 0;
    channel.y = channel.y.length ? [y, ...channel.y.slice(0, 3)] : [y, y, y, y];
    const mix = index ? ((Math.imul(channel.gain, difference) + 4) | 0) >> 3 : 0;
    difference = (y + mix) | 0;
    return (before[index] + difference) | 0;
  });
}

// Samples by step, then by channel; throws Refused.
export function readBlock(document, head, body, shape) {
  const { channel_count: count, sample_bits: width, is_signed: isSigned } = shape;
  const n = head & 0x3ff;
  const bits = new Bits(body);
  const sample = () => (isSigned ? signed(bits.up(width), width) : bits.up(width));
  if (n === 0) throw new Refused("no steps");
  if (head & 0x400) {
    const raw = Array.from({ length: n }, () => Array.from({ length: count }, sample));
    bits.finish(7);
    return raw;
  }
  const table = document.predictors.get(head >> 14);
  if (!table) throw new Refused("an unknown table");
  const channels = Array.from({ length: count }, (_, index) => channelOf(bits, index));
  const steps = [channels.map(sample)];
  for (let i = 1; i < n; i += 1) steps.push(stepOf(bits, channels, table, steps[i - 1]));
  bits.finish(8 * body.length);
  const low = isSigned ? -(2 ** (width - 1)) : 0;
  const isWithin = (value) => value >= low && value < low + 2 ** width;
  if (!steps.flat().every(isWithin)) throw new Refused("a sample beyond its bits");
  return steps;
}

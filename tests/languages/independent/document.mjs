// What docs/protocol.md says of frames: read from its tables, and from nothing else.

import { readFileSync } from "node:fs";

const HEADER_BYTES = 12;
const SIZES = { u8: 1, u16: 2, u24: 3, u32: 4, s8: 1, s16: 2, s32: 4 };

function cellsOf(line) {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}

// The rows of the first table at or after a line, without its head.
function tableAfter(lines, start) {
  let at = start;
  while (!lines[at].startsWith("|")) at += 1;
  const rows = [];
  for (at += 2; lines[at].startsWith("|"); at += 1) rows.push(cellsOf(lines[at]));
  return rows;
}

function fieldOf([offset, name, type, , , since]) {
  const [code] = type.split(" ");
  const sized = /^(text|bytes)\[(\d+)\]$/.exec(code);
  return {
    name: name.replaceAll("`", ""),
    code: sized ? sized[1] : code,
    offset: Number(offset),
    size: sized ? Number(sized[2]) : SIZES[code],
    since: Number(since),
  };
}

function tailOf(row) {
  const [offset, name, type] = row;
  const isItems = type.startsWith("items of");
  if (!isItems && type !== "bytes" && type !== "text") return null;
  return { name: name.replaceAll("`", ""), code: isItems ? "items" : type, offset: Number(offset), items: [] };
}

function leastOf(fields, since, start) {
  return fields.filter((field) => field.since <= since).reduce((sum, field) => sum + field.size, start);
}

function kindOf(lines, at) {
  const [, number, name] = /^### 0x([0-9A-F]{2}) `(\w+)`$/.exec(lines[at]);
  const since = Number(/since version (\d+)\./.exec(lines[at + 2])[1]);
  const rows = tableAfter(lines, at);
  const tail = tailOf(rows.at(-1));
  const fields = (tail ? rows.slice(0, -1) : rows).map(fieldOf);
  if (tail && tail.code === "items") {
    const within = lines.findIndex((line, index) => index > at && line.startsWith(`One of the \`${tail.name}\``));
    tail.items = tableAfter(lines, within).map(fieldOf);
    tail.least = leastOf(tail.items, since, 0);
  }
  return { kind: parseInt(number, 16), name, fields, tail, least: leastOf(fields, since, HEADER_BYTES) };
}

function predictorsOf(lines) {
  const tables = new Map();
  lines.forEach((line, at) => {
    const found = /^Table (\d+):$/.exec(line);
    if (!found) return;
    const cells = tableAfter(lines, at).flatMap((row) => row.slice(1));
    tables.set(Number(found[1]), cells.map((cell) => cell.split(" ").map(Number)));
  });
  return tables;
}

function readingOf([id, , , oneCount, range]) {
  const [minimum, maximum] = range.split("..").map(Number);
  return { id: Number(id), unit: oneCount.split(" ")[1], minimum, maximum };
}

export function readDocument(path) {
  const lines = readFileSync(path, "utf8").split("\n");
  const kinds = new Map();
  lines.forEach((line, at) => {
    if (/^### 0x/.test(line)) {
      const kind = kindOf(lines, at);
      kinds.set(kind.kind, kind);
    }
  });
  const header = tableAfter(lines, lines.indexOf("## Header")).map(fieldOf);
  const readings = tableAfter(lines, lines.indexOf("## Readings")).map(readingOf);
  const version = Number(/What a band and its host say to each other: version (\d+)\./.exec(lines.join(" "))[1]);
  return { version, header, kinds, readings, predictors: predictorsOf(lines) };
}

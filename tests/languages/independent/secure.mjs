// A host of secure sessions, by the section "Secure sessions" of docs/protocol.md: pairs, and comes back by the key.

import {
  createCipheriv, createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman,
  generateKeyPairSync, randomBytes,
} from "node:crypto";
import { connect } from "node:net";
import { hex, readFrame } from "./frames.mjs";
import { packetOf, Packets, Records } from "./link.mjs";

const SECURE_SESSION = 0x80;
const HANDSHAKE = 0x4a;
const STEP = { pairFirst: 1, pairSecond: 2, reveal: 3, confirm: 4, paired: 5, resumeFirst: 6, resumeSecond: 7 };
const SPKI_OF_X25519 = Buffer.from("302a300506032b656e032100", "hex");
const PKCS8_OF_X25519 = Buffer.from("302e020100300506032b656e04220420", "hex");

const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
const hmac = (key, ...parts) => createHmac("sha256", key).update(Buffer.concat(parts)).digest();
const ascii = (text) => Buffer.from(text, "ascii");

function expand(key, purpose, count) {
  let last = Buffer.alloc(0);
  let found = last;
  for (let number = 1; found.length < count; number += 1) {
    last = hmac(key, last, ascii(purpose), Buffer.from([number]));
    found = Buffer.concat([found, last]);
  }
  return found.subarray(0, count);
}

function derived(chain, secret) {
  const key = hmac(chain, secret);
  const first = hmac(key, Buffer.from([1]));
  const second = hmac(key, first, Buffer.from([2]));
  return [first, second, hmac(key, second, Buffer.from([3]))];
}

// The initiator of Noise NN, or of NNpsk0 with a key.
class Noise {
  constructor(prologue, psk, pair = generateKeyPairSync("x25519")) {
    const name = ascii(`Noise_NN${psk ? "psk0" : ""}_25519_ChaChaPoly_SHA256`);
    this.hash = name.length > 32 ? sha256(name) : name;
    this.chain = this.hash;
    this.key = null;
    this.psk = psk;
    this.pair = pair;
    this.mixHash(prologue);
  }

  mixHash(data) {
    this.hash = sha256(this.hash, data);
  }

  mixKey(secret) {
    [this.chain, this.key] = derived(this.chain, secret);
    this.nonce = 0;
  }

  box(make, data) {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32LE(this.nonce, 4);
    this.nonce += 1;
    const box = make("chacha20-poly1305", this.key, nonce, { authTagLength: 16 });
    box.setAAD(this.hash, { plaintextLength: data.length });
    return box;
  }

  first(payload) {
    if (this.psk) {
      const [chain, middle, key] = derived(this.chain, this.psk);
      this.chain = chain;
      this.mixHash(middle);
      this.key = key;
      this.nonce = 0;
    }
    const own = this.pair.publicKey.export({ type: "spki", format: "der" }).subarray(-32);
    this.mixHash(own);
    let sealed = payload;
    if (this.psk) {
      this.mixKey(own);
      const box = this.box(createCipheriv, payload);
      sealed = Buffer.concat([box.update(payload), box.final(), box.getAuthTag()]);
    }
    this.mixHash(sealed);
    return Buffer.concat([own, sealed]);
  }

  second(message) {
    const other = message.subarray(0, 32);
    this.mixHash(other);
    if (this.psk) this.mixKey(other);
    const publicKey = createPublicKey({ key: Buffer.concat([SPKI_OF_X25519, other]), format: "der", type: "spki" });
    this.mixKey(diffieHellman({ privateKey: this.pair.privateKey, publicKey }));
    const sealed = message.subarray(32);
    const box = this.box(createDecipheriv, sealed.subarray(0, -16));
    box.setAuthTag(sealed.subarray(-16));
    const payload = Buffer.concat([box.update(sealed.subarray(0, -16)), box.final()]);
    this.mixHash(sealed);
    return payload;
  }

  split() {
    return derived(this.chain, Buffer.alloc(0)).slice(0, 2);
  }
}

// One direction of sealed records.
class Seal {
  constructor(secret) {
    this.secret = secret;
    this.epoch = 0;
  }

  cipher(make, record, counter) {
    while (this.epoch < counter >>> 12) {
      this.secret = expand(this.secret, "next", 32);
      this.epoch += 1;
    }
    const keys = expand(this.secret, "record", 29);
    const nonce = Buffer.from(keys.subarray(16));
    nonce.writeUInt32BE((nonce.readUInt32BE(9) ^ counter) >>> 0, 9);
    const box = make("aes-128-ccm", keys.subarray(0, 16), nonce, { authTagLength: 8 });
    return { box, header: record.subarray(0, 3) };
  }

  close(record, counter) {
    const { box, header } = this.cipher(createCipheriv, record, counter);
    box.setAAD(header, { plaintextLength: record.length - 3 });
    return Buffer.concat([header, box.update(record.subarray(3)), box.final(), box.getAuthTag()]);
  }

  open(record, counter) {
    const { box, header } = this.cipher(createDecipheriv, record, counter);
    box.setAuthTag(record.subarray(-8));
    box.setAAD(header, { plaintextLength: record.length - 11 });
    try {
      const content = box.update(record.subarray(3, -8));
      box.final();
      return content;
    } catch {
      return null;
    }
  }
}

function prologueOf(version, step, hostHello, bandHello) {
  return Buffer.concat([ascii("vitalband session"), Buffer.from([version, step, hostHello.length]), hostHello, bandHello]);
}

const commitmentOf = (secret) => sha256(ascii("vitalband commitment"), secret);

function codeOf(noise, secret) {
  const number = sha256(ascii("vitalband code"), noise.hash, secret).readBigUInt64BE();
  return String(number % 1000000n).padStart(6, "0");
}

function keyOf(noise) {
  return expand(hmac(Buffer.concat(noise.split()), noise.hash), "vitalband resume", 32);
}

// What the band advertises by this nonce, to those whom it told `told`.
function tokenOf(told, nonce) {
  return Buffer.concat([nonce, hmac(told.subarray(14, 30), nonce).subarray(0, 5)]);
}

// What comes of the worked example's given values, in its order: `given` are all of its values.
export function workedSession(version, given) {
  const [hostKey, , hostHello, bandHello, secret, , second, , , , , answer, nonce, , frame, ...records] = given;
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_OF_X25519, hostKey]), format: "der", type: "pkcs8" });
  const pair = { privateKey, publicKey: createPublicKey(privateKey) };
  const pairing = new Noise(prologueOf(version, STEP.pairFirst, hostHello, bandHello), null, pair);
  const first = pairing.first(commitmentOf(secret));
  pairing.second(second);
  const key = keyOf(pairing);
  const resumption = new Noise(prologueOf(version, STEP.resumeFirst, hostHello, bandHello), key, pair);
  const again = resumption.first(Buffer.alloc(0));
  const told = resumption.second(answer);
  const opened = records.map((record, at) => {
    const seal = new Seal(resumption.split()[1]);
    return seal.open(record, [9, 4096][at]);
  });
  return {
    made: [first, pairing.hash, ascii(codeOf(pairing, secret)), key, again].map(hex),
    told: hex(told),
    token: hex(tokenOf(told, nonce)),
    isOpened: opened.every((content) => content?.equals(frame)),
  };
}

export class SecureHost {
  constructor(document, port, name) {
    this.document = document;
    this.name = ascii(name);
    this.told = { steps: [], replies: [], live: [] };
    this.count = (what, by = 1) => {
      this.told[what] = (this.told[what] ?? 0) + by;
    };
    this.packets = new Packets(this.count);
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("data", (bytes) => this.take(bytes));
  }

  // A pairing, then a resumption; what was told, as soon as both have brought a reply.
  run() {
    return new Promise((resolve, reject) => {
      this.done = () => {
        this.socket.destroy();
        resolve(this.told);
      };
      this.socket.on("error", reject);
      this.begin();
    });
  }

  begin() {
    this.session = randomBytes(8);
    this.counter = 0;
    this.seal = null;
    this.records = new Records(this.count, () => {});
    const version = this.document.version;
    this.hello = Buffer.alloc(33);
    this.hello.set([1, version, version, 0, 4, SECURE_SESSION]);
    this.hello.set(this.session, 17);
    this.send(0x20, 0x40, this.hello);
  }

  send(type, kind, payload) {
    const frame = Buffer.concat([Buffer.from([this.document.version, kind]), Buffer.alloc(10), payload]);
    const head = Buffer.from([type | (this.seal ? 0x10 : 0), this.counter & 0xff, (this.counter >> 8) & 0xff, 0, 0]);
    head.writeUInt16LE(frame.length, 3);
    const record = Buffer.concat([head, frame]);
    this.socket.write(packetOf(this.seal ? this.seal.close(record, this.counter) : record));
    this.counter += 1;
  }

  say(step, message = Buffer.alloc(0)) {
    this.send(0, HANDSHAKE, Buffer.concat([Buffer.from([step]), message]));
  }

  take(bytes) {
    for (const record of this.packets.take(bytes)) {
      for (const frame of this.records.take(record, Date.now())) this.takeFrame(Buffer.from(frame));
    }
  }

  takeFrame(frame) {
    const { kind, values } = readFrame(this.document, frame);
    if (kind?.name === "hello") this.takeHello(frame.subarray(12));
    else if (kind?.name === "handshake") this.takeStep(values.step, frame.subarray(13));
    else if (kind?.name === "time_reply") this.takeReply(values);
    else this.told.live.push(hex(frame));
  }

  takeHello(theirs) {
    const step = this.key ? STEP.resumeFirst : STEP.pairFirst;
    this.noise = new Noise(prologueOf(this.document.version, step, this.hello, theirs), this.key);
    this.secret = randomBytes(16);
    this.say(step, this.noise.first(this.key ? Buffer.alloc(0) : commitmentOf(this.secret)));
  }

  takeStep(step, message) {
    this.told.steps.push(step);
    if (step === STEP.pairSecond) {
      this.takeSecond(message);
      this.told.code = codeOf(this.noise, this.secret);
      this.say(STEP.reveal, Buffer.concat([this.secret, this.name]));
      this.say(STEP.confirm);
      this.key = keyOf(this.noise);
      this.told.key = hex(this.key);
    } else if (step === STEP.paired) {
      this.told.paired = hex(message);
      this.ask();
    } else if (step === STEP.resumeSecond) {
      this.told.resumed = hex(this.takeSecond(message));
      this.say(STEP.confirm);
      this.ask();
    }
  }

  takeSecond(message) {
    const payload = this.noise.second(message);
    const [own, theirs] = this.noise.split();
    this.seal = new Seal(own);
    this.records.seal = new Seal(theirs);
    return payload;
  }

  ask() {
    this.send(0, 0x43, Buffer.from([9, 0, 0, 0, 0, 0]));
  }

  takeReply(values) {
    this.told.replies.push(values.request_id);
    if (this.told.replies.length === 2) this.done();
    else this.begin();
  }
}

import { hostBytes, isV6Host } from '../../protocol/message/host.ts';
import { encodeProperties, MAX_PROPERTIES_SIZE } from '../../protocol/message/properties.ts';
import { encodeStoredMessage, type StoredMessageFields } from '../../protocol/message/stored-encoder.ts';
import { StoredField, StoredMagic } from '../../protocol/message/stored-layout.ts';
import { SysFlag } from '../../protocol/message/sys-flag.ts';
import { writeInt32 } from '../../protocol/serialization/integers.ts';
import type { StoredBytes } from './records.ts';

const slabSize = 1024 * 1024;
/** Larger messages get a buffer of their own. */
const mostInSlab = 64 * 1024;
/** Hosts and topics whose bytes are kept. */
const mostKnown = 1_000;
/** Bytes of a record but for hosts, body, topic and properties. */
const fixedSize = 90;

/**
 * Writes records as `encodeStoredMessage` does, one after another into large buffers: a buffer for each would cost the
 * garbage collector more than all the rest of a send. What is rare is left to `encodeStoredMessage`. Checksums of bodies are left
 * out: `StoredRecord` adds them.
 */
export class RecordWriter {
  readonly #hosts = new Map<string, Buffer>();
  readonly #topics = new Map<string, Buffer>();
  #slab = Buffer.alloc(0);
  #at = 0;

  write(fields: StoredMessageFields): StoredBytes {
    const { body, properties, bornHost, storeHost } = fields;
    const text = typeof properties === 'string' ? properties : encodeProperties(properties);
    const topic = known(this.#topics, fields.topic, utf8);
    const isRare = isV6Host(bornHost) || isV6Host(storeHost) || topic.length > 127;
    if (isRare || body.length > mostInSlab || text.length * 3 > MAX_PROPERTIES_SIZE)
      return onItsOwn(encodeStoredMessage(fields));
    const start = this.#reserve(fixedSize + 16 + body.length + topic.length + text.length * 3);
    const slab = this.#slab;
    writeFixed(slab, start, fields);
    slab.set(known(this.#hosts, bornHost, hostBytes), start + StoredField.bornHost);
    slab.set(known(this.#hosts, storeHost, hostBytes), start + StoredField.bornHost + 16);
    let at = start + StoredField.bornHost + 24;
    writeInt32(slab, at, fields.reconsumeTimes);
    writeLong(slab, at + 4, fields.preparedTransactionOffset);
    writeInt32(slab, at + 12, body.length);
    at += 16;
    const bodyAt = at - start;
    slab.set(body, at);
    at += body.length;
    slab[at++] = topic.length;
    slab.set(topic, at);
    at += topic.length;
    const length = slab.write(text, at + 2, 'utf8');
    slab[at] = length >> 8;
    slab[at + 1] = length;
    this.#at = at + 2 + length;
    const size = this.#at - start;
    writeInt32(slab, start, size);
    return { slab, start, size, unsummedAt: bodyAt };
  }

  #reserve(size: number): number {
    if (this.#at + size > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(slabSize);
      this.#at = 0;
    }
    return this.#at;
  }
}

const onItsOwn = (slab: Buffer): StoredBytes => ({
  slab,
  start: 0,
  size: slab.length,
  unsummedAt: 0,
});

function writeFixed(bytes: Buffer, start: number, fields: StoredMessageFields): void {
  const families = SysFlag.bornHostV6 | SysFlag.storeHostV6;
  writeInt32(bytes, start + StoredField.magic, StoredMagic.v1);
  writeInt32(bytes, start + StoredField.queueId, fields.queueId);
  writeInt32(bytes, start + StoredField.flag, fields.flag);
  writeLong(bytes, start + StoredField.queueOffset, fields.queueOffset);
  writeLong(bytes, start + StoredField.commitLogOffset, fields.commitLogOffset);
  writeInt32(bytes, start + StoredField.sysFlag, fields.sysFlag & ~families);
  writeLong(bytes, start + StoredField.bornTimestamp, fields.bornTimestamp);
  writeLong(bytes, start + StoredField.bornHost + 8, fields.storeTimestamp);
}

function writeLong(bytes: Buffer, at: number, value: number): void {
  writeInt32(bytes, at, Math.floor(value / 0x1_0000_0000));
  writeInt32(bytes, at + 4, value | 0);
}

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');

function known(table: Map<string, Buffer>, text: string, make: (text: string) => Buffer): Buffer {
  const found = table.get(text);
  if (found !== undefined) return found;
  if (table.size >= mostKnown) table.clear();
  const bytes = make(text);
  table.set(text, bytes);
  return bytes;
}

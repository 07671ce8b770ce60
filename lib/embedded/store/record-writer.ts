import { hostBytes } from '../../../protocol/message/host.ts';
import { encodeProperties, MAX_PROPERTIES_SIZE } from '../../../protocol/message/properties.ts';
import { encodeStoredMessage, type StoredMessageFields } from '../../../protocol/message/stored-encoder.ts';
import { StoredField, StoredMagic } from '../../../protocol/message/stored-layout.ts';
import { SysFlag } from '../../../protocol/message/sys-flag.ts';
import { writeInt32 } from '../../../protocol/serialization/integers.ts';

const firstSlab = 1024 * 1024;
/** Each slab is twice as large as the one before, up to this size: the garbage collector runs whenever some megabytes were taken, in however many pieces. */
const largestSlab = 64 * 1024 * 1024;
/** The part of a slab that one message may take; larger ones get a buffer of their own. */
const shareOfSlab = 1 / 16;
/** Bytes of a record but for body, topic and properties. */
const fixedSize = 91;

/** Where the bytes of a message are. */
export interface StoredBytes {
  /** Holds other messages too. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly size: number;
}

/**
 * Writes records as `encodeStoredMessage` does, one after another into large buffers: a buffer for each would cost the
 * garbage collector more than all the rest of a send. What is rare is left to `encodeStoredMessage`. Checksums of bodies are left
 * out: `StoredRecord` adds them.
 */
export class RecordWriter {
  readonly #topic = new LastText((text) => Buffer.from(text, 'utf8'));
  readonly #bornHost = new LastText(hostBytes);
  readonly #storeHost = new LastText(hostBytes);
  readonly #largest: number;
  #slabSize: number;
  #slab = Buffer.alloc(0);
  #at = 0;

  /** @param largest bytes that a slab may have; at most 64 MiB */
  constructor(largest = largestSlab) {
    this.#largest = Math.floor(Math.min(largest, largestSlab));
    this.#slabSize = Math.min(firstSlab, this.#largest);
  }

  /** @param moreProperties in the encoded form, to follow those of the message */
  write(fields: StoredMessageFields, moreProperties: Buffer = none): StoredBytes {
    const { body, properties, bornHost, storeHost } = fields;
    const text = typeof properties === 'string' ? properties : encodeProperties(properties);
    const topic = this.#topic.bytesOf(fields.topic);
    const [born, store] = [this.#bornHost.bytesOf(bornHost), this.#storeHost.bytesOf(storeHost)];
    const isRare = born.length > 8 || store.length > 8 || topic.length > 127;
    const mostProperties = text.length * 3 + moreProperties.length;
    const most = fixedSize + body.length + topic.length + mostProperties;
    if (isRare || most > this.#slabSize * shareOfSlab || mostProperties > MAX_PROPERTIES_SIZE)
      return onItsOwn(encodeStoredMessage({ ...fields, properties: text + moreProperties.toString() }));
    const start = this.#reserve(most);
    const slab = this.#slab;
    writeFixed(slab, start, fields);
    slab.set(born, start + StoredField.bornHost);
    slab.set(store, start + StoredField.bornHost + 16);
    let at = start + StoredField.bornHost + 24;
    writeInt32(slab, at, fields.reconsumeTimes);
    writeLong(slab, at + 4, fields.preparedTransactionOffset);
    writeInt32(slab, at + 12, body.length);
    at += 16;
    slab.set(body, at);
    at += body.length;
    slab[at++] = topic.length;
    slab.set(topic, at);
    at += topic.length;
    const own = slab.write(text, at + 2, 'utf8');
    slab.set(moreProperties, at + 2 + own);
    const length = own + moreProperties.length;
    slab[at] = length >> 8;
    slab[at + 1] = length;
    this.#at = at + 2 + length;
    const size = this.#at - start;
    writeInt32(slab, start, size);
    return { bytes: slab, start, size };
  }

  #reserve(size: number): number {
    if (this.#at + size > this.#slab.length) {
      if (this.#at > 0) this.#slabSize = Math.min(this.#slabSize * 2, this.#largest);
      this.#slab = Buffer.allocUnsafeSlow(this.#slabSize);
      this.#at = 0;
    }
    return this.#at;
  }
}

const onItsOwn = (bytes: Buffer): StoredBytes => ({ bytes, start: 0, size: bytes.length });

function writeFixed(bytes: Buffer, start: number, fields: StoredMessageFields): void {
  const families = SysFlag.bornHostV6 | SysFlag.storeHostV6;
  writeInt32(bytes, start + StoredField.magic, StoredMagic.v1);
  writeInt32(bytes, start + StoredField.bodyCrc, 0);
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

const none = Buffer.alloc(0);

/** Bytes of texts, most of which are the one before. */
class LastText {
  readonly #make: (text: string) => Buffer;
  #text: string | undefined;
  #bytes: Buffer = none;

  constructor(make: (text: string) => Buffer) {
    this.#make = make;
  }

  bytesOf(text: string): Buffer {
    if (text !== this.#text) {
      this.#bytes = this.#make(text);
      this.#text = text;
    }
    return this.#bytes;
  }
}

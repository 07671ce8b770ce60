/**
 * What the same work costs when it is written out by hand for one header and nothing is checked: the floor that the
 * codec is compared with.
 */
export class SendFloor {
  readonly #template: Buffer;
  readonly #target = Buffer.alloc(65_536);
  readonly #opaqueAt: number;
  readonly #queueAt: number;
  readonly #timeAt: number;
  readonly #keyAt: number;
  #at = 0;

  /** `frame`: a whole frame; the places of what varies are found by its text. */
  constructor(frame: Buffer, opaqueAt: number, queueId: string, time: string, key: string) {
    this.#template = frame;
    this.#opaqueAt = opaqueAt;
    this.#queueAt = frame.indexOf(queueId) + queueId.length - 1;
    this.#timeAt = frame.indexOf(time);
    this.#keyAt = frame.indexOf(key);
  }

  /** Copies the template and stores opaque, queue id, time and the message's id in it. */
  append(opaque: number, queueId: number, time: number, key: string): void {
    const { length } = this.#template;
    if (this.#at + length > this.#target.length) this.#at = 0;
    const target = this.#target;
    const at = this.#at;
    target.set(this.#template, at);
    target[at + this.#opaqueAt] = opaque >> 24;
    target[at + this.#opaqueAt + 1] = opaque >> 16;
    target[at + this.#opaqueAt + 2] = opaque >> 8;
    target[at + this.#opaqueAt + 3] = opaque;
    target[at + this.#queueAt] = 48 + queueId;
    let rest = (time % 1e9) | 0;
    for (let place = at + this.#timeAt + 12; place > at + this.#timeAt + 3; place--) {
      const next = (rest / 10) | 0;
      target[place] = 48 + rest - next * 10;
      rest = next;
    }
    for (let index = 0; index < key.length; index++) target[at + this.#keyAt + index] = key.charCodeAt(index);
    this.#at = at + length;
  }
}

type FastBuffer = Buffer & { latin1Slice(start: number, end: number): string };

function digits(frame: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + (frame[at] ?? 0) - 48;
  return value;
}

/** Reads the numbers of a pull answer from a binary header whose fields come in the expected order, by skipping names. */
export function readPullFloor(frame: Buffer): object {
  const broker = 8 + 21 + 2 + 20 + 4;
  const next = broker + (frame[broker - 1] ?? 0) + 2 + 15 + 4;
  const min = next + (frame[next - 1] ?? 0) + 2 + 9 + 4;
  const max = min + (frame[min - 1] ?? 0) + 2 + 9 + 4;
  return {
    suggestWhichBrokerId: digits(frame, broker, next - 21),
    nextBeginOffset: digits(frame, next, min - 15),
    minOffset: digits(frame, min, max - 15),
    maxOffset: digits(frame, max, max + (frame[max - 1] ?? 0)),
  };
}

/** Reads a send answer from a binary header whose fields come in the expected order. */
export function readSendFloor(frame: Buffer): object {
  const bytes = frame as FastBuffer;
  const id = 8 + 21 + 2 + 5 + 4;
  const queue = id + (frame[id - 1] ?? 0) + 2 + 7 + 4;
  const offset = queue + (frame[queue - 1] ?? 0) + 2 + 11 + 4;
  const transaction = offset + (frame[offset - 1] ?? 0) + 2 + 13 + 4;
  return {
    msgId: bytes.latin1Slice(id, queue - 13),
    queueId: digits(frame, queue, offset - 17),
    queueOffset: digits(frame, offset, transaction - 19),
    transactionId: bytes.latin1Slice(transaction, transaction + (frame[transaction - 1] ?? 0)),
  };
}

/** Slices each message's body from a pull answer: the lower bound. */
export function sliceBodies(body: Buffer): Buffer | undefined {
  let last: Buffer | undefined;
  for (let at = 0; at < body.length; at += body.readInt32BE(at)) {
    const size = body.readInt32BE(at + 84);
    last = body.subarray(at + 88, at + 88 + size);
  }
  return last;
}

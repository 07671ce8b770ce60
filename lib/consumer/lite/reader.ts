import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Deliveries, Holder } from './deliveries.ts';
import type { BufferWait, Delivery, MessageBuffer } from './message-buffer.ts';

/** When a message that was given out counts as consumed: `next`, when the reader asks for the next; `manual`, when `ack` is called with it. */
export type AckMode = 'next' | 'manual';

/** One who is given messages: each `poll` in turn, or one loop over the messages. */
export class Reader implements Holder {
  readonly #clock: Pick<Clock, 'uptime'>;
  readonly #buffer: MessageBuffer;
  readonly #deliveries: Deliveries;
  readonly #mode: AckMode;
  /** What was given out last, in the mode `next`. */
  #held: readonly Delivery[] = [];
  #heldSince = 0;
  #isClosed = false;

  constructor(
    clock: Pick<Clock, 'uptime'>,
    parts: { readonly buffer: MessageBuffer; readonly deliveries: Deliveries },
    mode: AckMode,
  ) {
    this.#clock = clock;
    this.#buffer = parts.buffer;
    this.#deliveries = parts.deliveries;
    this.#mode = mode;
    if (mode === 'next') this.#deliveries.follow(this);
  }

  /** What was given out before is consumed; up to `limit` more. None when the time is over or the consumer shuts down. */
  async read(limit: number, wait: BufferWait): Promise<ReceivedMessage[]> {
    wait.signal?.throwIfAborted();
    this.ack();
    const ready = this.#buffer.take(limit);
    if (ready.length > 0) return this.#give(ready);
    const deliveries = await this.#buffer.wait(limit, wait);
    // Since they were taken, a turn of the microtasks ago, the reader or an ownership may have ended.
    const isValid = ({ owned }: Delivery): boolean => owned.isConsumable && !this.#isClosed;
    const valid = deliveries.filter(isValid);
    if (valid.length === deliveries.length) return this.#give(valid);
    this.#buffer.giveBack(deliveries.filter((delivery) => !isValid(delivery)));
    return valid.length > 0 || this.#isClosed ? this.#give(valid) : this.read(limit, wait);
  }

  /** All that was given out, or that part of it, is consumed. */
  ack(isMeant: (delivery: Delivery) => boolean = () => true): void {
    const consumed = this.#held.filter(isMeant);
    if (consumed.length === 0) return;
    this.#held = this.#held.filter((delivery) => !isMeant(delivery));
    this.#deliveries.ack(consumed, (this.#clock.uptime() - this.#heldSince) / consumed.length);
  }

  /** Reads no more. What was given out and is not consumed is given to another reader. */
  close(): void {
    this.#isClosed = true;
    this.#deliveries.unfollow(this);
    const held = this.#held;
    this.#held = [];
    this.#buffer.giveBack(held);
  }

  #give(deliveries: readonly Delivery[]): ReceivedMessage[] {
    if (this.#mode === 'next') this.#held = [...this.#held, ...deliveries];
    this.#heldSince = this.#clock.uptime();
    return this.#deliveries.hand(deliveries);
  }
}

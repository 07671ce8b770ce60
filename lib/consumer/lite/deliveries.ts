import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { UserNames } from '../../instance/user-names.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import { shortened } from '../namespaced-listener.ts';
import type { Delivery, MessageBuffer } from './message-buffer.ts';

/** One who holds messages that are consumed as soon as he asks for more. */
export interface Holder {
  /** All that he holds, or that part of it, is consumed. */
  ack(isMeant?: (delivery: Delivery) => boolean): void;
}

/** What the user was given, and when it counts as consumed. */
export class Deliveries {
  readonly #consumer: Pick<ConsumerContext, 'clock' | 'stats'>;
  readonly #buffer: MessageBuffer;
  readonly #onRoom: () => void;
  readonly #names: UserNames;
  readonly #byMessage = new WeakMap<ReceivedMessage, Delivery>();
  readonly #holders = new Set<Holder>();

  /** @param onRoom called when something was consumed @param names those that users see of topics */
  constructor(
    consumer: Pick<ConsumerContext, 'clock' | 'stats'>,
    buffer: MessageBuffer,
    onRoom: () => void,
    names = new UserNames(undefined),
  ) {
    this.#names = names;
    this.#consumer = consumer;
    this.#buffer = buffer;
    this.#onRoom = onRoom;
  }

  /** The user is given these. */
  hand(deliveries: readonly Delivery[]): ReceivedMessage[] {
    const now = this.#consumer.clock.now();
    return deliveries.map((delivery) => {
      const { owned, entry } = delivery;
      owned.lastConsumeAt = now;
      this.#byMessage.set(entry.message, delivery);
      return shortened(this.#names, entry.message);
    });
  }

  /** One message is consumed, whoever was given it. False if that has no effect: its queue was given up or moved to another offset, or it is consumed already. */
  ackMessage(message: ReceivedMessage): boolean {
    const delivery = this.#byMessage.get(message);
    if (delivery === undefined || delivery.owned.isEnded || delivery.entry.done) return false;
    this.#buffer.reclaim(delivery);
    this.ack([delivery], 0);
    return true;
  }

  /** These are consumed. `took` is the time that each took, in ms. */
  ack(deliveries: readonly Delivery[], took: number): void {
    const { stats } = this.#consumer;
    for (const { owned, entry } of deliveries) {
      const { topic } = owned.queue;
      if (owned.isEnded) stats.void(topic, 1);
      else if (!entry.done) {
        owned.process.complete(entry);
        stats.consumed(topic, 1, took);
        owned.settled();
      }
    }
    this.#onRoom();
  }

  /** Whoever reads without acknowledging each message. */
  follow(holder: Holder): void {
    this.#holders.add(holder);
  }

  unfollow(holder: Holder): void {
    this.#holders.delete(holder);
  }

  /** All that these were given, or that part of it, is consumed. */
  ackHeld(isMeant?: (delivery: Delivery) => boolean): void {
    for (const holder of this.#holders) holder.ack(isMeant);
  }

  /** Whether a message that was handed out still belongs to an ownership of this member. */
  isValid(message: ReceivedMessage): boolean {
    return this.#byMessage.get(message)?.owned.isEnded === false;
  }
}

import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { Reader } from './reader.ts';

/**
 * One loop over the messages: `for await (const message of consumer.messages())`. A message counts as consumed when the next one is asked for;
 * a loop that is left (break, return, throw) leaves its last message unconsumed. Ends when the consumer shuts down.
 */
export class MessageIterator implements AsyncIterableIterator<ReceivedMessage, undefined> {
  readonly #reader: Reader;
  readonly #left = new AbortController();
  readonly #wait: { readonly signal: AbortSignal };
  #isOver = false;

  /** @param signal leaves the loop with its reason */
  constructor(reader: Reader, signal?: AbortSignal) {
    this.#reader = reader;
    const left = this.#left.signal;
    this.#wait = { signal: signal === undefined ? left : AbortSignal.any([signal, left]) };
  }

  async next(): Promise<IteratorResult<ReceivedMessage, undefined>> {
    if (this.#isOver) return { done: true, value: undefined };
    try {
      const [message] = await this.#reader.read(1, this.#wait);
      if (message !== undefined) return { done: false, value: message };
    } catch (error) {
      if (!this.#left.signal.aborted) {
        this.#end();
        throw error;
      }
    }
    this.#end();
    return { done: true, value: undefined };
  }

  /** Leaves the loop; whoever waits for a message waits no more. */
  async return(): Promise<IteratorResult<ReceivedMessage, undefined>> {
    this.#end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<ReceivedMessage, undefined>> {
    this.#end();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    this.#left.abort();
    this.#reader.close();
  }
}

import { Readable } from 'node:stream';

import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';

/** What a stream reads from. */
export interface MessageSource {
  next(): Promise<IteratorResult<ReceivedMessage, undefined>>;
  /** Reads no more. */
  close(): void;
  /** Whether a message that was read may still be given to the user. */
  isValid(message: ReceivedMessage): boolean;
}

/**
 * Messages as a stream of objects that reads nothing ahead: the next message is asked for, and the one before thereby consumed, when the reader
 * of the stream asks. What its queue was given up for meanwhile is not given any more. Destroyed, it leaves its last message unconsumed.
 */
export class MessageStream extends Readable {
  readonly #source: MessageSource;

  constructor(source: MessageSource) {
    super({ objectMode: true, highWaterMark: 0 });
    this.#source = source;
  }

  override _read(): void {
    this.#source.next().then(
      ({ done, value }) => void this.push(done === true ? null : value),
      (error: unknown) => this.destroy(error as Error),
    );
  }

  override read(size?: number): ReceivedMessage | null {
    for (;;) {
      const message = super.read(size) as ReceivedMessage | null;
      if (message === null || this.#source.isValid(message)) return message;
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#source.close();
    done(error);
  }
}

import { ConnectionClosedError } from '../errors.ts';

/** Milliseconds without a byte, while something was asked, after which a connection is given up. */
const longestSilence = 3_000;

/**
 * Tells a peer that is slow from one that is gone without a word (cable, firewall, frozen host). One timeout says
 * nothing; a second one, with nothing read since before the first request was sent, does. Java closes the channel at
 * the first timeout (`closeSocketIfTimeout`).
 */
export class SilenceDetector {
  #lastRead = 0;
  #struck = false;

  /** Something was read. */
  hear(now: number): void {
    this.#lastRead = now;
    this.#struck = false;
  }

  /** Requests timed out, the oldest of them sent at `sentAt`. Whether the connection is to be given up. */
  timedOut(sentAt: number, now: number): boolean {
    const struck = this.#struck;
    this.#struck = true;
    if (!struck) this.#lastRead = Math.max(this.#lastRead, sentAt);
    return struck && now - this.#lastRead > longestSilence;
  }

  error(address: string): Error {
    return new ConnectionClosedError(address, true, {
      cause: new Error('Nothing was heard while several requests timed out'),
    });
  }
}

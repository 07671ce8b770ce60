import type { PendingRequest } from './pending-request.ts';

/** A power of two, so that a slot is a mask away. */
const slots = 1_024;

/** Copied for each connection: to make one afresh takes fifty times as long. */
const emptyRing: readonly (PendingRequest | undefined)[] = Array.from({ length: slots });

/** How many requests that were given up are remembered, to tell a late answer from one nobody asked for. */
const remembered = 4_096;

/** Requests of one connection that wait for their answers, by opaque. */
export class InFlight {
  /** Opaques are consecutive, so that a slot is free again long before its turn; if not, there is the map. */
  readonly #ring = emptyRing.slice();
  readonly #overflow = new Map<number, PendingRequest>();
  readonly #givenUp = new Set<number>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(request: PendingRequest): void {
    const { opaque } = request.command;
    const slot = opaque & (slots - 1);
    if (this.#ring[slot] === undefined) this.#ring[slot] = request;
    else this.#overflow.set(opaque, request);
    this.#size++;
  }

  /** The request that an answer is for, which it then no longer waits for. */
  take(opaque: number): PendingRequest | undefined {
    const slot = opaque & (slots - 1);
    const request = this.#ring[slot];
    if (request !== undefined && request.command.opaque === opaque) {
      this.#ring[slot] = undefined;
      this.#size--;
      return request;
    }
    const other = this.#overflow.get(opaque);
    if (other !== undefined && this.#overflow.delete(opaque)) this.#size--;
    return other;
  }

  /** Stops waiting; an answer that comes nevertheless is late. `false` if it did not wait. */
  giveUp(opaque: number): boolean {
    if (this.take(opaque) === undefined) return false;
    if (this.#givenUp.size >= remembered)
      for (const oldest of this.#givenUp.keys()) if (this.#givenUp.delete(oldest)) break;
    this.#givenUp.add(opaque);
    return true;
  }

  /** Whether an answer without a request is the answer to one that was given up. Says so once. */
  wasGivenUp(opaque: number): boolean {
    return this.#givenUp.delete(opaque);
  }

  /** All that wait, in no order. */
  list(): PendingRequest[] {
    const ring = this.#size === 0 ? [] : this.#ring.filter((request) => request !== undefined);
    return [...ring, ...this.#overflow.values()];
  }
}

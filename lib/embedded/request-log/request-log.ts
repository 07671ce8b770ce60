import type { RemotingCommand } from '../../../protocol/remoting-command.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { LoggedRequest, RequestFilter } from './logged-request.ts';
import { headerRoom, RequestSlot } from './request-slot.ts';

/** The last requests, oldest first. */
export class RequestLog {
  readonly #size: number;
  readonly #room: number;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #onAdded: (slot: RequestSlot) => void;
  readonly #slots: RequestSlot[] = [];
  #headers: Buffer | undefined;
  /** How many requests there were. */
  #count = 0;
  /** The oldest that was not forgotten. */
  #first = 0;

  /** @param onAdded is told of each request, with its slot */
  constructor(size: number, clock: Pick<Clock, 'now'>, onAdded: (slot: RequestSlot) => void) {
    this.#size = size;
    this.#room = Math.max(1, size);
    this.#clock = clock;
    this.#onAdded = onAdded;
  }

  /** Takes down a request that a client has sent; answers its number. */
  incoming(server: string, client: string, command: RemotingCommand): number {
    const number = this.#count++;
    const slot = this.#slot(number);
    slot.incoming(number, this.#clock.now(), server, client, command);
    this.#onAdded(slot);
    return number;
  }

  /** Takes down a request that goes to a client; answers its number. */
  outgoing(
    server: string,
    client: string,
    command: Pick<RemotingCommand, 'code' | 'extFields' | 'flag'>,
  ): number {
    const number = this.#count++;
    const slot = this.#slot(number);
    slot.outgoing(number, this.#clock.now(), server, client, command);
    this.#onAdded(slot);
    return number;
  }

  /** A request was answered. */
  settle(number: number, code: number, remark: string | undefined): void {
    const slot = this.#slots[number % this.#room];
    if (slot?.number === number) slot.settle(this.#clock.now(), code, remark);
  }

  /** As they are now. */
  select(filter: RequestFilter = {}): LoggedRequest[] {
    const found: LoggedRequest[] = [];
    const oldest = Math.max(this.#first, this.#count - this.#size);
    for (let number = oldest; number < this.#count; number++) {
      const slot = this.#slots[number % this.#room];
      if (slot?.fits(filter) === true) found.push(slot.read());
    }
    return found;
  }

  clear(): void {
    this.#first = this.#count;
  }

  /** The slot of a request; it was the slot of the one that was as many requests ago as there are slots. */
  #slot(number: number): RequestSlot {
    const index = number % this.#room;
    return (this.#slots[index] ??= new RequestSlot(this.#header(index)));
  }

  #header(index: number): Buffer {
    this.#headers ??= Buffer.allocUnsafeSlow(this.#room * headerRoom);
    return this.#headers.subarray(index * headerRoom, (index + 1) * headerRoom);
  }
}

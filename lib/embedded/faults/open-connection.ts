import { encodeCommand, type OutgoingCommand } from '../../../protocol/frame.ts';
import type { ServerConnection } from '../../remoting/remoting-server.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';
import type { ControlVerdict } from './control.ts';
import type { FaultyChannel } from './faulty-channel.ts';
import { Timers } from '../timers.ts';

/** How long an answer waits for others to overtake it, in ms. */
const defaultWithin = 1_000;

interface Overtaken {
  left: number;
  readonly write: () => void;
  readonly timer: Timer;
}

/** A client's connection as a server of the cluster holds it: frames leave it as they are, or with a fault. */
export class OpenConnection {
  readonly #connection: ServerConnection;
  readonly #channel: FaultyChannel | undefined;
  readonly #timers: Timers;
  #overtaken: Overtaken[] = [];

  constructor(connection: ServerConnection, channel: FaultyChannel | undefined, clock: Clock) {
    this.#connection = connection;
    this.#channel = channel;
    this.#timers = new Timers(clock);
  }

  /** Sends a frame with the faults of a verdict. */
  send(command: OutgoingCommand, verdict: ControlVerdict | undefined): void {
    if (verdict === undefined) this.#connection.send(command);
    else if (verdict.late !== undefined)
      this.#timers.after(verdict.late, () => this.#sendOrWait(command, verdict));
    else this.#sendOrWait(command, verdict);
    if (this.#overtaken.length > 0) this.#letGo(verdict);
  }

  /** Ends the connection after so many ms. */
  expire(ms: number): void {
    this.#timers.after(ms, () => this.#connection.close(new Error(`Closed by the cluster after ${ms} ms`)));
  }

  /** The connection is gone. */
  forget(): void {
    this.#timers.cancelAll();
    this.#overtaken = [];
  }

  #sendOrWait(command: OutgoingCommand, verdict: ControlVerdict): void {
    const write = (): void => this.#write(command, verdict);
    if (verdict.behind === undefined) return write();
    const timer = this.#timers.after(verdict.within ?? defaultWithin, () => {
      this.#overtaken = this.#overtaken.filter((each) => each.timer !== timer);
      write();
    });
    this.#overtaken.push({ left: verdict.behind, write, timer });
  }

  /** One more frame has left; those that waited for it go. */
  #letGo(verdict: ControlVerdict | undefined): void {
    if (verdict?.behind !== undefined) return;
    for (const each of this.#overtaken) each.left--;
    const free = this.#overtaken.filter((each) => each.left <= 0);
    this.#overtaken = this.#overtaken.filter((each) => each.left > 0);
    for (const { timer, write } of free) {
      this.#timers.cancel(timer);
      write();
    }
  }

  #write(command: OutgoingCommand, verdict: ControlVerdict): void {
    if (verdict.stray === true) this.#connection.send({ ...command, opaque: 0x7f_ff_ff_00 });
    for (let copies = verdict.copies ?? 1; copies > 0; copies--) this.#writeOnce(command, verdict);
  }

  #writeOnce(command: OutgoingCommand, verdict: ControlVerdict): void {
    const channel = this.#channel;
    const { corrupt, slice, pace = 0 } = verdict;
    const isWhole = corrupt === undefined && slice === undefined && verdict.close !== 'middle';
    if (channel === undefined || isWhole) return this.#connection.send(command);
    // Frames before this one are in the connection's buffer still; their answers are not in danger of this one.
    const frame = encodeCommand(command);
    if (corrupt !== undefined) {
      const place = corrupt < 0 ? frame.length + corrupt : corrupt;
      frame[place] = (frame[place] ?? 0) ^ 0xff;
    }
    if (verdict.close === 'middle') channel.breakOff(frame.subarray(0, verdict.at ?? frame.length >> 1));
    else if (slice !== undefined) channel.writePieces(frame, Math.max(1, slice), pace);
    else channel.write(frame);
  }
}

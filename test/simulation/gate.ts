import { sleepBy, type Clock, type Timer } from '../../lib/runtime/clock.ts';
import type { MemoryNetwork } from '../../lib/remoting/memory-transport.ts';
import type { Channel, ChannelHandler, ConnectOptions, Transport } from '../../lib/remoting/transport.ts';

/** The process of one member: whatever reaches it passes here, and waits while it is frozen. */
export class Gate {
  readonly #clock: Clock;
  #isShut = false;
  #held: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isShut(): boolean {
    return this.#isShut;
  }

  /** Now, or when the process runs again. */
  pass(run: () => void): void {
    if (this.#isShut) this.#held.push(run);
    else run();
  }

  /** SIGSTOP: nothing that happens to the process is noticed by it. */
  shut(): void {
    this.#isShut = true;
  }

  /** SIGCONT: everything at once, in order, each with its consequences. */
  open(): void {
    this.#isShut = false;
    const held = this.#held;
    this.#held = [];
    for (const run of held) this.#clock.timer(0, () => this.pass(run));
  }
}

/** Fires when its time has come and its process runs. */
class GatedTimer implements Timer {
  readonly #timer: Timer;
  readonly #onOver: () => void;
  #run: (() => void) | undefined;

  constructor(clock: Clock, gate: Gate, ms: number, run: () => void, onOver: () => void) {
    this.#run = run;
    this.#onOver = onOver;
    this.#timer = clock.timer(ms, () => gate.pass(() => this.#end()?.()));
  }

  cancel(): void {
    this.#end();
    this.#timer.cancel();
  }

  /** What was to be run, the first time. */
  #end(): (() => void) | undefined {
    const run = this.#run;
    if (run !== undefined) this.#onOver();
    this.#run = undefined;
    return run;
  }
}

/** The clock as a process sees it that may be frozen. */
export class GatedClock implements Clock {
  /** Timers that have neither fired nor been cancelled. */
  pending = 0;
  readonly #clock: Clock;
  readonly #gate: Gate;

  constructor(clock: Clock, gate: Gate) {
    this.#clock = clock;
    this.#gate = gate;
  }

  now(): number {
    return this.#clock.now();
  }

  uptime(): number {
    return this.#clock.uptime();
  }

  timer(ms: number, run: () => void): Timer {
    this.pending++;
    return new GatedTimer(this.#clock, this.#gate, ms, run, () => this.pending--);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await sleepBy(this, ms, signal);
  }
}

/** The network as such a process sees it. */
export class GatedNetwork implements Transport {
  readonly #network: MemoryNetwork;
  readonly #gate: Gate;
  readonly #channels = new Set<Channel>();
  readonly #onConnected: (localAddress: string) => void;
  #isCut = false;

  constructor(network: MemoryNetwork, gate: Gate, onConnected: (localAddress: string) => void) {
    this.#network = network;
    this.#gate = gate;
    this.#onConnected = onConnected;
  }

  async connect(address: string, handler: ChannelHandler, options: ConnectOptions): Promise<Channel> {
    if (this.#isCut) throw new Error('The process is dead');
    const gate = this.#gate;
    const gated: ChannelHandler = {
      onData: (chunk) => gate.pass(() => handler.onData(chunk)),
      onDrain: () => gate.pass(() => handler.onDrain()),
      onClose: (error) => {
        gate.pass(() => handler.onClose(error));
      },
    };
    const connecting = this.#network.connect(address, gated, options);
    return new Promise((resolve, reject) => {
      connecting.then(
        (channel) => {
          this.#channels.add(channel);
          this.#onConnected(channel.localAddress);
          gate.pass(() => resolve(channel));
        },
        (error: unknown) => gate.pass(() => reject(error)),
      );
    });
  }

  /** No new connection, and the end of those there are: with an end that the servers see, or later, when they look. */
  cut(): void {
    this.#isCut = true;
    for (const channel of this.#channels) channel.close(new Error('The process is dead'));
    this.#channels.clear();
  }
}

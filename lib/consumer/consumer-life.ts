import { IllegalStateError, NameServerError, RequestTimeoutError } from '../errors.ts';
import { ClientInstance, type Member } from '../instance/client-instance.ts';
import type { ResolvedClientOptions } from '../options/client.ts';
import { withTimeout, type Clock, type Deadline } from '../runtime/clock.ts';
import { StateMachine } from '../runtime/state-machine.ts';

/** How long a call may take, in ms, and how to give it up. */
export interface WaitOptions {
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The running parts of a consumer. */
export interface Engine {
  /** Resolves after the first heartbeat and the first rebalance. */
  start(deadline: Deadline): Promise<void>;
  /** Leaves the group: running work has `timeout` ms, brokers have `patience` ms to hear that we leave. */
  stop(timeout: number, patience?: number): Promise<void>;
}

/** created: never started. failed: `start` was rejected. The others are what they say. */
export type ConsumerState = 'created' | 'starting' | 'running' | 'failed' | 'stopping' | 'stopped';

const START_TIMEOUT = 10_000;

/** A consumer's life from `start` to the end of `shutdown`, each of which happens once however often it is called. */
export class ConsumerLife<E extends Engine> {
  readonly #subject: string;
  readonly #options: ResolvedClientOptions;
  readonly #clock: Clock;
  readonly #member: Member;
  readonly #assemble: (instance: ClientInstance) => E;
  readonly #state: StateMachine<ConsumerState>;
  readonly #abort = new AbortController();
  #instance: ClientInstance | undefined;
  #engine: E | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(
    subject: string,
    parts: {
      readonly options: ResolvedClientOptions;
      readonly clock: Clock;
      readonly member: Member;
      /** Puts the running parts together, once the instance has started. */
      readonly assemble: (instance: ClientInstance) => E;
    },
  ) {
    this.#subject = subject;
    this.#options = parts.options;
    this.#clock = parts.clock;
    this.#member = parts.member;
    this.#assemble = parts.assemble;
    this.#state = new StateMachine<ConsumerState>(subject, 'created', {
      created: ['starting', 'stopped'],
      starting: ['running', 'failed', 'stopping'],
      running: ['stopping'],
      failed: ['stopped'],
      stopping: ['stopped'],
      stopped: [],
    });
  }

  get state(): ConsumerState {
    return this.#state.state;
  }

  /** There is one once `start` was called. */
  get instance(): ClientInstance | undefined {
    return this.#instance;
  }

  /** There is one from the moment the instance has started, after `shutdown` too. */
  get engine(): E | undefined {
    return this.#engine;
  }

  /** Aborted when `shutdown` begins. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** @throws {IllegalStateError} unless the consumer is running. */
  get running(): E {
    if (this.#engine !== undefined && this.#state.is('running')) return this.#engine;
    throw new IllegalStateError(this.#subject, this.#state.state, 'running');
  }

  /** @throws {NameServerError} when no name server answers within `timeout` (10 s), {RequestTimeoutError} when brokers do not. */
  async start({ timeout = START_TIMEOUT, signal }: WaitOptions = {}): Promise<void> {
    this.#starting ??= this.#start(timeout, signal);
    await this.#starting;
  }

  /** @param timeout for running work, in ms */
  async shutdown(timeout: number): Promise<void> {
    this.#stopping ??= this.#stop(timeout);
    await this.#stopping;
  }

  async #start(timeout: number, signal?: AbortSignal): Promise<void> {
    this.#state.to('starting');
    const abort = signal === undefined ? this.#abort.signal : AbortSignal.any([signal, this.#abort.signal]);
    using deadline = withTimeout(this.#clock, timeout, abort, () => this.#startTimedOut(timeout));
    try {
      const instance = ClientInstance.obtain(this.#options, this.#member);
      this.#instance = instance;
      await instance.start(deadline.signal);
      const engine = this.#assemble(instance);
      this.#engine = engine;
      await engine.start(deadline);
      if (this.#state.is('starting')) this.#state.to('running');
    } catch (error) {
      if (this.#state.is('starting')) {
        this.#state.to('failed');
        await this.#release(0, 0);
      }
      throw error;
    }
  }

  async #stop(timeout: number): Promise<void> {
    if (this.#state.is('created', 'failed')) {
      this.#state.to('stopped');
      return;
    }
    this.#state.to('stopping');
    this.#abort.abort(new IllegalStateError(this.#subject, 'stopping', 'running'));
    await this.#starting?.catch(() => {});
    await this.#release(timeout);
    this.#state.to('stopped');
  }

  async #release(timeout: number, patience?: number): Promise<void> {
    await this.#engine?.stop(timeout, patience);
    await this.#instance?.release(this.#member, patience);
  }

  #startTimedOut(after: number): Error {
    if (this.#engine === undefined)
      return new NameServerError([], `No name server was found within ${after} ms`);
    const phase = 'waiting for the first heartbeat and the first rebalance';
    return new RequestTimeoutError('the brokers', 'HEART_BEAT', after, { phase, retryable: true });
  }
}

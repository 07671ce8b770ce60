import type { Message } from '../../protocol/message/message.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import { IllegalStateError, NameServerError } from '../errors.ts';
import { UserNames } from '../instance/user-names.ts';
import type { Member } from '../instance/member.ts';
import { ClientInstance } from '../instance/client-instance.ts';
import { resolveProducerOptions } from '../options/producer.ts';
import type { ProducerOptions, ResolvedProducerOptions } from '../options/producer.ts';
import { withTimeout } from '../runtime/clock.ts';
import { outgoingMessage } from './outgoing-message.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import type { PublishTopic } from './publish-topics.ts';
import { awaitTopic, checkNameServers, until } from './producer-waits.ts';
import { sendContext } from './producer-parts.ts';
import type { SendContext } from './send-context.ts';
import { namespacedMessage, namespacedOptions, shortResult } from './namespaced-send.ts';
import { boundQueue } from './send-options.ts';
import type { SendOptions } from './send-options.ts';
import { sendOneway } from './send-oneway.ts';
import type { SendResult } from './send-result.ts';
import { Sending } from './sending.ts';

export type { ProducerOptions } from '../options/producer.ts';
export type { SelectQueue, SendOptions } from './send-options.ts';
export type { SendResult, SendStatus } from './send-result.ts';

/** How long something may be waited for, in milliseconds, and a way to give it up. */
export interface WaitOptions {
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

type ProducerState = 'created' | 'starting' | 'running' | 'stopping' | 'stopped';

interface Running {
  readonly instance: ClientInstance;
  readonly context: SendContext;
}

/** Milliseconds for `start` and `shutdown`. */
const lifecycleTimeout = 10_000;
const noOptions: SendOptions = {};

/**
 * Sends messages. Java: `DefaultMQProducer`.
 *
 * `start` it once, `send` as often and as much at a time as you like, `shutdown` at the end.
 */
export class Producer implements AsyncDisposable {
  readonly #options: ResolvedProducerOptions;
  readonly #member: Member;
  readonly #names: UserNames;
  #state: ProducerState = 'created';
  #running: Running | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  /** Throws `InvalidOptionError`. */
  constructor(options: ProducerOptions = {}) {
    this.#options = resolveProducerOptions(options);
    this.#member = { kind: 'producer', group: this.#options.producerGroup };
    this.#names = new UserNames(this.#options.namespace);
  }

  /** Without the namespace, if there is one. */
  get producerGroup(): string {
    return this.#names.short(this.#options.producerGroup);
  }

  /** How this client is known to brokers; `undefined` until it is started. */
  get clientId(): string | undefined {
    return this.#running?.instance.clientId;
  }

  /**
   * Connects to a name server and makes the group known to the brokers. Rejects with `NameServerError` when no name
   * server answers; it can then be started again. Default timeout 10 s.
   */
  async start(options: WaitOptions = {}): Promise<void> {
    if (this.#state === 'running') return;
    if (this.#state !== 'created' && this.#state !== 'starting') throw this.#illegal('running');
    this.#starting ??= this.#start(options).finally(() => {
      this.#starting = undefined;
    });
    await this.#starting;
  }

  /**
   * Waits for the sends under way, at most the timeout (default 10 s), and takes leave of the brokers. Sends that are
   * begun from now on are refused.
   */
  async shutdown(options: WaitOptions = {}): Promise<void> {
    this.#stopping ??= this.#stop(options);
    await this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /**
   * Sends a message and resolves when a broker has stored it. Rejects with `InvalidMessageError`, `RouteNotFoundError`,
   * `NameServerError`, with `SendFailedError` when every attempt failed, or with the signal's reason.
   */
  send(message: Message, options: SendOptions = noOptions): Promise<SendResult> {
    const names = this.#names;
    if (names.namespace === undefined) return this.#send(message, options);
    return this.#send(namespacedMessage(names, message), namespacedOptions(names, message, options)).then(
      (result) => shortResult(names, result),
    );
  }

  #send(message: Message, options: SendOptions): Promise<SendResult> {
    return new Promise((resolve, reject) => {
      const context = this.#context();
      options.signal?.throwIfAborted();
      const outgoing = this.#outgoing(context, message, options);
      const topic = context.topics.get(message.topic);
      if (topic !== undefined) begin(context, topic, message, outgoing, options, resolve, reject);
      else void beginLater(context, message, outgoing, options, resolve, reject);
    });
  }

  /** Sends a message once, without an answer: resolves when it is handed to the connection, and may then be lost. */
  async sendOneway(given: Message, how: SendOptions = noOptions): Promise<void> {
    const message = namespacedMessage(this.#names, given);
    const options = namespacedOptions(this.#names, given, how);
    const context = this.#context();
    options.signal?.throwIfAborted();
    const outgoing = this.#outgoing(context, message, options);
    const topic = context.topics.get(message.topic) ?? (await awaitTopic(context, message.topic, options));
    await sendOneway(context, outgoing, topic, boundQueue(message, topic, options), options);
  }

  /** The queues that messages of a topic can be sent to, asked from the name server. Java: `fetchPublishMessageQueues`. */
  async fetchQueues(topic: string, options: WaitOptions = {}): Promise<readonly MessageQueue[]> {
    const route = await this.#context().routes.fetch(this.#names.full(topic), options);
    return route.writableQueues().map((queue) => this.#names.shortQueue(queue));
  }

  #outgoing(context: SendContext, message: Message, options: SendOptions): OutgoingMessage {
    return outgoingMessage(message, context.ids.next(), this.#options, options.shardingKey);
  }

  #context(): SendContext {
    if (this.#state !== 'running' || this.#running === undefined) throw this.#illegal('sending');
    return this.#running.context;
  }

  #illegal(to: string): IllegalStateError {
    return new IllegalStateError(`Producer of group ${this.#options.producerGroup}`, this.#state, to);
  }

  async #start({ timeout = lifecycleTimeout, signal }: WaitOptions): Promise<void> {
    this.#state = 'starting';
    const instance = ClientInstance.obtain(this.#options, this.#member);
    const context = sendContext(instance, this.#options);
    const role = { producerGroup: context.producerGroup, topics: () => context.topics.names() };
    this.#running = { instance, context };
    const noNameServer = (): Error =>
      new NameServerError([], `No name server was found within ${timeout} ms`);
    using deadline = withTimeout(instance.clock, timeout, signal, noNameServer);
    try {
      await until(instance.start(deadline.signal), deadline.signal);
      await checkNameServers(context, deadline);
      // A broker that does not answer is told again later: others may take messages.
      await until(instance.addProducer(role), deadline.signal).catch(() => signal?.throwIfAborted());
      this.#state = 'running';
    } catch (error) {
      this.#state = 'created';
      this.#running = undefined;
      context.topics.close();
      await instance.release(this.#member, 0);
      throw error;
    }
  }

  async #stop({ timeout = lifecycleTimeout, signal }: WaitOptions): Promise<void> {
    // A start that fails has cleaned up after itself.
    await this.#starting?.catch(() => undefined);
    this.#state = 'stopping';
    if (this.#running !== undefined) {
      const { instance, context } = this.#running;
      using deadline = withTimeout(instance.clock, timeout, signal);
      await until(context.pending.drained(), deadline.signal).catch(() => undefined);
      context.topics.close();
      await instance.removeProducer(context.producerGroup);
      await instance.release(this.#member);
    }
    this.#state = 'stopped';
  }
}

function begin(
  context: SendContext,
  topic: PublishTopic,
  message: Message,
  outgoing: OutgoingMessage,
  options: SendOptions,
  resolve: (result: SendResult) => void,
  reject: (error: unknown) => void,
): void {
  const { timeout = context.options.sendTimeout, signal } = options;
  const queue = boundQueue(message, topic, options);
  new Sending(context, { message: outgoing, topic, queue, timeout, signal, resolve, reject }).start();
}

/** The first message to a topic waits for its route, out of its own timeout. */
async function beginLater(
  context: SendContext,
  message: Message,
  outgoing: OutgoingMessage,
  options: SendOptions,
  resolve: (result: SendResult) => void,
  reject: (error: unknown) => void,
): Promise<void> {
  context.pending.begin();
  try {
    const startedAt = context.clock.uptime();
    const topic = await awaitTopic(context, message.topic, options);
    const timeout = (options.timeout ?? context.options.sendTimeout) - (context.clock.uptime() - startedAt);
    begin(context, topic, message, outgoing, { ...options, timeout }, resolve, reject);
  } catch (error) {
    reject(error);
  } finally {
    context.pending.end();
  }
}

import { Commands } from '../../protocol/commands/index.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import { BrokerNotFoundError, isResponse, ResponseError, SendFailedError } from '../errors.ts';
import type { SendAttempt } from '../errors.ts';
import { explainUnreachable } from '../routing/unreachable.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import type { PublishTopic } from './publish-topics.ts';
import { selectByHealth } from './queue-selector.ts';
import { attemptTimeout, judgeOutcome, mayTryAgain } from './send-attempts.ts';
import type { AttemptState } from './send-attempts.ts';
import type { SendContext } from './send-context.ts';
import { sendHeader, vipAddress } from './send-header.ts';
import { readSendResult, sendStatus } from './send-result.ts';
import type { SendResult } from './send-result.ts';

/** What a send was asked for. */
export interface SendOrder {
  readonly message: OutgoingMessage;
  readonly topic: PublishTopic;
  /** The only queue it may go to; such a send is not tried again. */
  readonly queue: MessageQueue | undefined;
  /** Milliseconds for all attempts together. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: SendResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One message on its way, over as many attempts as it takes. The first attempt, which almost always is the last, makes
 * this object, a header and a result, and neither timer nor promise: the timeout is kept by the remoting client.
 */
export class Sending {
  readonly #context: SendContext;
  readonly #order: SendOrder;
  readonly #startedAt: number;
  readonly #done = (error: Error | undefined, answer: RemotingCommand | undefined): void => {
    if (answer === undefined) this.#failed(error ?? new Error('The request ended without an answer'));
    else this.#answered(answer);
  };
  #queue: MessageQueue | undefined;
  #address: string | undefined;
  #attemptAt: number;
  #made = 0;
  #settled = false;
  #attempts: SendAttempt[] | undefined;
  /** Stored, but not as well as wished: what is given if no other attempt does better. */
  #stored: SendResult | undefined;
  #abort: (() => void) | undefined;

  constructor(context: SendContext, order: SendOrder) {
    this.#context = context;
    this.#order = order;
    this.#startedAt = context.clock.uptime();
    this.#attemptAt = this.#startedAt;
  }

  /** Makes the first attempt. */
  start(): void {
    this.#context.pending.begin();
    const { signal } = this.#order;
    if (signal !== undefined) {
      this.#abort = () => this.#settle(undefined, signal.reason);
      signal.addEventListener('abort', this.#abort, { once: true });
    }
    const { sendMsgMaxTimeoutPerRequest: perAttempt } = this.#context.options;
    this.#attempt(perAttempt === undefined ? this.#order.timeout : attemptTimeout(this.#state(), perAttempt));
  }

  #attempt(timeout: number): void {
    const { remoting, options } = this.#context;
    const queue = this.#order.queue ?? this.#select();
    this.#queue = queue;
    this.#made++;
    const brokerName = queue === undefined ? '?' : this.#order.topic.brokerOf(queue);
    const address = queue === undefined ? undefined : this.#addressOf(brokerName);
    this.#address = address;
    if (queue === undefined || address === undefined) {
      this.#failed(new BrokerNotFoundError(brokerName));
      return;
    }
    const { message } = this.#order;
    const dialled = options.vipChannel ? vipAddress(address) : address;
    remoting.call(
      dialled,
      Commands.sendMessageV2,
      sendHeader(this.#context, message, queue.queueId, brokerName),
      message.body,
      timeout,
      this.#done,
    );
  }

  #select(): MessageQueue | undefined {
    const { selector } = this.#order.topic;
    const { health } = this.#context;
    if (health !== undefined) return selectByHealth(selector, health, this.#queue?.brokerName);
    return this.#queue === undefined ? selector.next() : selector.nextAvoiding(this.#queue.brokerName);
  }

  #addressOf(brokerName: string): string | undefined {
    return (
      this.#order.topic.masterAddress(brokerName) ??
      this.#context.routes.brokerAddress(brokerName, { onlyThis: true })
    );
  }

  #answered(answer: RemotingCommand): void {
    const queue = this.#queue;
    if (this.#settled || queue === undefined) return;
    const status = sendStatus(answer.code);
    if (status === undefined) {
      this.#failed(
        new ResponseError(answer.code, answer.remark, this.#address ?? '', Commands.sendMessageV2.name),
      );
      return;
    }
    const { health, options } = this.#context;
    if (health !== undefined) health.update(queue.brokerName, this.#took());
    const result = readSendResult(status, answer, this.#order.message.messageId, queue);
    if (status !== 'SEND_OK' && options.retryAnotherBrokerWhenNotStoreOk) this.#storedBadly(result);
    else this.#settle(result);
  }

  #storedBadly(result: SendResult): void {
    this.#stored = result;
    const state = this.#state();
    if (state.made < state.allowed && state.remaining > 0) this.#again(state);
    else this.#settle(result);
  }

  #failed(cause: Error): void {
    if (this.#settled) return;
    const queue = this.#queue ?? { topic: this.#order.message.topic, brokerName: '?', queueId: -1 };
    const { routes, health } = this.#context;
    const error = explainUnreachable(cause, (address) => routes.originOf(address));
    const took = this.#took();
    health?.update(queue.brokerName, took, {
      isolate: !(error instanceof BrokerNotFoundError),
      reachable: !(error instanceof ResponseError),
    });
    const hasMoved = isResponse(error, 'NOT_LEADER_FOR_QUEUE');
    if (hasMoved || !(error instanceof ResponseError))
      this.#context.topics.refresh(this.#order.message.topic);
    (this.#attempts ??= []).push({ queue, address: this.#address, error, took });
    const state = this.#state();
    if (mayTryAgain(error, state)) this.#again(state);
    else this.#giveUp(this.#attempts);
  }

  #again(state: AttemptState): void {
    this.#context.logger.debug(
      { topic: this.#order.message.topic, attempts: this.#attempts },
      'Sending again',
    );
    this.#attemptAt = this.#context.clock.uptime();
    this.#attempt(attemptTimeout(state, this.#context.options.sendMsgMaxTimeoutPerRequest));
  }

  #giveUp(attempts: readonly SendAttempt[]): void {
    if (this.#stored !== undefined) this.#settle(this.#stored);
    else
      this.#settle(
        undefined,
        new SendFailedError(this.#order.message.topic, attempts, judgeOutcome(attempts)),
      );
  }

  #state(): AttemptState {
    const allowed = this.#order.queue === undefined ? 1 + this.#context.options.retryTimesWhenSendFailed : 1;
    const remaining = this.#order.timeout - (this.#context.clock.uptime() - this.#startedAt);
    return { made: this.#made, allowed, remaining };
  }

  #took(): number {
    return this.#context.clock.uptime() - this.#attemptAt;
  }

  #settle(result: SendResult | undefined, error?: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    if (this.#abort !== undefined) this.#order.signal?.removeEventListener('abort', this.#abort);
    if (result === undefined) this.#order.reject(error);
    else this.#order.resolve(result);
    this.#context.pending.end();
  }
}

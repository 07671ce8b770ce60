import { setTimeout as delay } from 'node:timers/promises';
import { averagely } from '../../../lib/allocate/averagely.ts';
import { consistentHash } from '../../../lib/allocate/consistent-hash.ts';
import { PushConsumer } from '../../../lib/consumer/push-consumer.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import { ConsumptionLog } from './consumption-log.ts';
import type { RebalanceFacts } from './handovers.ts';

/** The strategies that Java members of the tests know too. */
export const STRATEGIES = { averagely: averagely(), consistentHash: consistentHash() } as const;
export type StrategyOption = keyof typeof STRATEGIES;

export interface MemberOptions {
  readonly nameServers: string;
  readonly group: string;
  readonly topic: string;
  /** File for what is consumed, see `ConsumptionLog`. */
  readonly log: string;
  /** Default: the client's own, which is unique. */
  readonly instanceName?: string;
  /** Default averagely. */
  readonly strategy?: StrategyOption;
  /** `persistConsumerOffsetInterval`, ms; default the client's (5 s). */
  readonly commitInterval?: number;
  /** How long the listener takes over a message, ms; default 0. */
  readonly work?: number;
  /** Pops in place of pulling, with this `popInvisibleTime`, ms. */
  readonly popFor?: number;
}

/** What tests ask of a member, wherever it lives. */
export interface Seat {
  /** Resolves to the client id once the member is started. */
  join(options: MemberOptions): Promise<string>;
  /** Leaves in good order. */
  leave(): Promise<void>;
}

/** One in a process of its own. */
export interface MortalSeat extends Seat {
  /** SIGKILL: no goodbye to anybody. Resolves when the process is gone. */
  kill(): Promise<void>;
}

/** A member in this process. */
export class Member implements Seat {
  #consumer: PushConsumer | undefined;
  #log: ConsumptionLog | undefined;

  async join(options: MemberOptions): Promise<string> {
    const {
      nameServers,
      group,
      topic,
      instanceName,
      strategy = 'averagely',
      commitInterval,
      work = 0,
      popFor,
    } = options;
    const log = new ConsumptionLog(options.log);
    const consumer = new PushConsumer({
      nameServers,
      consumerGroup: group,
      consumeFromWhere: 'first',
      allocate: STRATEGIES[strategy],
      ...(instanceName !== undefined && { instanceName }),
      ...(popFor !== undefined && { messageRequestMode: 'pop', popInvisibleTime: popFor }),
      ...(commitInterval !== undefined && { persistConsumerOffsetInterval: commitInterval }),
    });
    consumer.subscribe(topic, {
      eachMessage: async ({ keys, queueOffset }, { queue }) => {
        log.consumed({
          at: Date.now(),
          key: keys[0] ?? '',
          queue: `${queue.brokerName}:${queue.queueId}`,
          offset: queueOffset,
          member: consumer.clientId ?? '',
        });
        if (work > 0) await delay(work);
      },
    });
    const remark = (name: string, detail: string): void =>
      log.remark({ at: Date.now(), member: consumer.clientId ?? '', name, detail });
    consumer.on('warning', (warning) => remark(warning.kind, warning.message));
    consumer.on('rebalance', ({ cause, gained, lost, timings, expectedRepeats }) => {
      const names = (queues: readonly MessageQueue[]): string[] =>
        queues.map(({ brokerName, queueId }) => `${brokerName}:${queueId}`);
      const facts: RebalanceFacts = {
        cause: cause.kind,
        gained: names(gained),
        lost: names(lost),
        timings,
        expectedRepeats,
      };
      remark('rebalance', JSON.stringify(facts));
    });
    this.#consumer = consumer;
    this.#log = log;
    await consumer.start();
    return consumer.clientId ?? '';
  }

  async leave(): Promise<void> {
    await this.#consumer?.shutdown();
    this.#log?.close();
    this.#consumer = undefined;
    this.#log = undefined;
  }
}

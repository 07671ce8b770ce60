import { LitePullConsumer } from '../../../lib/consumer/lite-pull-consumer.ts';
import { ConsumptionLog } from './consumption-log.ts';
import { STRATEGIES, type MemberOptions, type Seat } from './member.ts';

/** A lite pull member in this process, which reads in a loop. */
export class LiteMember implements Seat {
  #consumer: LitePullConsumer | undefined;
  #log: ConsumptionLog | undefined;
  #reading: Promise<void> | undefined;

  async join(options: MemberOptions): Promise<string> {
    const { nameServers, group, topic, instanceName, strategy = 'averagely' } = options;
    const log = new ConsumptionLog(options.log);
    const consumer = new LitePullConsumer({
      nameServers,
      consumerGroup: group,
      consumeFromWhere: 'first',
      autoCommitIntervalMillis: 1_000,
      allocate: STRATEGIES[strategy],
      ...(instanceName !== undefined && { instanceName }),
    });
    consumer.subscribe(topic);
    consumer.on('warning', ({ kind, message }) =>
      log.remark({ at: Date.now(), member: consumer.clientId ?? '', name: kind, detail: message }),
    );
    this.#consumer = consumer;
    this.#log = log;
    await consumer.start();
    this.#reading = this.#read(consumer, log);
    return consumer.clientId ?? '';
  }

  async leave(): Promise<void> {
    await this.#consumer?.shutdown();
    await this.#reading;
    this.#log?.close();
    this.#consumer = undefined;
    this.#log = undefined;
  }

  async #read(consumer: LitePullConsumer, log: ConsumptionLog): Promise<void> {
    for await (const { keys, brokerName, queueId, queueOffset } of consumer)
      log.consumed({
        at: Date.now(),
        key: keys[0] ?? '',
        queue: `${brokerName}:${queueId}`,
        offset: queueOffset,
        member: consumer.clientId ?? '',
      });
  }
}

import { PushConsumer, type PushConsumerOptions } from '../../lib/consumer/push-consumer.ts';
import type { ConsumeContext, ListenerResult } from '../../lib/consumer/listener.ts';
import type { MemoryNetwork } from '../../lib/remoting/memory-transport.ts';
import type { Clock } from '../../lib/runtime/clock.ts';
import type { Random } from '../../lib/runtime/random.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import type { HistoryEvent } from '../history/event.ts';
import type { Recorder } from '../history/history.ts';
import { Gate, GatedClock, GatedNetwork } from './gate.ts';
import type { ListenerKind, Mode, PopMode } from './schedule.ts';

export interface SimulatedMemberOptions {
  readonly name: string;
  readonly group: string;
  readonly topic: string;
  readonly nameServers: string;
  readonly clock: Clock;
  readonly network: MemoryNetwork;
  readonly random: Random;
  readonly listener: ListenerKind;
  readonly mode: Mode | PopMode;
  readonly history: Recorder;
  readonly heartbeat: number;
  /** A service that cannot start is started again by whoever looks after it. */
  readonly onFailed: () => void;
  /** Hears of each connection's local address. */
  readonly onConnected: (address: string) => void;
}

/** `shutdown` may take so long: its own deadline, and what brokers have to hear of it. */
export const LEAVE_LIMIT = 15_000 + 4_000;

const names = ({ topic, brokerName, queueId }: MessageQueue): { topic: string; queue: string } => ({
  topic,
  queue: `${brokerName}:${queueId}`,
});

/** A lock is renewed so often, in ms: what happens in minutes has to happen within a run. See `LOCK_EXPIRY` of the world. */
const LOCK_INTERVAL = 2_000;

/** In order and one by one, all has to be consumed in the time that there is. */
const ORDERLY_HASTE = 0.05;
const ORDERLY_REST = 20;

/** Of popped messages, ms; short, so that what nobody acknowledges comes again within a run. */
export const POP_INVISIBLE = 6_000;

const POP_OPTIONS: Partial<PushConsumerOptions> = {
  messageRequestMode: 'pop',
  popInvisibleTime: POP_INVISIBLE,
  popDelayLevels: [500, 1_000],
};

const MODE_OPTIONS: Readonly<Record<Mode | PopMode, Partial<PushConsumerOptions>>> = {
  immediate: {},
  locked: { handover: 'locked', lockInterval: LOCK_INTERVAL },
  orderly: {
    consumeMode: 'orderly',
    lockInterval: LOCK_INTERVAL,
    suspendCurrentQueueTimeMillis: ORDERLY_REST,
  },
  pop: POP_OPTIONS,
  orderlyPop: { ...POP_OPTIONS, consumeMode: 'orderly', suspendCurrentQueueTimeMillis: ORDERLY_REST },
};

const isPop = (mode: Mode | PopMode): mode is PopMode => mode === 'pop' || mode === 'orderlyPop';

/** A real consumer in a process of its own, as far as the simulation goes. */
export class SimulatedMember {
  readonly consumer: PushConsumer;
  readonly gate: Gate;
  readonly name: string;
  listener: ListenerKind;
  state: 'up' | 'leaving' | 'gone' = 'up';
  isDead = false;
  /** What the `rebalance` events said will come again elsewhere. */
  expectedRepeats = 0;
  readonly #network: GatedNetwork;
  readonly #clock: GatedClock;
  readonly #options: SimulatedMemberOptions;
  readonly #epochs = new WeakMap<ConsumeContext, number>();
  /** Of popped messages, by message id. */
  readonly #values = new Map<string, string>();
  #lastEpoch = 0;

  constructor(options: SimulatedMemberOptions) {
    const { name, group, topic, nameServers, clock, network, random, heartbeat } = options;
    this.#options = options;
    this.name = name;
    this.listener = options.listener;
    this.gate = new Gate(clock);
    this.#clock = new GatedClock(clock, this.gate);
    this.#network = new GatedNetwork(network, this.gate, options.onConnected);
    this.consumer = new PushConsumer({
      nameServers,
      consumerGroup: group,
      instanceName: name,
      clientIp: '10.0.0.1',
      consumeFromWhere: 'first',
      heartbeatBrokerInterval: heartbeat,
      ...MODE_OPTIONS[options.mode],
      environment: { clock: this.#clock, random, transport: this.#network },
    });
    this.consumer.subscribe(topic, { eachMessage: (message, context) => this.#consume(message, context) });
    this.#listen();
  }

  /** As in a client id. */
  get process(): string {
    return `10.0.0.1@${this.name}`;
  }

  async start(): Promise<void> {
    this.#record({ op: 'up', phase: 'invoke', count: 20 });
    try {
      await this.consumer.start({ timeout: 60_000 });
      if (this.state === 'up') this.#record({ op: 'up', phase: 'ok' });
    } catch {
      if (this.state !== 'up') return;
      this.#record({ op: 'down', phase: 'ok', kind: 'left' });
      this.state = 'gone';
      this.#options.onFailed();
    }
  }

  async leave(): Promise<void> {
    this.state = 'leaving';
    this.#record({ op: 'down', phase: 'invoke', kind: 'left', grace: 15_000 });
    await this.consumer.shutdown();
    this.state = 'gone';
    this.#record({ op: 'down', phase: 'ok', kind: 'left', grace: LEAVE_LIMIT });
  }

  /** The process is no more; the servers see its connections end, unless its machine is gone with it. */
  crash(kind: 'crash' | 'silent'): void {
    this.#record({ op: 'down', phase: 'ok', kind });
    this.isDead = true;
    this.state = 'gone';
    this.gate.shut();
    if (kind === 'crash') this.#network.cut();
  }

  /** Timers that this process has. */
  get timers(): number {
    return this.#clock.pending;
  }

  /** Gives the memory of a dead process back; nobody hears of it. */
  async bury(): Promise<void> {
    this.#network.cut();
    this.gate.open();
    await this.consumer.shutdown({ timeout: 0 });
  }

  #record(event: Omit<Parameters<Recorder['record']>[0], 'process'>): void {
    if (!this.isDead) this.#options.history.record({ process: this.process, ...event });
  }

  #listen(): void {
    const { topic } = this.#options;
    this.consumer.on('popExpired', ({ messageId, phase }) => {
      const value = this.#values.get(messageId);
      if (phase === 'listener')
        this.#record({ op: 'back', phase: 'fail', kind: 'expired', value: value ?? '' });
    });
    // What is popped has no owners.
    if (isPop(this.#options.mode)) return;
    this.consumer.on('rebalance', ({ gained, lost, expectedRepeats }) => {
      this.expectedRepeats += expectedRepeats;
      for (const queue of lost) this.#record({ op: 'own-', ...names(queue) });
      for (const queue of gained) this.#record({ op: 'own+', ...names(queue) });
    });
    const beganAnew = (queue: MessageQueue): void => {
      if (queue.topic === topic) this.#record({ op: 'own+', ...names(queue) });
    };
    this.consumer.on('offsetMoved', ({ queue }) => beganAnew(queue));
    this.consumer.on('lockLost', ({ queue, reason }) => {
      if (reason === 'taken') beganAnew(queue);
    });
  }

  #epochOf(context: ConsumeContext): number {
    const known = this.#epochs.get(context);
    if (known !== undefined) return known;
    const epoch = ++this.#lastEpoch;
    this.#epochs.set(context, epoch);
    const ended = (): void => this.#record({ op: 'own-', ...names(context.queue), epoch });
    context.signal.addEventListener('abort', ended, { once: true });
    return epoch;
  }

  /** Where a popped message is from; a second copy is known by its value alone. Each delivery is an epoch. */
  #popped(message: ReceivedMessage): Pick<HistoryEvent, 'topic' | 'queue' | 'offset' | 'epoch' | 'madeAt'> {
    const { topic, brokerName, queueId, queueOffset, reconsumeTimes, messageId, storeTimestamp } = message;
    this.#values.set(messageId, message.text());
    const isFirst = reconsumeTimes === 0 || this.#options.mode === 'orderlyPop';
    const queue = `${brokerName}:${isFirst ? queueId : 'again'}`;
    const { clock } = this.#options;
    const madeAt = storeTimestamp - clock.now() + clock.uptime();
    const copy = isFirst ? { offset: queueOffset } : { madeAt };
    return { topic, queue, ...copy, epoch: ++this.#lastEpoch };
  }

  #consume(message: ReceivedMessage, context: ConsumeContext): ListenerResult | Promise<ListenerResult> {
    const { mode } = this.#options;
    const where = isPop(mode)
      ? this.#popped(message)
      : { ...names(context.queue), offset: message.queueOffset, epoch: this.#epochOf(context) };
    const value = message.text();
    const isOrderly = mode === 'orderly' || mode === 'orderlyPop';
    this.#record({
      op: 'deliver',
      ...where,
      value,
      ...(isOrderly && { orderly: true }),
      ...(mode !== 'immediate' && { locked: true }),
    });
    const { fails, takes } = this.#behaviour(message.reconsumeTimes);
    const finish = (): ListenerResult => {
      if (!fails) {
        this.#record({ op: 'done', ...where, value });
        return undefined;
      }
      // In orderly mode it goes nowhere.
      this.#record({ op: 'back', phase: isOrderly ? 'fail' : 'invoke', ...where, value });
      return { delayLevel: 1 };
    };
    const ms = isOrderly ? takes * ORDERLY_HASTE : takes;
    return ms === 0 ? finish() : this.#clock.sleep(ms).then(finish);
  }

  #behaviour(tries: number): { fails: boolean; takes: number } {
    const { random } = this.#options;
    const chance = random.next();
    switch (this.listener) {
      case 'sync':
        return { fails: false, takes: 0 };
      case 'quick':
        return { fails: false, takes: 1 + chance * 80 };
      case 'slow':
        return { fails: false, takes: 200 + chance * 3_000 };
      case 'failing':
        return { fails: tries < 2 && random.next() < 0.4, takes: chance * 30 };
      case 'mixed':
        return { fails: tries < 2 && random.next() < 0.1, takes: chance < 0.5 ? 0 : chance * 600 };
    }
  }
}

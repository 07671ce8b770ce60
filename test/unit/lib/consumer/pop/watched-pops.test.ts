import { expect } from 'chai';
import { describe, it } from 'mocha';

import type { PopDone } from '../../../../../lib/api/pop-message.ts';
import { ConsumerStats } from '../../../../../lib/consumer/consumer-stats.ts';
import { Pauses } from '../../../../../lib/consumer/flow/pauses.ts';
import type { PopConsumeService } from '../../../../../lib/consumer/pop/pop-consume-service.ts';
import type { PopContext } from '../../../../../lib/consumer/pop/pop-context.ts';
import { PopQueues } from '../../../../../lib/consumer/pop/pop-queues.ts';
import type { PopSettlement } from '../../../../../lib/consumer/pop/pop-settlement.ts';
import { watchedPops } from '../../../../../lib/consumer/pop/watched-pops.ts';
import { PullWatchdog } from '../../../../../lib/consumer/progress/pull-watchdog.ts';
import { resolvePushConsumerOptions } from '../../../../../lib/options/push-consumer.ts';
import type { ReceiptHandle } from '../../../../../protocol/message/pop.ts';
import type { ReceivedMessage } from '../../../../../protocol/message/stored-message.ts';
import { tagSubscription } from '../../../../../protocol/model/subscription-data.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

const queue = { topic: 'T', brokerName: 'broker-a', queueId: -1 };
const message = { storeSize: 100, withTopic: () => message } as unknown as ReceivedMessage;
const handle = { invisibleTime: 60_000 } as ReceiptHandle;
const found = { status: 'FOUND', restNum: 0, records: [{ ok: true, message, handle }] } as const;

/** A queue that is popped from, by requests that are answered when a test says so; it is looked at every 10 s. */
class Scene {
  readonly clock = new FakeClock();
  readonly pauses = new Pauses();
  /** The pops that were made, each with what answers it. */
  readonly pops: PopDone[] = [];
  readonly warnings: string[] = [];
  readonly causes: string[] = [];
  readonly got: unknown[] = [];
  readonly released: unknown[] = [];
  /** Of the broker. */
  address: string | undefined = '192.0.2.1:10911';
  readonly queues: PopQueues;
  readonly #watchdog: PullWatchdog<ReturnType<PopQueues['all']>[number]>;

  constructor(popThresholdForQueue = 96) {
    const { clock, pauses } = this;
    const consumer = {
      consumerGroup: 'G',
      clock,
      pauses,
      options: resolvePushConsumerOptions({ consumerGroup: 'G', popThresholdForQueue }, clock.now()),
      stats: new ConsumerStats(clock),
      subscriptions: new Map([['T', { data: tagSubscription('T', '*', 1) }]]),
      instance: { routes: { brokerAddress: () => this.address } },
      pop: {
        popMessage: (...[, , , done]: [unknown, unknown, unknown, PopDone]) => void this.pops.push(done),
      },
      emit: (_name: string, warning: { message: string }) => void this.warnings.push(warning.message),
    } as unknown as PopContext;
    const service = {
      offer: (_queue: unknown, entries: readonly unknown[]) => void this.got.push(...entries),
    } as unknown as PopConsumeService;
    const settlement = {
      release: async (entry: unknown) => void this.released.push(entry),
    } as unknown as PopSettlement;
    this.queues = new PopQueues(consumer, service, settlement);
    const role = { wake: ({ kind }: { kind: string }) => void this.causes.push(kind) };
    this.#watchdog = new PullWatchdog(consumer, watchedPops(consumer, this.queues, role));
    this.queues.assign('T', [queue]);
  }

  /** So many seconds. */
  async pass(seconds: number): Promise<void> {
    for (let past = 0; past < seconds; past += 10) {
      await this.clock.advance(10_000);
      this.#watchdog.look(this.queues.all());
    }
  }
}

describe('A pop that is never answered', () => {
  it('has its queue dropped after 120 s, with an event, and the next round pops from it again', async () => {
    const scene = new Scene();
    await scene.pass(120);
    expect([scene.pops.length, scene.warnings, scene.causes]).to.deep.equal([1, [], []]);
    await scene.pass(10);
    expect(scene.queues.ofTopic('T')).to.deep.equal([]);
    expect(scene.causes).to.deep.equal(['queueRecreated']);
    expect(scene.warnings).to.have.length(1);
    expect(scene.warnings[0]).to.include(
      'for 130000 ms (pullMaxIdleTime is 120000), its last pop was never answered',
    );
    expect(scene.queues.assign('T', [queue]).gained).to.deep.equal([queue]);
    expect(scene.pops).to.have.length(2);
    scene.pops[1]?.(undefined, found);
    expect(scene.got).to.have.length(1);
    await scene.pass(100);
    expect(scene.warnings).to.have.length(1);
  });

  it('gives back what it brings in the end, and pops no more', async () => {
    const scene = new Scene();
    await scene.pass(130);
    scene.pops[0]?.(undefined, found);
    expect([scene.got.length, scene.released.length, scene.pops.length]).to.deep.equal([0, 1, 1]);
  });
});

describe('A queue is never dropped', () => {
  it('that pops, be it in vain', async () => {
    const scene = new Scene();
    for (let round = 0; round < 20; round++) {
      await scene.pass(30);
      scene.pops.at(-1)?.(undefined, { status: 'POLLING_NOT_FOUND', restNum: 0, records: [] });
    }
    expect([scene.pops.length, scene.warnings]).to.deep.equal([21, []]);
  });

  it('that rests by the order of the user, and it goes on afterwards', async () => {
    const scene = new Scene();
    scene.pauses.suspend(true);
    scene.pops[0]?.(undefined, found);
    await scene.pass(500);
    expect([scene.pops.length, scene.warnings]).to.deep.equal([1, []]);
    scene.pauses.suspend(false);
    for (const each of scene.queues.all()) each.mayPopAgain();
    await scene.pass(20);
    expect([scene.pops.length, scene.warnings]).to.deep.equal([2, []]);
  });

  it('whose broker is not known, and it goes on when that is', async () => {
    const scene = new Scene();
    scene.address = undefined;
    scene.pops[0]?.(undefined, found);
    await scene.pass(500);
    scene.address = '192.0.2.1:10911';
    await scene.pass(10);
    expect([scene.pops.length, scene.causes]).to.deep.equal([2, []]);
    expect(scene.warnings.map((text) => text.split(':')[0])).to.deep.equal([
      'Popping failed and is tried again',
    ]);
  });

  it('that holds as much as it may', async () => {
    const scene = new Scene(1);
    for (let pops = 0; pops < 2; pops++) scene.pops[pops]?.(undefined, found);
    await scene.pass(500);
    expect([scene.pops.length, scene.warnings]).to.deep.equal([2, []]);
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';

import type { LitePullConsumer } from '../../../lib/consumer/lite-pull-consumer.ts';
import type { LoggedRequest } from '../../../lib/embedded/request-log/logged-request.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { VirtualGroup } from '../../support/virtual-group.ts';
import { queueOf, startGroup, topic } from './scene.ts';

type Action =
  'join' | 'leave' | 'seek' | 'pause' | 'resume' | 'send' | 'refuseCommits' | 'disconnect' | 'wait';

const action: fc.Arbitrary<readonly [Action, number]> = fc.tuple(
  fc.constantFrom<Action>(
    'join',
    'leave',
    'seek',
    'pause',
    'resume',
    'send',
    'send',
    'refuseCommits',
    'disconnect',
    'wait',
    'wait',
  ),
  fc.nat(1_000),
);

const QUEUES = 4;

/** A group of members that read in loops and by polls, and a book of what each is through with. */
class History {
  readonly #group: VirtualGroup;
  readonly #autoCommit: boolean;
  readonly #members: LitePullConsumer[] = [];
  readonly #loops: Promise<void>[] = [];
  /** By queue, the offsets that somebody was through with. */
  readonly #consumed = Array.from({ length: QUEUES }, () => new Set<number>());
  readonly problems: string[] = [];
  #sent = 0;

  constructor(group: VirtualGroup, autoCommit: boolean) {
    this.#group = group;
    this.#autoCommit = autoCommit;
    group.cluster.on('request', (request) => this.#checkCommit(request));
  }

  async act([kind, number]: readonly [Action, number]): Promise<void> {
    const group = this.#group;
    const member = this.#members[number % Math.max(1, this.#members.length)];
    const queue = queueOf(number % QUEUES);
    if (kind === 'join' && this.#members.length < 4) await this.#join(number);
    if (kind === 'send') await this.#send(number % 60);
    if (kind === 'leave' && this.#members.length > 1 && member !== undefined) {
      this.#members.splice(this.#members.indexOf(member), 1);
      await group.run(member.shutdown());
    }
    if (kind === 'seek') await this.#seekBack(member, number);
    if (kind === 'pause') member?.pause([queue]);
    if (kind === 'resume') member?.resume([queue]);
    if (kind === 'refuseCommits')
      group.cluster.control(Commands.updateConsumerOffset, { answer: 1, times: number % 5 });
    if (kind === 'disconnect') group.cluster.disconnect({ server: 'broker-a' });
    await group.clock.advance(number);
  }

  /** Everything that was sent has been consumed, by whomever is left. */
  async finish(): Promise<void> {
    if (this.#members.length === 0) await this.#join(0);
    for (const member of this.#members) for (let id = 0; id < QUEUES; id++) member.resume([queueOf(id)]);
    const consumed = (): number => this.#consumed.reduce((sum, offsets) => sum + offsets.size, 0);
    await this.#group.until(() => consumed() === this.#sent, 120_000);
    await this.#group.run(Promise.all(this.#members.map(async (member) => member.shutdown())));
    await Promise.all(this.#loops);
  }

  async #send(count: number): Promise<void> {
    await this.#group.send(topic, count);
    this.#sent += count;
  }

  async #join(number: number): Promise<void> {
    const consumer = this.#group.lite({ autoCommit: this.#autoCommit, pullBatchSize: 1 + (number % 32) });
    consumer.subscribe(topic);
    await this.#group.run(consumer.start());
    this.#members.push(consumer);
    this.#loops.push(number % 2 === 0 ? this.#loop(consumer) : this.#polls(consumer));
  }

  async #loop(consumer: LitePullConsumer): Promise<void> {
    for (let visits = 0; ; visits++) {
      let isOver = true;
      for await (const message of consumer) {
        this.#check(consumer, message);
        await this.#work(message);
        // Left without being through with it, which a later visit will be.
        if ((message.queueOffset + visits) % 11 === 0) {
          isOver = false;
          break;
        }
        // Through with it: asking for the next comes right after.
        this.#note([message]);
        if (!this.#autoCommit && message.queueOffset % 10 === 0) await consumer.commit().catch(() => {});
      }
      if (isOver) return;
    }
  }

  /** Some take longer than a queue that is given up waits. */
  async #work({ queueOffset }: ReceivedMessage): Promise<void> {
    await this.#group.clock.sleep(queueOffset % 13 === 0 ? 700 : queueOffset % 7);
  }

  async #polls(consumer: LitePullConsumer): Promise<void> {
    for (;;) {
      const messages = await consumer.poll({ timeout: 500 }).catch(() => undefined);
      if (messages === undefined) return;
      for (const message of messages) this.#check(consumer, message);
      for (const message of messages) await this.#work(message);
      this.#note(messages);
      if (!this.#autoCommit) await consumer.commit().catch(() => {});
    }
  }

  async #seekBack(member: LitePullConsumer | undefined, number: number): Promise<void> {
    const statuses = member?.queues() ?? [];
    const status = statuses[number % Math.max(1, statuses.length)];
    if (member === undefined || status === undefined) return;
    const target = Math.max(0, status.consumed - (number % 40));
    // It may have gone to another member by then.
    await this.#group.run(member.seek(status.queue, target).catch(() => {}));
  }

  #note(messages: readonly ReceivedMessage[]): void {
    for (const { queueId, queueOffset } of messages) this.#consumed[queueId]?.add(queueOffset);
  }

  #check(consumer: LitePullConsumer, { queueId, queueOffset }: ReceivedMessage): void {
    const owns = consumer.assignment().some((queue) => queue.queueId === queueId);
    if (!owns)
      this.problems.push(`${queueId}/${queueOffset} was given out by one that does not own the queue`);
  }

  #checkCommit({ code, ext }: LoggedRequest): void {
    if (code !== Commands.updateConsumerOffset.code || ext['topic'] !== topic) return;
    const [queueId, offset] = [Number(ext['queueId']), Number(ext['commitOffset'])];
    for (let below = 0; below < offset; below++) {
      if (this.#consumed[queueId]?.has(below) === true) continue;
      this.problems.push(`${offset} was committed in ${queueId}, but nobody was through with ${below}`);
      return;
    }
  }
}

describe('LitePullConsumers through any history, in virtual time', () => {
  for (const autoCommit of [true, false])
    it(`lose nothing and commit nothing that was not consumed, ${autoCommit ? 'by themselves' : 'by the user'}`, async function () {
      this.timeout(120_000);
      await fc.assert(
        fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 25 }), async (actions) => {
          await using group = await startGroup(QUEUES);
          const history = new History(group, autoCommit);
          for (const each of actions) await history.act(each);
          await history.finish();
          expect(history.problems).to.deep.equal([]);
        }),
        { numRuns: 15, interruptAfterTimeLimit: 60_000 },
      );
    });
});

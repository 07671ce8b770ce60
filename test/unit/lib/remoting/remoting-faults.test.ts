import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';

import { RocketMQError } from '../../../../lib/errors.ts';
import { seededRandom } from '../../../../lib/runtime/random.ts';
import { settle } from '../../../support/fake-clock.ts';
import { address, answerTo, createWorld, echo, nothing } from './fixture.ts';
import type { Respond } from './fixture.ts';

/** What a server may do with a request. */
const manners = [
  'answer',
  'answer',
  'answer',
  'ignore',
  'late',
  'twice',
  'goAway',
  'close',
  'reset',
  'wrongOpaque',
] as const;

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('call' as const), timeout: fc.integer({ min: 0, max: 4_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('abort' as const), after: fc.integer({ min: 0, max: 500 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 3_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('cut', 'partition', 'heal', 'keep', 'release', 'restart') }),
  },
);

describe('RemotingClient under faults', () => {
  it('ends every call exactly once, with the right answer or a typed error, and leaves nothing behind', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer(),
        fc.boolean(),
        async (steps, seed, isSlow) => {
          const random = seededRandom(seed);
          const respond: Respond = (connection, request) => {
            const manner = manners[Math.floor(random.next() * manners.length)];
            if (manner === 'answer' || manner === 'twice') connection.send(answerTo(request));
            if (manner === 'twice') connection.send(answerTo(request));
            if (manner === 'late')
              world.clock.timer(random.next() * 5_000, () => connection.send(answerTo(request)));
            if (manner === 'goAway') connection.send(answerTo(request, { code: 1_500 }));
            if (manner === 'close') connection.close();
            if (manner === 'reset') connection.close(new Error('Reset'));
            if (manner === 'wrongOpaque')
              connection.send(answerTo(request, { opaque: request.opaque + 1_000_000 }));
          };
          const world = await createWorld(respond, {}, isSlow ? () => random.next() * 300 : undefined);
          const { client, clock, network } = world;
          const ends: number[] = [];
          const wrong: unknown[] = [];
          const aborts: Promise<unknown>[] = [];
          let calls = 0;
          for (const action of steps) {
            if (action.kind === 'call') {
              const { timeout } = action;
              const id = calls++;
              const begin = clock.uptime();
              client.call(address, echo, { text: String(id) }, nothing, timeout, (error, answer) => {
                ends[id] = (ends[id] ?? 0) + 1;
                const isRight = answer?.extFields?.['text'] === String(id);
                if (error === undefined ? !isRight : !(error instanceof RocketMQError))
                  wrong.push([id, error, answer]);
                if (clock.uptime() - begin > timeout + 20)
                  wrong.push([id, 'took', clock.uptime() - begin, timeout]);
              });
            } else if (action.kind === 'abort') {
              const controller = new AbortController();
              const request = client.request(address, echo, { text: 'x' }, nothing, {
                signal: controller.signal,
              });
              aborts.push(request.catch((error: unknown) => error));
              clock.timer(action.after, () => controller.abort());
            } else if (action.kind === 'advance') await clock.advance(action.ms);
            else if (action.kind === 'cut') network.cut();
            else if (action.kind === 'partition') network.partition(address);
            else if (action.kind === 'heal') network.heal(address);
            else if (action.kind === 'keep') client.keep(address);
            else if (action.kind === 'release') client.release(address);
            else {
              await world.server.close();
              await world.server.listen('10.0.0.1', 10_911);
            }
          }
          await clock.advance(6_000);
          expect(wrong).to.deep.equal([]);
          expect(ends).to.deep.equal(Array.from({ length: calls }, () => 1));
          expect((await Promise.all(aborts)).length).to.equal(aborts.length);
          expect(client.stats().pending).to.equal(0);
          await client.close();
          await world.server.close();
          await clock.advance(5_000);
          await settle();
          expect(clock.pendingTimers).to.equal(0);
          expect(client.stats().connections).to.equal(0);
        },
      ),
      { numRuns: 150 },
    );
  });
});

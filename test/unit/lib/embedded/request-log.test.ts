import { expect } from 'chai';
import { describe, it } from 'mocha';
import { RequestLog } from '../../../../lib/embedded/request-log/request-log.ts';
import type { RequestSlot } from '../../../../lib/embedded/request-log/request-slot.ts';
import {
  encodeCommand,
  FrameDecoder,
  type RemotingCommand,
  SerializeType,
} from '../../../../protocol/index.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

/** A command as a server gets it: with its frame behind it. */
function received(
  opaque: number,
  extFields: Record<string, string> | undefined,
  serializeType: SerializeType = SerializeType.JSON,
): RemotingCommand {
  const commands: RemotingCommand[] = [];
  const body = Buffer.alloc(3);
  const command = {
    code: 310,
    language: 'JAVA',
    version: 1,
    opaque,
    flag: 0,
    extFields,
    body,
    serializeType,
  } as const;
  new FrameDecoder({}, { lazy: true }).push(encodeCommand(command), (each) => commands.push(each));
  const [only] = commands;
  if (only === undefined) throw new Error('There was no command');
  return only;
}

function createLog(size: number) {
  const added: RequestSlot[] = [];
  const clock = new FakeClock();
  const log = new RequestLog(size, clock, (slot) => added.push(slot));
  const add = (opaque: number, extFields: Record<string, string> | undefined = {}): number =>
    log.incoming('broker-a', 'client:1', received(opaque, extFields));
  return { log, added, clock, add, opaques: () => log.select().map(({ opaque }) => opaque) };
}

describe('RequestLog', () => {
  it('keeps the last requests, oldest first', () => {
    const { add, opaques } = createLog(3);
    for (let opaque = 0; opaque < 8; opaque++) add(opaque);
    expect(opaques()).to.deep.equal([5, 6, 7]);
  });

  it('keeps fields when the frame is gone, in either form and of any length', () => {
    for (const type of [SerializeType.JSON, SerializeType.ROCKETMQ])
      for (const i of ['a\u0001b\u0002', 'größer', 'x'.repeat(2_000)]) {
        const { log } = createLog(1);
        const command = received(1, { i, b: 'T' }, type);
        log.incoming('broker-a', 'client:1', command);
        expect({ ...log.select()[0]?.ext }).to.deep.equal({ i, b: 'T' });
      }
    const { log, add } = createLog(1);
    add(1, undefined);
    expect({ ...log.select()[0]?.ext }).to.deep.equal({});
    expect(log.select()[0]).to.include({ bodySize: 3, oneway: false, name: 'SEND_MESSAGE_V2' });
  });

  it('takes answers down, but not for a request that has gone', async () => {
    const { log, add, clock } = createLog(2);
    const numbers = [add(0), add(1), add(2)];
    await clock.advance(5);
    for (const number of numbers) log.settle(number, number === 1 ? 17 : 0, 'said');
    const answers = log.select().map(({ opaque, answer }) => [opaque, answer?.code]);
    expect(answers).to.deep.equal([
      [1, 17],
      [2, 0],
    ]);
    expect(log.select()[0]?.answer).to.deep.equal({ at: clock.now(), code: 17, remark: 'said' });
    add(3);
    expect(log.select({ command: 310 }).at(-1)?.answer).to.equal(undefined);
  });

  it('tells of each request even when it keeps none', () => {
    const { added, add, opaques } = createLog(0);
    add(7);
    expect(opaques()).to.deep.equal([]);
    expect(added.map((slot) => slot.read().opaque)).to.deep.equal([7]);
  });

  it('forgets', () => {
    const { log, add, opaques } = createLog(4);
    add(1);
    log.clear();
    add(2);
    expect(opaques()).to.deep.equal([2]);
  });
});

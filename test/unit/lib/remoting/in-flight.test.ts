import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';

import { InFlight } from '../../../../lib/remoting/in-flight.ts';
import { Outgoing } from '../../../../lib/remoting/outgoing.ts';
import { PendingRequest } from '../../../../lib/remoting/pending-request.ts';
import { buildCommand } from '../../../../lib/remoting/build-command.ts';
import { echo, nothing } from './fixture.ts';

const request = (opaque: number): PendingRequest => {
  const command = buildCommand(echo, { text: '' }, nothing, 0);
  command.opaque = opaque;
  return new PendingRequest(echo, command, 0, 1_000, () => {});
};

describe('InFlight', () => {
  it('behaves as a map from opaque to request, however the opaques collide', () => {
    // Opaques a power of two apart share a slot.
    const opaque = fc.tuple(fc.nat(3), fc.nat(4)).map(([low, high]) => low + high * 1_024);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), opaque)), (steps) => {
        const table = new InFlight();
        const model = new Map<number, PendingRequest>();
        for (const [isAdd, id] of steps) {
          if (isAdd && !model.has(id)) {
            const added = request(id);
            table.add(added);
            model.set(id, added);
          } else if (!isAdd) {
            expect(table.take(id)).to.equal(model.get(id));
            model.delete(id);
          }
          expect(table.size).to.equal(model.size);
          expect(table.list()).to.have.members([...model.values()]);
        }
      }),
    );
  });

  it('remembers what was given up, once each and not for ever', () => {
    const table = new InFlight();
    for (let opaque = 0; opaque < 5_000; opaque++) {
      table.add(request(opaque));
      expect(table.giveUp(opaque)).to.equal(true);
    }
    expect(table.giveUp(0)).to.equal(false);
    expect(table.wasGivenUp(0)).to.equal(false);
    expect(table.wasGivenUp(4_999)).to.equal(true);
    expect(table.wasGivenUp(4_999)).to.equal(false);
    expect(table.size).to.equal(0);
  });
});

describe('opaques', () => {
  it('wrap below 2^31', () => {
    const outgoing = new Outgoing({}, 2 ** 31 - 2);
    expect([outgoing.nextOpaque(), outgoing.nextOpaque(), outgoing.nextOpaque()]).to.deep.equal([
      2 ** 31 - 2,
      2 ** 31 - 1,
      0,
    ]);
  });
});

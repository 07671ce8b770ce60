import { expect } from 'chai';
import { after, before, it } from 'mocha';
import type { Account } from '../../support/group/ledger.ts';
import { millis, report } from '../../support/group/figures.ts';
import { HANDOVER_LIMIT, handovers, wasHandedOverLate } from '../../support/group/handovers.ts';
import { Member } from '../../support/group/member.ts';
import { RemoteMember } from '../../support/group/remote-member.ts';
import { Trial, type ChangeKind } from '../../support/group/trial.ts';
import { describeReal } from '../../support/real/target.ts';

/** Messages per second. */
const RATE = 400;
const COMMIT_INTERVAL = 300;
const CYCLES = 20;
/** Milliseconds until every queue has one owner again. */
const TAKE_OVER = 2000;
/** A process killed with SIGKILL leaves behind, uncommitted, what it consumed since its last commit: one interval, the way there and back, a busy machine. */
const KILL_REPEATS = RATE * ((COMMIT_INTERVAL + 700) / 1000) * (3 / 8);

await describeReal('Membership of a group', (target) => {
  const shares: Record<string, readonly number[]> = {};
  let trial: Trial;
  let account: Account;
  const processes: RemoteMember[] = [];
  const spawn = async (): Promise<RemoteMember> => {
    const member = await RemoteMember.spawn();
    processes.push(member);
    return member;
  };

  before(async function () {
    this.timeout(300_000);
    trial = await Trial.start(await target.cluster(), {
      name: 'Membership',
      rate: RATE,
      commitInterval: COMMIT_INTERVAL,
    });
    const mine = new Member();
    const here = new Member();
    const apart = await spawn();
    const other = await spawn();

    await trial.join(mine);
    await trial.join(here);
    shares['two members of one process'] = await trial.shares();
    await trial.join(apart);
    await trial.join(other);
    shares['two of one process and two processes'] = await trial.shares();
    await trial.leave(mine);
    await trial.leave(here);
    shares['two processes'] = await trial.shares();
    await trial.join(mine);
    await trial.leave(other);
    shares['one of this process and another process'] = await trial.shares();

    // From here on two stay, one here and one apart; a third comes and leaves, comes again and is killed.
    let third = other;
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const next = spawn();
      await trial.join(third, placed(2 * cycle, trial.idOf(mine), trial.idOf(apart)));
      await trial.leave(third);
      await trial.join(third, placed(2 * cycle + 1, trial.idOf(mine), trial.idOf(apart)));
      const killed = third;
      third = await next;
      await trial.kill(killed);
    }
    account = await trial.finish();
  });

  const countAfter = (kind: ChangeKind): number => trial.repeatsAfter(kind, account).length;

  after(async () => {
    await Promise.all(processes.map(async (member) => member.kill()));
    await trial?.[Symbol.asyncDispose]();
  });

  for (const [members, share] of [
    ['two members of one process', [4, 4]],
    ['two processes', [4, 4]],
    ['one of this process and another process', [4, 4]],
    ['two of one process and two processes', [2, 2, 2, 2]],
  ] as const) {
    it(`gives ${members} ${share.join('/')} of 8 queues`, () => {
      expect(shares[members]).to.deep.equal(share);
    });
  }

  for (const [kind, what] of [
    ['join', 'a member joined'],
    ['leave', 'a member left'],
    ['kill', 'a member was killed with SIGKILL'],
  ] as const) {
    it(`has one owner for every queue within 2 s after ${what}`, () => {
      const changes = trial.changes.filter((change) => change.kind === kind);
      const times = (of: 'owned' | 'settled' | 'moved'): string =>
        millis(changes.map((change) => change[of]));
      report(`${changes.length} times ${kind}, each queue has one owner again: ${times('owned')}`);
      report(`  and is pulled by it: ${times('settled')}; its stored offset moves on: ${times('moved')}`);
      expect(changes.length).to.be.at.least(CYCLES);
      for (const { settled } of changes) expect(settled).to.be.at.most(TAKE_OVER);
    });
  }

  it('consumes every acknowledged message', () => {
    report(
      `${trial.producer.acknowledged.size} acknowledged, ${account.lost.length} lost, ${account.storedTwice} stored twice`,
    );
    expect(trial.producer.failures).to.deep.equal([]);
    expect(account.lost).to.deep.equal([]);
  });

  it('consumes nothing twice after a member has joined or left in good order', () => {
    report(
      `repeats after joins ${countAfter('join')}, after leaves ${countAfter('leave')}; ${describeHandovers(account)}`,
    );
    expectNoRepeats(trial, account);
  });

  it('repeats no more after a kill than was not committed', () => {
    const { changes } = trial;
    const repeats = trial.repeatsAfter('kill', account);
    const perKill = changes
      .filter(({ kind }) => kind === 'kill')
      .map((kill) => {
        const next = changes.find(({ at }) => at > kill.at)?.at ?? Infinity;
        return repeats.filter(({ again }) => again.at >= kill.at && again.at < next).length;
      });
    report(
      `repeats after ${perKill.length} kills ${repeats.length}, at most ${Math.max(...perKill)} after one`,
    );
    for (const count of perKill) expect(count).to.be.at.most(KILL_REPEATS);
  });

  it('never moves a stored offset back', () => {
    expect(trial.fallen).to.deep.equal([]);
  });

  it('warns of nothing', () => {
    const warnings = account.remarks.filter(({ name }) => name !== 'rebalance');
    expect(warnings.slice(0, 5)).to.deep.equal([]);
  });
});

await describeReal('Membership of a group whose listeners take 200 ms', (target) => {
  it('consumes nothing twice while a member joins and leaves', async () => {
    await using apart = await RemoteMember.spawn();
    const options = { name: 'SlowMembership', rate: 200, commitInterval: COMMIT_INTERVAL, work: 200 };
    await using trial = await Trial.start(await target.cluster(), options);
    const [mine, third] = [new Member(), new Member()];
    await trial.join(mine);
    await trial.join(apart);
    for (let turn = 0; turn < 6; turn++) {
      await trial.join(third, placed(turn, trial.idOf(mine), trial.idOf(apart)));
      await trial.leave(third);
    }
    const account = await trial.finish();
    const acknowledged = trial.producer.acknowledged.size;
    report(
      `${acknowledged} acknowledged, ${account.lost.length} lost, ${account.repeats.length} repeats; ${describeHandovers(account)}`,
    );
    expect(account.lost).to.deep.equal([]);
    expectNoRepeats(trial, account);
  }).timeout(120_000);
});

function describeHandovers({ remarks }: Account): string {
  const late = handovers(remarks).map((handover) => handover.late);
  const tooLate = late.filter((ms) => ms > HANDOVER_LIMIT).length;
  return `${late.length} hand-overs, the old owner done after ${millis(late)}, ${tooLate} times too late`;
}

/** After joins and leaves, apart from hand-overs that this machine was too slow for; a member that leaves has no such excuse. */
function expectNoRepeats(trial: Trial, account: Account): void {
  const known = handovers(account.remarks);
  const orderly = (['first', 'join', 'leave'] as const).flatMap((kind) => trial.repeatsAfter(kind, account));
  const unexcused = orderly.filter((repeat) => !wasHandedOverLate(repeat, known));
  const around = account.remarks.filter(({ at }) => Math.abs(at - (unexcused[0]?.again.at ?? 0)) < 2000);
  expect(unexcused.slice(0, 3), JSON.stringify(around, undefined, 1)).to.deep.equal([]);
}

/** An instance name that sorts before both others, between them, or behind them: each moves other queues. */
function placed(turn: number, one: string, another: string): string {
  const [lower = ''] = [one, another].sort();
  const name = [`-${turn}`, `${lower.slice(lower.indexOf('@') + 1)}~${turn}`, `z${turn}`][turn % 3];
  return name ?? '';
}

import { PassThrough } from 'node:stream';

import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import picocolors from 'picocolors';

import { frameLines } from '../../../../../lib/cli/demo/demo-lines.ts';
import { DemoState } from '../../../../../lib/cli/demo/demo-state.ts';
import { LiveView } from '../../../../../lib/cli/demo/live-view.ts';
import { PlainView } from '../../../../../lib/cli/demo/plain-view.ts';
import { RateMeter } from '../../../../../lib/cli/demo/rate-meter.ts';
import { summaryLines } from '../../../../../lib/cli/demo/summary.ts';
import { count, duration, moment } from '../../../../../lib/cli/demo/text.ts';
import type { Terminal } from '../../../../../lib/cli/terminal.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

const colors = picocolors.createColors(false);

describe('Demo output', () => {
  let clock: FakeClock;
  let state: DemoState;
  let out: PassThrough;
  let terminal: Terminal;

  beforeEach(() => {
    clock = new FakeClock();
    state = new DemoState('Title', 8, clock);
    out = new PassThrough();
    terminal = {
      out,
      err: new PassThrough(),
      colors,
      isLive: false,
      size: () => ({ columns: 80, rows: 24 }),
      signal: new AbortController().signal,
    };
  });

  it('shows owners, lag and rates within 80 columns and 24 rows', () => {
    const members = ['Consumer1', 'Consumer2', 'Consumer3'].map((name) => state.addMember(name));
    for (const member of members) member.condition = 'running';
    state.owns('Consumer1', [0, 1, 2]);
    state.owns('Consumer2', [3, 4, 5]);
    state.owns('Consumer3', [5, 6]);
    state.ledger.acknowledge(1, 4);
    for (let i = 0; i < 30; i++) state.tell('step', `Event ${i} ${'x'.repeat(100)}`);
    const lines = frameLines(state, terminal);
    expect(lines).to.include('  owner     C1  C1  C1  C2  C2 2+3  C3   -');
    expect(lines).to.include('  lag        0   0   0   0   1   0   0   0');
    expect(lines).to.have.length.below(24);
    for (const line of lines) expect(line.length).to.be.below(81);
  });

  it('writes one line for each change where it cannot redraw', () => {
    using _view = new PlainView(state, terminal);
    state.addMember('Consumer1').condition = 'running';
    state.tell('step', 'Consumer1 starts');
    state.owns('Consumer1', [0, 1]);
    const lines = String(out.read()).split('\n');
    expect(lines[0]).to.equal('Title');
    expect(lines[1]).to.equal('  0.00 s  ▸ Consumer1 starts');
    expect(lines[2]).to.equal('  0.00 s    owned: Consumer1 0 1  0 msg/s, lag 0');
  });

  it('redraws in place, and gives the cursor back and leaves no timer at the end', async () => {
    const view = new LiveView(state, terminal);
    const height = frameLines(state, terminal).length;
    await clock.advance(100);
    view[Symbol.dispose]();
    const text = String(out.read());
    expect(text).to.include(`\u001B[${height}A`);
    expect(text.indexOf('\u001B[?25l')).to.be.below(text.indexOf('\u001B[?25h'));
    expect(clock.pendingTimers).to.equal(0);
  });

  it('averages rates over two seconds', () => {
    const meter = new RateMeter(0);
    for (let now = 0; now < 4_000; now += 10) meter.add(now);
    expect(meter.at(4_000)).to.be.within(95, 105);
    expect(meter.at(7_000)).to.equal(0);
  });

  it('puts two scenarios side by side, and explains repeats', () => {
    const result = {
      start: 900,
      join: 1_240,
      takeOver: 38,
      acknowledged: 2_431,
      lost: 0,
      repeated: 12,
      failedSends: 0,
    };
    const one = summaryLines([{ name: 'with notices', result }], colors);
    expect(one.join('\n')).to.match(/^Take-over after SIGKILL +38 ms$/m);
    expect(one.join('\n'))
      .to.match(/last commit of offsets/)
      .and.not.match(/Sends not acknowledged/);
    const other = { ...result, takeOver: 19_800, repeated: 0, failedSends: 3 };
    const two = summaryLines(
      [
        { name: 'with notices', result },
        { name: 'without', result: other },
      ],
      colors,
    );
    expect(two.join('\n')).to.match(/^Take-over after SIGKILL +38 ms +19.8 s$/m);
    expect(two.join('\n')).to.match(/Sends not acknowledged +0 +3/);
  });

  it('writes durations, counts and moments as people read them', () => {
    expect([0.4, 38, 999, 1_240, 20_300].map(duration)).to.deep.equal([
      '0 ms',
      '38 ms',
      '999 ms',
      '1.24 s',
      '20.3 s',
    ]);
    expect(count(13_938)).to.equal('13,938');
    expect(moment(4_730)).to.equal('  4.73 s');
  });
});

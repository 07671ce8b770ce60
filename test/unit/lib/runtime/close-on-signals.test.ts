import { expect } from 'chai';
import { describe, it } from 'mocha';

import {
  closeOnSignals,
  type Closable,
  type SignalProcess,
} from '../../../../lib/runtime/close-on-signals.ts';
import { deferred, type Deferred } from '../../../../lib/runtime/deferred.ts';
import { FakeClock, settle } from '../../../support/fake-clock.ts';

/** A process that only notes what is asked of it. */
class FakeProcess implements SignalProcess {
  readonly exits: number[] = [];
  readonly listeners = new Map<string, (signal: NodeJS.Signals) => void>();

  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): void {
    this.listeners.set(signal, listener);
  }

  off(signal: NodeJS.Signals): void {
    this.listeners.delete(signal);
  }

  exit(code: number): void {
    this.exits.push(code);
  }

  async send(signal: NodeJS.Signals): Promise<void> {
    this.listeners.get(signal)?.(signal);
    await settle();
  }
}

/** A client whose shutdown ends when the test says so. */
class FakeClient implements Closable {
  readonly timeouts: number[] = [];
  readonly end: Deferred<void> = deferred();
  readonly consumerGroup?: string;
  readonly producerGroup?: string;

  constructor(group: { readonly consumerGroup: string } | { readonly producerGroup: string }) {
    Object.assign(this, group);
  }

  async shutdown({ timeout }: { readonly timeout: number }): Promise<void> {
    this.timeouts.push(timeout);
    await this.end.promise;
  }
}

function scene(timeout?: number) {
  const clock = new FakeClock();
  const process = new FakeProcess();
  const lines: string[] = [];
  const one = new FakeClient({ consumerGroup: 'One' });
  const two = new FakeClient({ consumerGroup: 'Two' });
  const producer = new FakeClient({ producerGroup: 'P' });
  const stop = closeOnSignals(producer, one, two, {
    clock,
    process,
    print: (line) => void lines.push(line),
    ...(timeout !== undefined && { timeout }),
  });
  return { clock, process, lines, one, two, producer, stop };
}

describe('closeOnSignals', () => {
  it('closes consumers at once, producers after them, and ends the process with 0', async () => {
    const { clock, process, one, two, producer, lines } = scene();
    await process.send('SIGTERM');
    expect([one, two, producer].map(({ timeouts }) => timeouts.length)).to.deep.equal([1, 1, 0]);
    expect(one.timeouts).to.deep.equal([18_000]);
    one.end.resolve();
    await settle();
    expect(producer.timeouts).to.deep.equal([]);
    await clock.advance(4_000);
    two.end.resolve();
    await settle();
    expect(producer.timeouts).to.deep.equal([14_000]);
    producer.end.resolve();
    await settle();
    expect(process.exits).to.deep.equal([0]);
    expect(process.listeners.size).to.equal(0);
    expect(clock.pendingTimers).to.equal(0);
    expect(lines).to.deep.equal([
      'SIGTERM: closing producer P, consumer One, consumer Two, 20000 ms at most; again: at once',
      'Closed in 4000 ms',
    ]);
  });

  it('says what it still waits for, and leaves with 1 when the time is up', async () => {
    const { clock, process, one, lines } = scene(12_000);
    await process.send('SIGINT');
    one.end.resolve();
    await clock.advance(11_999);
    expect(process.exits).to.deep.equal([]);
    await clock.advance(1);
    expect(process.exits).to.deep.equal([1]);
    expect(lines.slice(1)).to.deep.equal([
      'Still waiting for producer P, consumer Two, 7000 ms left',
      'Still waiting for producer P, consumer Two, 2000 ms left',
      'Not closed within 12000 ms, left as it is: producer P, consumer Two',
    ]);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('leaves at once at a second signal, of whatever kind', async () => {
    const { process, lines } = scene();
    await process.send('SIGTERM');
    await process.send('SIGINT');
    expect(process.exits).to.deep.equal([130]);
    expect(lines.at(-1)).to.match(/^SIGINT again: leaving at once, without producer P, consumer One/);
  });

  it('goes on with the others when one cannot be closed, and leaves with 1', async () => {
    const { process, one, two, producer, lines } = scene();
    await process.send('SIGTERM');
    one.end.reject(new Error('no way'));
    two.end.resolve();
    producer.end.resolve();
    await settle();
    await settle();
    expect(process.exits).to.deep.equal([1]);
    expect(lines).to.include('Closing consumer One failed: no way');
  });

  it('does nothing any more once it is disposed of', async () => {
    const { process, one, stop } = scene();
    stop();
    await process.send('SIGTERM');
    expect([one.timeouts.length, process.listeners.size]).to.deep.equal([0, 0]);
  });

  it('listens to other signals, and leaves the process alone, when told so', async () => {
    const process = new FakeProcess();
    const client = new FakeClient({ consumerGroup: 'One' });
    const options = { process, signals: ['SIGHUP'], exit: false, print: () => {} } as const;
    using _ = closeOnSignals(client, options);
    expect([...process.listeners.keys()]).to.deep.equal(['SIGHUP']);
    await process.send('SIGHUP');
    client.end.resolve();
    await settle();
    expect([client.timeouts.length, process.exits.length]).to.deep.equal([1, 0]);
  });
});

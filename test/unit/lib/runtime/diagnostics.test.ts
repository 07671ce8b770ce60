import { channel, tracingChannel } from 'node:diagnostics_channel';

import { expect } from 'chai';
import { describe, it } from 'mocha';

import { notify, trace } from '../../../../lib/diagnostics.ts';

describe('diagnostics', () => {
  it('cost nothing but the work while nobody listens', async () => {
    const unwanted = (): never => expect.fail('The context was built');
    expect(await trace('send', unwanted, async () => 'done')).to.equal('done');
    notify('rebalance', unwanted);
  });

  it('tell listeners of the beginning and the end of an operation, and of what happened', async () => {
    const heard: unknown[] = [];
    const context = { topic: 'T', producerGroup: 'G' };
    const listener = {
      start: (message: unknown) => void heard.push(['start', message]),
      asyncEnd: (message: unknown) => void heard.push(['end', message]),
      end: () => {},
      asyncStart: () => {},
      error: () => {},
    };
    const traced = tracingChannel<unknown, object>('rocketmq:send');
    traced.subscribe(listener);
    const onNotice = (message: unknown): void => void heard.push(message);
    channel('rocketmq:connection').subscribe(onNotice);
    await trace(
      'send',
      () => context,
      async () => 'done',
    );
    notify('connection', () => ({ address: 'a:1', state: 'connected' }));
    traced.unsubscribe(listener);
    channel('rocketmq:connection').unsubscribe(onNotice);
    expect(heard).to.deep.equal([
      ['start', context],
      ['end', context],
      { address: 'a:1', state: 'connected' },
    ]);
  });
});

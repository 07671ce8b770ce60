import { expect } from 'chai';
import { describe, it } from 'mocha';

import { OverloadedError } from '../../../../lib/errors.ts';
import { FrameChannel } from '../../../../lib/remoting/frame-channel.ts';
import type { Channel } from '../../../../lib/remoting/transport.ts';
import { encodeCommand } from '../../../../protocol/frame.ts';
import type { OutgoingCommand } from '../../../../protocol/frame.ts';

const frame = (opaque: number, body?: Buffer): OutgoingCommand => ({
  language: 'JAVA',
  version: 479,
  flag: 0,
  serializeType: 0,
  code: 1,
  opaque,
  body,
});

function createChannel() {
  const writes: Buffer[] = [];
  const heard: string[] = [];
  let hasRoom = true;
  let isDrained = false;
  const channel: Channel = {
    get isDrained() {
      return isDrained;
    },
    remoteAddress: 'there:1',
    localAddress: 'here:1',
    write: (data) => {
      writes.push(data);
      return hasRoom;
    },
    close: (error) => heard.push(`close ${error?.message ?? ''}`),
    pause: () => {},
    resume: () => {},
  };
  const counters = { writes: 0, reads: 0 };
  const receiver = {
    onCommand: ({ opaque }: { readonly opaque: number }) => void heard.push(`command ${opaque}`),
    onRead: () => {},
    onClose: () => void heard.push('closed'),
  };
  const frames = new FrameChannel(receiver, counters, { maxFrameSize: 1_000 });
  frames.attach(channel);
  return {
    frames,
    writes,
    heard,
    counters,
    block: (isBlocked: boolean) => (hasRoom = !isBlocked),
    drain: (isOut: boolean) => (isDrained = isOut),
  };
}

describe('FrameChannel', () => {
  it('writes all frames of a turn at its end, as one buffer', async () => {
    const { frames, writes } = createChannel();
    for (let opaque = 0; opaque < 10; opaque++) frames.send(frame(opaque));
    expect(writes).to.deep.equal([]);
    await Promise.resolve();
    expect(writes.length).to.equal(1);
    expect(writes[0]).to.deep.equal(
      Buffer.concat(Array.from({ length: 10 }, (_, opaque) => encodeCommand(frame(opaque)))),
    );
  });

  it('writes earlier when 48 KiB have gathered', () => {
    const { frames, writes } = createChannel();
    for (let opaque = 0; opaque < 10; opaque++) frames.send(frame(opaque, Buffer.alloc(10_000)));
    expect(writes.map(({ length }) => length >= 49_152)).to.deep.equal([true, true]);
  });

  it('uses the memory of frames again when they have left, and not before', async () => {
    const { frames, writes, drain } = createChannel();
    for (let opaque = 0; opaque < 4; opaque++) {
      drain(opaque === 3);
      frames.send(frame(opaque));
      frames.send(frame(opaque + 10));
      await Promise.resolve();
    }
    const places = writes.map(({ byteOffset }) => byteOffset);
    expect(new Set(places.slice(0, 3)).size).to.equal(3);
    expect(places[3]).to.equal(0);
    expect(writes.slice(1)).to.deep.equal(
      [1, 2, 3].map((opaque) =>
        Buffer.concat([encodeCommand(frame(opaque)), encodeCommand(frame(opaque + 10))]),
      ),
    );
  });

  it('writes nothing while the other side asks to wait, then all in one', async () => {
    const { frames, writes, block } = createChannel();
    block(true);
    frames.send(frame(0));
    await Promise.resolve();
    for (let opaque = 1; opaque < 100; opaque++) frames.send(frame(opaque, Buffer.alloc(1_000)));
    await Promise.resolve();
    expect(writes.length).to.equal(1);
    expect(frames.flushed).to.equal(1);
    block(false);
    frames.onDrain();
    expect(writes.length).to.equal(2);
    expect(frames.flushed).to.equal(100);
  });

  it('refuses more when 100 MiB wait for a peer that does not read', async () => {
    const { frames, block } = createChannel();
    block(true);
    frames.send(frame(0));
    await Promise.resolve();
    const body = Buffer.alloc(15 * 1_024 * 1_024);
    for (let n = 0; n < 7; n++) frames.send(frame(n, body));
    expect(() => frames.send(frame(8))).to.throw(OverloadedError, 'there:1');
  });

  it('reads frames however they are cut', () => {
    const { frames, heard } = createChannel();
    const data = Buffer.concat([encodeCommand(frame(1)), encodeCommand(frame(2))]);
    for (const byte of data) frames.onData(Buffer.of(byte));
    expect(heard).to.deep.equal(['command 1', 'command 2']);
  });

  it('closes on a frame above the limit before it has arrived, and hears nothing more', () => {
    const { frames, heard } = createChannel();
    frames.onData(encodeCommand(frame(1, Buffer.alloc(1_000))).subarray(0, 8));
    expect(heard.length).to.equal(1);
    expect(heard[0]).to.match(/^close frame: has \d+ bytes; at most 1000 are allowed$/);
    frames.onData(encodeCommand(frame(2)));
    expect(heard.length).to.equal(1);
  });
});

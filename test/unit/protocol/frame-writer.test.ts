import { expect } from 'chai';
import { describe, it } from 'mocha';
import { encodeCommand, FrameWriter, ProtocolError, SerializeType } from '../../../protocol/index.ts';
import type { BodySource, OutgoingCommand } from '../../../protocol/index.ts';

const command: OutgoingCommand = {
  code: 11,
  language: 'OTHER',
  version: 479,
  opaque: 1,
  flag: 0,
  extFields: { topic: '消息' },
  serializeType: SerializeType.JSON,
};

describe('FrameWriter', () => {
  it('writes many frames into one buffer', () => {
    const writer = new FrameWriter();
    const single = encodeCommand({ ...command, body: Buffer.from('abc') });
    for (let index = 0; index < 3; index++) writer.append({ ...command, body: Buffer.from('abc') });
    expect(writer.size).to.equal(single.length * 3);
    expect(writer.take()).to.deep.equal(Buffer.concat([single, single, single]));
    expect(writer.size).to.equal(0);
    expect(writer.take()).to.have.length(0);
  });

  it('leaves what was taken alone when it writes on', () => {
    const writer = new FrameWriter(256);
    writer.append(command);
    const first = writer.take();
    const copy = Buffer.from(first);
    for (let index = 0; index < 10; index++) writer.append({ ...command, opaque: index });
    expect(first).to.deep.equal(copy);
  });

  it('writes over what was taken once it is told so, but not over frames that wait', () => {
    const writer = new FrameWriter(4_096);
    writer.append(command);
    const first = writer.take();
    writer.reuse();
    writer.append({ ...command, opaque: 2 });
    writer.reuse();
    const second = writer.take();
    expect(second.byteOffset).to.equal(first.byteOffset);
    expect(second.buffer).to.equal(first.buffer);
    expect(second).to.deep.equal(encodeCommand({ ...command, opaque: 2 }));
  });

  it('does not keep the memory of a long frame', () => {
    const writer = new FrameWriter();
    writer.append({ ...command, body: Buffer.alloc(1_000_000) });
    const long = writer.take();
    writer.reuse();
    writer.append(command);
    expect(writer.take().buffer).to.not.equal(long.buffer);
  });

  it('writes a body from its source', () => {
    const parts = [Buffer.from('ab'), Buffer.from('c')];
    const bodySource: BodySource = {
      length: 3,
      copyTo: (target, start) => {
        let at = start;
        for (const part of parts) at += part.copy(target, at);
      },
    };
    for (const serializeType of [SerializeType.JSON, SerializeType.ROCKETMQ]) {
      const outgoing = { ...command, serializeType };
      const expected = encodeCommand({ ...outgoing, body: Buffer.from('abc') });
      expect(encodeCommand({ ...outgoing, bodySource })).to.deep.equal(expected);
    }
  });

  it('grows while frames wait', () => {
    const writer = new FrameWriter(64);
    const frames = Array.from({ length: 50 }, (_, opaque) => ({
      ...command,
      opaque,
      body: Buffer.alloc(opaque * 10, opaque),
    }));
    for (const frame of frames) writer.append(frame);
    expect(writer.take()).to.deep.equal(Buffer.concat(frames.map(encodeCommand)));
  });

  it('writes a body larger than its chunk', () => {
    const body = Buffer.alloc(1_000_000, 'z');
    const frame = encodeCommand({ ...command, body });
    expect(frame.subarray(-body.length).equals(body)).to.equal(true);
  });

  it('writes nothing of a command that the binary form cannot hold', () => {
    const writer = new FrameWriter();
    const pop = { ...command, code: 200_050, serializeType: SerializeType.ROCKETMQ };
    expect(() => writer.append(pop)).to.throw(ProtocolError, /16 bits/);
    expect(writer.size).to.equal(0);
  });
});

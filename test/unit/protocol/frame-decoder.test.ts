import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  encodeCommand,
  FrameDecoder,
  FrameWriter,
  ProtocolError,
  SerializeType,
} from '../../../protocol/index.ts';
import type { FrameLimits, OutgoingCommand, RemotingCommand } from '../../../protocol/index.ts';
import { recordedFrames } from './recorded-frames.ts';

function decode(chunks: readonly Buffer[], limits?: Partial<FrameLimits>): RemotingCommand[] {
  const decoder = new FrameDecoder(limits);
  const commands: RemotingCommand[] = [];
  for (const chunk of chunks) decoder.push(chunk, (command) => commands.push(command));
  return commands;
}

function command(
  opaque: number,
  body?: Buffer,
  serializeType: SerializeType = SerializeType.JSON,
): OutgoingCommand {
  return {
    code: 310,
    language: 'OTHER',
    version: 479,
    opaque,
    flag: 0,
    extFields: { b: '主题' },
    body,
    serializeType,
  };
}

function frame(size: number, word: number, rest = Buffer.alloc(0)): Buffer {
  const prefix = Buffer.alloc(8);
  prefix.writeInt32BE(size, 0);
  prefix.writeUInt32BE(word, 4);
  return Buffer.concat([prefix, rest]);
}

describe('FrameDecoder', () => {
  const writer = new FrameWriter();
  for (const item of [command(1), command(2, Buffer.from('body')), command(3, Buffer.alloc(300, 7), 1)])
    writer.append(item);
  const stream = writer.take();
  const expected = decode([stream]);

  it('finds every frame of one chunk', () => {
    expect(expected.map(({ opaque, body }) => [opaque, body?.length])).to.deep.equal([
      [1, undefined],
      [2, 4],
      [3, 300],
    ]);
    expect(expected[2]?.extFields?.['b']).to.equal('主题');
  });

  it('finds the same when the stream comes byte by byte', () => {
    expect(decode(Array.from(stream, (_, at) => stream.subarray(at, at + 1)))).to.deep.equal(expected);
  });

  it('finds the same wherever the stream is split in two', () => {
    for (let at = 0; at <= stream.length; at++) {
      expect(decode([stream.subarray(0, at), stream.subarray(at)]), `split at ${at}`).to.deep.equal(expected);
    }
  });

  it('finds the same however the stream is split', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const chunks = places.slice(1).map((end, index) => stream.subarray(places[index], end));
        expect(decode(chunks)).to.deep.equal(expected);
      }),
    );
  });

  it('gives bodies as views of the chunk they came in', () => {
    expect(decode([stream])[1]?.body?.buffer).to.equal(stream.buffer);
  });

  it('says how much of an unfinished frame it holds', () => {
    const decoder = new FrameDecoder();
    decoder.push(stream.subarray(0, 5), () => undefined);
    expect(decoder.pending).to.equal(5);
    decoder.push(stream.subarray(5, 20), () => undefined);
    expect(decoder.pending).to.equal(20);
    decoder.push(stream.subarray(20), () => undefined);
    expect(decoder.pending).to.equal(0);
  });

  for (const { title, bytes } of recordedFrames) {
    it(`reads the recorded frame of ${title}`, () => {
      const [read, ...others] = decode([bytes]);
      expect(others).to.deep.equal([]);
      const again = encodeCommand({ ...(read as RemotingCommand), language: read?.language ?? 'OTHER' });
      expect(decode([again])[0]).to.deep.equal(read);
      // The binary form has the field n with an empty value, which reads as none.
      if (!title.endsWith('(request)') || title.includes('SEND_MESSAGE_V2, ROCKETMQ')) return;
      expect(again.toString('latin1')).to.equal(bytes.toString('latin1'));
    });
  }
});

describe('FrameDecoder and bytes that are not the protocol', () => {
  const refused: [title: string, bytes: Buffer, message: RegExp][] = [
    ['a length of 0', frame(0, 0), /length 0/],
    ['a negative length', frame(-1, 0), /length -1/],
    ['a length above the limit', frame(17 * 1024 * 1024, 10), /at most 16777216/],
    ['a header longer than the frame', frame(100, 97), /header of 97 bytes in a frame of 104/],
    ['a header above the limit', frame(2_000_000, 1_048_577), /at most 1048576/],
    ['an unknown serialize type', frame(100, 0x0700_0010), /serialize type 7/],
    ['a header that is not JSON', frame(7, 3, Buffer.from('{"a')), /header: is not JSON/],
    ['a header that is no object', frame(6, 2, Buffer.from('[]')), /not a JSON object/],
    ['an HTTP answer', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), /speaks HTTP,/],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n'), /speaks HTTP,/],
    ['an HTTP/2 preface', Buffer.from('PRI * HTTP/2.0\r\n'), /speaks HTTP\/2,/],
    ['HTTP/2 settings', Buffer.from('000012040000000000000300000064', 'hex'), /speaks HTTP\/2/],
    ['empty HTTP/2 settings', Buffer.from('000000040000000000', 'hex'), /speaks HTTP\/2/],
    ['a TLS alert', Buffer.from('15030300020228ff', 'hex'), /speaks TLS,/],
    ['a TLS handshake', Buffer.from('160301020001000100', 'hex'), /speaks TLS,/],
    ['an SSH greeting', Buffer.from('SSH-2.0-OpenSSH_9.6'), /speaks SSH,/],
  ];
  for (const [title, bytes, message] of refused) {
    it(`refuses ${title}, whole and byte by byte`, () => {
      expect(() => decode([bytes])).to.throw(ProtocolError, message);
      expect(() => decode(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)))).to.throw(
        ProtocolError,
        message,
      );
    });
  }

  it('throws the same error for all that follows', () => {
    const decoder = new FrameDecoder();
    expect(() => decoder.push(frame(-1, 0), () => undefined)).to.throw(ProtocolError);
    expect(() => decoder.push(encodeCommand(command(1)), () => undefined)).to.throw(
      ProtocolError,
      /length -1/,
    );
  });

  it('does not take memory before the limits are checked', () => {
    const before = process.memoryUsage().arrayBuffers;
    expect(() => decode([frame(0x7000_0000, 10)])).to.throw(ProtocolError);
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(16 * 1024 * 1024);
  });

  it('throws nothing but ProtocolError for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (bytes, seed) => {
        const mutated = encodeCommand(command(1, Buffer.from('x'), (seed % 2) as SerializeType));
        bytes.forEach((byte, index) => {
          if (index < 3) mutated[(seed * (index + 7)) % mutated.length] = byte;
        });
        for (const input of [Buffer.from(bytes), mutated]) {
          try {
            decode([input]);
          } catch (error) {
            expect(error).to.be.instanceOf(ProtocolError);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

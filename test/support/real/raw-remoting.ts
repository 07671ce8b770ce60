import { connect, type Socket } from 'node:net';

/** A request by hand: no codec of the project is involved, so a mistake in one cannot hide here. */
export interface RawRequest {
  readonly code: number;
  readonly fields?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: Buffer;
}

export interface RawResponse {
  readonly code: number;
  readonly remark: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface Header {
  readonly code: number;
  readonly remark?: string;
  readonly extFields?: Record<string, string>;
}

/** Opens a connection, sends one request with a JSON header, returns the answer. `address` is `host:port`. */
export async function rawInvoke(address: string, request: RawRequest, timeout = 5000): Promise<RawResponse> {
  const separator = address.lastIndexOf(':');
  const socket = connect({ host: address.slice(0, separator), port: Number(address.slice(separator + 1)) });
  socket.setTimeout(timeout, () =>
    socket.destroy(new Error(`no answer from ${address} within ${timeout} ms`)),
  );
  try {
    socket.write(encode(request));
    return await readResponse(socket, address);
  } finally {
    socket.destroy();
  }
}

function encode({ code, fields = {}, body = Buffer.alloc(0) }: RawRequest): Buffer {
  const extFields = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)]));
  const header = Buffer.from(
    JSON.stringify({
      code,
      language: 'OTHER',
      version: 477,
      opaque: 1,
      flag: 0,
      extFields,
      serializeTypeCurrentRPC: 'JSON',
    }),
  );
  const prefix = Buffer.alloc(8);
  prefix.writeInt32BE(4 + header.length + body.length, 0);
  // The highest of the four bytes is the serialization: 0 is JSON.
  prefix.writeInt32BE(header.length, 4);
  return Buffer.concat([prefix, header, body]);
}

async function readResponse(socket: Socket, address: string): Promise<RawResponse> {
  let received = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk]);
    if (received.length < 4) continue;
    const end = 4 + received.readInt32BE(0);
    if (received.length >= end) return decode(received.subarray(0, end));
  }
  throw new Error(`${address} closed the connection after ${received.length} bytes`);
}

function decode(frame: Buffer): RawResponse {
  const bodyStart = 8 + (frame.readInt32BE(4) & 0xff_ff_ff);
  const header = JSON.parse(frame.toString('utf8', 8, bodyStart)) as Header;
  return {
    code: header.code,
    remark: header.remark,
    fields: header.extFields ?? {},
    body: frame.subarray(bodyStart),
  };
}

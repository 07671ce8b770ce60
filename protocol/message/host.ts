import { ProtocolError } from '../errors.ts';

/** Reads `address + port` of 8 or 20 bytes as `1.2.3.4:5` or `[2001:db8::9]:5`. */
export function readHost(bytes: Buffer, at: number, isV6: boolean): string {
  if (!isV6)
    return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}:${bytes.readInt32BE(at + 4)}`;
  return `[${formatV6(bytes.subarray(at, at + 16))}]:${bytes.readInt32BE(at + 16)}`;
}

/** Whether `host:port` text holds an IPv6 address. */
export const isV6Host = (host: string): boolean => host.startsWith('[');

/** Writes `1.2.3.4:5` or `[2001:db8::9]:5` as the 8 or 20 bytes that messages and ids carry. */
export function hostBytes(host: string): Buffer {
  const colon = host.lastIndexOf(':');
  const port = Number(host.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port) || port < -1 || port > 0xffff_ffff) throw malformed(host);
  const address = isV6Host(host)
    ? parseV6(host.slice(1, colon - 1), host)
    : parseV4(host.slice(0, colon), host);
  const bytes = Buffer.alloc(address.length + 4);
  bytes.set(address);
  bytes.writeInt32BE(port | 0, address.length);
  return bytes;
}

function parseV4(text: string, host: string): number[] {
  const parts = text.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || parts.some((part) => part > 255)) throw malformed(host);
  return parts;
}

function parseV6(text: string, host: string): number[] {
  const [head = '', tail, extra] = text.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = 8 - before.length - after.length;
  if (extra !== undefined || (tail === undefined ? missing !== 0 : missing < 1)) throw malformed(host);
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  return groups.flatMap((group) => {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) throw malformed(host);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** RFC 5952: the longest run of zero groups, from two on, becomes `::`. */
function formatV6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  let [start, length] = [-1, 1];
  for (let from = 0; from < 8; from++) {
    let to = from;
    while (groups[to] === '0') to++;
    if (to - from > length) [start, length] = [from, to - from];
  }
  if (start < 0) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

function malformed(host: string): ProtocolError {
  return new ProtocolError('host', `${JSON.stringify(host.slice(0, 80))} is not an IP address with a port`);
}

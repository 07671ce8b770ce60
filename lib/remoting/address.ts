import { ConnectError } from '../errors.ts';
import type { AddressMap } from './remoting-options.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const hostAndPort = /^(?:\[([0-9a-fA-F:.%\w]{2,64})\]|([^\s:/?#@[\]]{1,255})):(\d{1,5})$/;

/** Reads `host:port` or `[IPv6]:port`. A route comes from others: nothing else is dialled. Throws `ConnectError`. */
export function parseAddress(address: string): HostPort {
  const match = hostAndPort.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port < 1 || port > 65_535) {
    const shown = JSON.stringify(address.slice(0, 80));
    throw new ConnectError(shown, { problem: 'it is not an address', remedy: 'give host:port' });
  }
  return { host, port };
}

/** `host:port`, with brackets about an IPv6 host. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The address to dial for one that a route advertises. */
export function mapAddress(map: AddressMap | undefined, advertised: string): string {
  if (map === undefined) return advertised;
  if (typeof map === 'function') return map(advertised) ?? advertised;
  return Object.hasOwn(map, advertised) ? (map[advertised] ?? advertised) : advertised;
}

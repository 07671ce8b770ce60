/** Longest `host:port` that is accepted, in characters. */
const longestAddress = 255;

const hostAndPort = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([\w.-]+)):(\d{1,5})$/;

export interface HostAndPort {
  /** Name or IP address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host:port` (an IPv6 host in brackets), or answers undefined. Routes come from the network and decide where we
 * connect and send credentials, so nothing else is accepted: no scheme, no path, no port 0. Pure.
 */
export function parseAddress(address: string): HostAndPort | undefined {
  if (address.length > longestAddress) return undefined;
  const match = hostAndPort.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/** Whether a host is an IP address and not a name. Pure. */
export const isIpAddress = (host: string): boolean =>
  host.includes(':') || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);

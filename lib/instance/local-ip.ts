import { networkInterfaces } from 'node:os';

/** One address of this machine, as `os.networkInterfaces` tells it. */
export interface LocalAddress {
  readonly address: string;
  readonly family: string;
  readonly internal: boolean;
}

/**
 * The address that stands for this machine in client ids: the first IPv4 one that is not private to the machine, else the first
 * IPv6 one, else the loopback. Pure. Java: `NetworkUtil.getLocalAddress`.
 */
export function chooseLocalIp(addresses: readonly LocalAddress[]): string {
  const usable = addresses.filter(({ address, internal }) => !internal && !isLinkLocal(address));
  const chosen = usable.find(({ family }) => family === 'IPv4') ?? usable[0];
  return chosen?.address ?? '127.0.0.1';
}

const isLinkLocal = (address: string): boolean =>
  address.startsWith('169.254.') || /^fe[89ab]/i.test(address);

/** {@link chooseLocalIp} of this machine. */
export const localIp = (): string =>
  chooseLocalIp(Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []));

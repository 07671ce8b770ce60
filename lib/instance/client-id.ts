import type { Random } from '../runtime/random.ts';

/** What a client id is made of. */
export interface ClientIdParts {
  /** Default: the first address of this machine, see `localIp`. */
  readonly ip: string;
  /** Default: see {@link defaultInstanceName}. */
  readonly instanceName: string;
  readonly unitName?: string | undefined;
}

/** `ip@instanceName`, then `@unitName` if there is one. Pure. Java: `ClientConfig.buildMQClientId`. */
export function clientId({ ip, instanceName, unitName }: ClientIdParts): string {
  return unitName === undefined ? `${ip}@${instanceName}` : `${ip}@${instanceName}@${unitName}`;
}

/** Java's name of an instance that was given none. */
export const DEFAULT_INSTANCE_NAME = 'DEFAULT';

/**
 * The name of an instance that was given none. Broadcasting keeps `DEFAULT`, because the path of the offset file contains the
 * client id; otherwise it is unique to the process and the member: containers share process ids, and often addresses, so
 * a random part is added. Java: `ClientConfig.changeInstanceNameToPID`.
 */
export function defaultInstanceName(
  messageModel: 'CLUSTERING' | 'BROADCASTING',
  { pid, random }: { readonly pid: number; readonly random: Random },
): string {
  if (messageModel === 'BROADCASTING') return DEFAULT_INSTANCE_NAME;
  return `${pid}#${randomDigits(random)}${randomDigits(random)}`;
}

const randomDigits = (random: Random): string =>
  Math.floor(random.next() * 36 ** 6)
    .toString(36)
    .padStart(6, '0');

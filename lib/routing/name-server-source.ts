import { InvalidOptionError } from '../errors.ts';
import { parseAddress } from './broker-address.ts';

/** Where the addresses of the name servers come from: a fixed list, or the text behind a URL. */
export type NameServerSource =
  | { readonly kind: 'list'; readonly addresses: readonly string[] }
  | { readonly kind: 'discovery'; readonly url: string };

export const DEFAULT_NAME_SERVER = '127.0.0.1:9876';

/** An endpoint of Alibaba's cloud: the address is what follows the last slash. Java: `INST_ENDPOINT_PATTERN`. */
const instanceEndpoint = /^(?:\w+:\/\/)?MQ_INST_\w+_\w+\./;
const discoveryUrl = /^https?:\/\//i;

/**
 * Reads the option `nameServers`; if it is undefined `fallback`, the environment's `NAMESRV_ADDR`, and then the default.
 * Throws `InvalidOptionError` naming the address that is wrong. Pure. Java: `NameServerAddressUtils`.
 */
export function readNameServerSource(
  given: string | readonly string[] | undefined,
  {
    fallback,
    unitName,
  }: { readonly fallback?: string | undefined; readonly unitName?: string | undefined } = {},
): NameServerSource {
  const option = given === undefined && fallback ? 'NAMESRV_ADDR' : 'nameServers';
  const items = splitAddresses(given ?? (fallback || DEFAULT_NAME_SERVER)).map(withoutEndpointScheme);
  const urls = items.filter((item) => discoveryUrl.test(item));
  if (urls.length === 0) return { kind: 'list', addresses: checkAddresses(items, option) };
  const [url = ''] = urls;
  if (items.length > 1)
    throw new InvalidOptionError(option, 'must be one discovery URL or a list of host:port, not both');
  if (!URL.canParse(url))
    throw new InvalidOptionError(option, `has the URL ${JSON.stringify(url)}, which cannot be read`);
  return { kind: 'discovery', url: withUnit(url, unitName) };
}

/** Addresses separated by `;`, `,` or white space, without repetitions. Pure. */
export function splitAddresses(given: string | readonly string[]): readonly string[] {
  const text = typeof given === 'string' ? given : given.join(';');
  return [...new Set(text.split(/[;,\s]+/).filter((item) => item !== ''))];
}

function withoutEndpointScheme(item: string): string {
  return instanceEndpoint.test(item) ? item.slice(item.lastIndexOf('/') + 1) : item;
}

function checkAddresses(items: readonly string[], option: string): readonly string[] {
  if (items.length === 0) throw new InvalidOptionError(option, 'names no address; give host:port');
  const wrong = items.find((item) => parseAddress(item) === undefined);
  if (wrong === undefined) return items;
  const problem = `has the address ${JSON.stringify(wrong.slice(0, 80))}, which is not host:port such as ${DEFAULT_NAME_SERVER}`;
  throw new InvalidOptionError(option, problem);
}

/** The URL as Java's `DefaultTopAddressing` asks for it when there is a unit name. */
function withUnit(url: string, unitName: string | undefined): string {
  return unitName === undefined ? url : `${url}-${encodeURIComponent(unitName)}?nofix=1`;
}

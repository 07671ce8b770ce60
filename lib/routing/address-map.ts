import { InvalidOptionError } from '../errors.ts';
import type { AddressMap } from '../remoting/remoting-options.ts';
import { parseAddress } from './broker-address.ts';

/**
 * Checks the option `addressMap`. A function is wrapped, so that what it answers is checked each time; in a table a wrong
 * address is an `InvalidOptionError` at once. Pure.
 */
export function checkAddressMap(given: AddressMap | undefined): AddressMap | undefined {
  if (typeof given === 'function') return (advertised) => checked(advertised, given(advertised));
  for (const [advertised, address] of Object.entries(given ?? {})) {
    if (parseAddress(advertised) === undefined) throw refusal(advertised, 'as a key');
    checked(advertised, address);
  }
  return given;
}

function checked(advertised: string, address: string | undefined): string | undefined {
  if (address !== undefined && parseAddress(address) === undefined)
    throw refusal(address, `for ${advertised}`);
  return address;
}

const refusal = (address: string, where: string): InvalidOptionError =>
  new InvalidOptionError(
    'addressMap',
    `has ${JSON.stringify(address.slice(0, 80))} ${where}, which is not host:port`,
  );

import { ConnectError } from '../errors.ts';

/** Where an address was learned. */
export interface AddressOrigin {
  readonly topic: string;
  readonly brokerName: string;
  /** 0 for the master. */
  readonly brokerId: number;
  /** `host:port` of the name server that sent the route. */
  readonly nameServer: string;
}

/**
 * Says of a broker address that cannot be reached where it came from and what to do: with containers and NAT the route
 * often names an address that means nothing here, and the bare connection error leaves one guessing. Other errors, and
 * addresses of unknown origin, are given back as they are. Pure.
 */
export function explainUnreachable<E>(
  error: E,
  originOf: (address: string) => AddressOrigin | undefined,
): E | ConnectError {
  if (!(error instanceof ConnectError) || error instanceof UnreachableBrokerError) return error;
  const origin = originOf(error.advertised);
  return origin === undefined ? error : new UnreachableBrokerError(error, origin);
}

/** A broker's advertised address cannot be reached from here. */
export class UnreachableBrokerError extends ConnectError {
  readonly origin: AddressOrigin;

  constructor(cause: ConnectError, origin: AddressOrigin) {
    const { topic, brokerName, nameServer } = origin;
    super(cause.address, {
      advertised: cause.advertised,
      problem: `${cause.problem}; broker ${brokerName} advertises ${cause.advertised} in the route of topic ${topic} from name server ${nameServer}`,
      remedy: `if that address is not reachable from here, map it with the option addressMap: { '${cause.advertised}': 'host:port' }, or set brokerIP1 in the broker's configuration to one that is`,
      cause,
    });
    this.origin = origin;
  }
}

import type { PopApi } from '../../api/pop-api.ts';
import { BrokerNotFoundError } from '../../errors.ts';
import type { PushContext } from '../consumer-context.ts';

/** What the parts of a popping consumer share. */
export interface PopContext extends PushContext {
  readonly pop: PopApi;
}

/** The master of a broker: slaves neither pop nor acknowledge. @throws {BrokerNotFoundError} */
export function popAddress({ instance }: PopContext, brokerName: string): string {
  const address = instance.routes.brokerAddress(brokerName, { brokerId: 0, onlyThis: true });
  if (address === undefined) throw new BrokerNotFoundError(brokerName);
  return address;
}

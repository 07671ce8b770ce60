import { readObject, readText } from '../serialization/document.ts';
import { readSubscriptionData, subscriptionDocument } from './subscription-data.ts';
import type { SubscriptionData } from './subscription-data.ts';

/** A subscription that the broker is asked to compile: body of CHECK_CLIENT_CONFIG. Java: `CheckClientRequestBody`. */
export interface CheckClientRequestBody {
  readonly clientId: string;
  readonly group: string;
  readonly subscriptionData: SubscriptionData;
  readonly namespace?: string;
}

/** Reads a {@link CheckClientRequestBody}. */
export function readCheckClientRequest(document: unknown): CheckClientRequestBody {
  const where = 'CheckClientRequestBody';
  const body = readObject(document, where);
  const namespace = readText(body, 'namespace', where);
  return {
    clientId: readText(body, 'clientId', where) ?? '',
    group: readText(body, 'group', where) ?? '',
    subscriptionData: readSubscriptionData(body['subscriptionData']),
    ...(namespace === undefined ? undefined : { namespace }),
  };
}

/** Writes a {@link CheckClientRequestBody}. */
export function writeCheckClientRequest({
  clientId,
  group,
  namespace,
  subscriptionData,
}: CheckClientRequestBody): string {
  return JSON.stringify({
    clientId,
    group,
    namespace,
    subscriptionData: subscriptionDocument(subscriptionData),
  });
}

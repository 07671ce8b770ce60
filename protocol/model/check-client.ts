import { readObject, readText } from '../serialization/document.ts';
import { readSubscriptionData, subscriptionDocument } from './subscription-data.ts';
import type { SubscriptionData } from './subscription-data.ts';

/** A subscription that the broker is asked to compile: body of CHECK_CLIENT_CONFIG. Java: `CheckClientRequestBody`. */
export interface CheckClientRequestBody {
  readonly clientId: string;
  readonly group: string;
  readonly subscriptionData: SubscriptionData;
}

/** Reads a {@link CheckClientRequestBody}. */
export function readCheckClientRequest(document: unknown): CheckClientRequestBody {
  const where = 'CheckClientRequestBody';
  const body = readObject(document, where);
  return {
    clientId: readText(body, 'clientId', where) ?? '',
    group: readText(body, 'group', where) ?? '',
    subscriptionData: readSubscriptionData(body['subscriptionData']),
  };
}

/** Writes a {@link CheckClientRequestBody}. */
export function writeCheckClientRequest({
  clientId,
  group,
  subscriptionData,
}: CheckClientRequestBody): string {
  return JSON.stringify({ clientId, group, subscriptionData: subscriptionDocument(subscriptionData) });
}

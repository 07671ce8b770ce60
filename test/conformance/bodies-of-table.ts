import { Commands } from '../../protocol/index.ts';
import type { Body } from '../../protocol/index.ts';

/** Every JSON body that a row uses, by the name of Java's class. */
export function bodiesOfTable(): ReadonlyMap<string, Body<unknown>> {
  const bodies = new Map<string, Body<unknown>>();
  for (const { requestBody, responseBody } of Object.values(Commands))
    for (const body of [requestBody, responseBody])
      if (body.typeName !== undefined) bodies.set(body.typeName, body);
  return bodies;
}

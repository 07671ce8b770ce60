/** A member of a group with the npm package ali-ons 3.12.0, in a process of its own, for `group.ts`. For comparison only. */
import { createRequire } from 'node:module';

import { readMemberArguments, runMember, say } from './member-lines.ts';

interface AliOnsMessage {
  readonly queueId: number;
  readonly queueOffset: number;
  readonly body: Buffer;
}

/** The part of ali-ons that is used; it has no types of its own. */
interface AliOns {
  readonly Consumer: new (options: object) => {
    ready(): Promise<void>;
    close(): Promise<void>;
    subscribe(topic: string, filter: string, listener: (message: AliOnsMessage) => Promise<void>): void;
    on(event: 'error', listener: () => void): void;
  };
}

const { Consumer } = createRequire(import.meta.url)('ali-ons') as AliOns;
const ignore = (): void => {};

await runMember(async () => {
  const { nameServers, group, topic } = readMemberArguments();
  const consumer = new Consumer({
    nameSrv: nameServers,
    consumerGroup: group,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    parallelConsumeLimit: 32,
    // Wanted by the constructor, and not used with `nameSrv`.
    httpclient: {},
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  });
  consumer.on('error', ignore);
  consumer.subscribe(topic, '*', async ({ queueId, queueOffset, body }) =>
    say({
      event: 'message',
      at: Date.now(),
      queue: `:${queueId}`,
      offset: queueOffset,
      body: body.toString(),
    }),
  );
  await consumer.ready();
  return async () => consumer.close();
});

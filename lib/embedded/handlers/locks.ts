import { Commands } from '../../../protocol/commands/index.ts';
import type { BrokerState } from '../broker-state.ts';
import type { EmbeddedServer } from '../server.ts';

/** Queue locks of orderly consumers. Java: `AdminBrokerProcessor.lockBatchMQ`, `unlockBatchMQ`. */
export function handleLocks(server: EmbeddedServer, broker: BrokerState): void {
  server.handle(Commands.lockBatchMq, ({ body }) => {
    const lockOKMQSet = broker.locks.lock(body.consumerGroup, body.clientId, body.mqSet);
    return { body: { lockOKMQSet } };
  });

  server.handle(Commands.unlockBatchMq, ({ body }) => {
    broker.locks.unlock(body.consumerGroup, body.clientId, body.mqSet);
    return {};
  });
}

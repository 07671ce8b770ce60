import { hostBytes } from '../../protocol/message/host.ts';
import { UniqueIds } from '../../protocol/message/message-id.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { ResolvedProducerOptions } from '../options/producer.ts';
import { FaultTolerance } from '../routing/fault-tolerance.ts';
import { PublishTopics } from './publish-topics.ts';
import { PendingSends } from './send-context.ts';
import type { SendContext } from './send-context.ts';

/** Makes what the sends of one producer share. */
export function sendContext(instance: ClientInstance, options: ResolvedProducerOptions): SendContext {
  const { clock, random, routes, remoting, logger, clientId } = instance;
  const defaultTopic = { name: options.createTopicKey, queueNums: options.defaultTopicQueueNums };
  return {
    producerGroup: options.producerGroup,
    options,
    remoting,
    routes,
    clock,
    logger: logger.child({ component: 'producer', producerGroup: options.producerGroup }),
    topics: new PublishTopics({
      routes,
      random,
      clock,
      defaultTopic,
      requestTimeout: options.requestTimeout,
    }),
    ids: new UniqueIds({
      ip: addressBytes(clientId, clock.now()),
      pid: process.pid,
      random: () => random.next(),
      now: () => clock.now(),
    }),
    health: options.sendLatencyFaultEnable ? new FaultTolerance({ clock }) : undefined,
    pending: new PendingSends(),
  };
}

/** Bytes of the address a client id begins with; of a client id without one, as in Java, the time instead. */
function addressBytes(clientId: string, now: number): Buffer {
  const ip = clientId.slice(0, clientId.indexOf('@'));
  try {
    return hostBytes(ip.includes(':') ? `[${ip}]:0` : `${ip}:0`).subarray(0, -4);
  } catch {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(now % 0x1_0000_0000);
    return bytes;
  }
}

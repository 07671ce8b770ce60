import type { PushContext } from '../consumer-context.ts';
import { ConcurrentConsumeService } from './concurrent-consume-service.ts';
import type { ConsumeService } from './consume-service.ts';
import { ConsumeTimeout } from './consume-timeout.ts';
import { OrderlyConsumeService } from './orderly-consume-service.ts';
import { SendBack } from './send-back.ts';

/** What runs the listeners of a consumer, and what watches them. */
export interface Consuming {
  readonly service: ConsumeService;
  readonly timeout: ConsumeTimeout;
}

/** The parts for the consumer's `consumeMode`. In order nothing is ever given back for taking long, as in Java: what follows would overtake it; nor in broadcasting, where it would come to nobody. */
export function createConsuming(consumer: PushContext): Consuming {
  const { options } = consumer;
  const sendBack = new SendBack(consumer);
  if (options.consumeMode === 'orderly') {
    const limits = { ...options, consumeTimeout: Infinity };
    return {
      service: new OrderlyConsumeService(consumer, sendBack),
      timeout: new ConsumeTimeout(consumer, limits, sendBack, () => {}),
    };
  }
  const isBroadcasting = options.messageModel === 'broadcasting';
  const service = new ConcurrentConsumeService(consumer, isBroadcasting ? undefined : sendBack);
  const limits = isBroadcasting ? { ...options, consumeTimeout: Infinity } : options;
  return { service, timeout: new ConsumeTimeout(consumer, limits, sendBack, (call) => service.letGo(call)) };
}

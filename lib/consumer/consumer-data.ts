import type { ConsumerData } from '../../protocol/model/heartbeat-data.ts';
import type { PushContext } from './consumer-context.ts';
import { javaMessageModel } from './message-model.ts';
import { javaFromWhere } from './offset/first-offset.ts';
import type { Subscription } from './subscription.ts';

/** A push consumer's part of the heartbeat. Java: `MQClientInstance.prepareHeartbeatData`. */
export function consumerData(
  { consumerGroup, options, versions }: PushContext,
  subscriptions: Iterable<Subscription>,
): ConsumerData {
  return {
    groupName: consumerGroup,
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: javaMessageModel[options.messageModel],
    consumeFromWhere: javaFromWhere[options.consumeFromWhere],
    subscriptionDataSet: Array.from(subscriptions, ({ data }) => versions.announced(data)),
    unitMode: options.unitMode,
  };
}

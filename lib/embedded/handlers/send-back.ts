import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { MQVersion } from '../../../protocol/codes/version.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { MessageProperty } from '../../../protocol/message/properties.ts';
import { deadLetterTopic, retryTopic } from '../../../protocol/message/topic.ts';
import { Permission } from '../../../protocol/model/topic-route-data.ts';
import type { BrokerState } from '../broker-state.ts';
import type { NewMessage } from '../store/new-message.ts';
import type { EmbeddedServer } from '../server.ts';
import { topicSysFlagOf } from '../topics.ts';

/** CONSUMER_SEND_MSG_BACK: later again, or to the dead. Java: `AbstractSendMessageProcessor.consumerSendMsgBack`. */
export function handleSendBack(server: EmbeddedServer, broker: BrokerState): void {
  server.handle(Commands.consumerSendMsgBack, ({ header, command }) => {
    const { group, offset, delayLevel, unitMode } = header;
    const { retryMaxTimes, retryQueueNums } = broker.groups.config(group);
    const name = retryTopic(group);
    const retry = broker.topics.ensure(name, retryQueueNums, topicSysFlagOf(name, unitMode));
    if ((retry.perm & Permission.write) === 0)
      return {
        code: ResponseCode.NO_PERMISSION,
        remark: `the topic[${retry.topic}] sending message is forbidden`,
      };
    const record = broker.log.at(offset);
    if (record === undefined)
      return { code: ResponseCode.SYSTEM_ERROR, remark: `look message by offset failed, ${offset}` };

    const asked = command.version >= MQVersion.V3_4_9 ? header.maxReconsumeTimes : undefined;
    const message = withOrigin(record.copy(), broker.messageIdOf(record));
    const isDead = delayLevel < 0 || message.reconsumeTimes >= (asked ?? retryMaxTimes);
    const again = { ...message, reconsumeTimes: message.reconsumeTimes + 1 };
    if (isDead) bury(broker, again, group);
    else retryLater(broker, again, retry.topic, delayLevel === 0 ? 3 + message.reconsumeTimes : delayLevel);
    return {};
  });
}

/** Notes where the message came from, once. */
function withOrigin(message: NewMessage, offsetMessageId: string): NewMessage {
  const { properties } = message;
  if (!properties.has(MessageProperty.RETRY_TOPIC))
    properties.set(MessageProperty.RETRY_TOPIC, message.topic);
  if (!properties.has(MessageProperty.ORIGIN_MESSAGE_ID))
    properties.set(MessageProperty.ORIGIN_MESSAGE_ID, offsetMessageId);
  // As Java's setWaitStoreMsgOK(false).
  properties.set(MessageProperty.WAIT, 'false');
  return message;
}

function retryLater(broker: BrokerState, message: NewMessage, topic: string, delayLevel: number): void {
  message.properties.set(MessageProperty.DELAY, String(delayLevel));
  const queues = broker.topics.get(topic)?.writeQueueNums ?? 1;
  broker.append({ ...message, topic, queueId: broker.anyQueueId(queues) });
}

function bury(broker: BrokerState, message: NewMessage, group: string): void {
  message.properties.set(MessageProperty.DELAY, '0');
  const { topic } = broker.topics.ensure(deadLetterTopic(group), 1);
  broker.append({ ...message, topic, queueId: 0 });
}

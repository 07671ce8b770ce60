import type { Commands } from '../../protocol/commands/index.ts';
import type { RequestHeaderOf } from '../../protocol/schema/command.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import type { SendContext } from './send-context.ts';

/** Header of a send, by its long names; one letter each on the wire. Java: `SendMessageRequestHeaderV2`. */
export type SendHeader = RequestHeaderOf<typeof Commands.sendMessageV2>;

/** The header of one attempt, always with the same members in Java's order. */
export function sendHeader(
  context: SendContext,
  message: OutgoingMessage,
  queueId: number,
  brokerName: string,
): SendHeader {
  return {
    producerGroup: context.producerGroup,
    topic: message.topic,
    defaultTopic: context.options.createTopicKey,
    defaultTopicQueueNums: context.options.defaultTopicQueueNums,
    queueId,
    sysFlag: message.sysFlag,
    bornTimestamp: context.clock.now(),
    flag: message.flag,
    properties: message.properties,
    reconsumeTimes: 0,
    unitMode: context.options.unitMode,
    batch: false,
    brokerName,
  };
}

/** Port of the channel that has only sends on it: two below the ordinary one. Java: `MixAll.brokerVIPChannel`. */
export function vipAddress(address: string): string {
  const colon = address.lastIndexOf(':');
  return `${address.slice(0, colon + 1)}${Number(address.slice(colon + 1)) - 2}`;
}

import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { parseRecallHandle, type RecallHandle } from '../../../protocol/message/recall-handle.ts';
import type { BrokerState } from '../broker-state.ts';
import type { Answer } from '../faults/control.ts';
import { mostTimerDelay } from '../delay/delayed-message.ts';
import type { EmbeddedServer } from '../server.ts';

/** RECALL_MESSAGE: a timed message that is not delivered yet never will be. Java: `RecallMessageProcessor`. */
export function handleRecalls(server: EmbeddedServer, broker: BrokerState): void {
  if (!broker.manners.timedMessages) return;
  const row = Commands.recallMessage;
  server.handleRaw(row, ({ command }) => {
    const { topic, recallHandle } = row.request.read(command);
    return withRegion(recall(broker, topic, recallHandle));
  });
}

const withRegion = (answer: Answer): Answer => ({
  ...answer,
  ext: { ...answer.ext, MSG_REGION: 'DefaultRegion' },
});

const illegal = (remark: string): Answer => ({ code: ResponseCode.ILLEGAL_OPERATION, remark });

function recall(broker: BrokerState, topic: string, text: string): Answer {
  const { config, settings } = broker;
  if (config.get('recallMessageEnable') !== 'true')
    return { code: ResponseCode.NO_PERMISSION, remark: 'recall failed, operation is forbidden' };
  if (broker.topics.get(topic) === undefined)
    return { code: ResponseCode.TOPIC_NOT_EXIST, remark: `recall failed, the topic[${topic}] not exist` };
  const handle = readHandle(text);
  if (handle === undefined) return illegal('recall handle is invalid');
  if (handle.topic !== topic) return illegal('recall failed, topic not match');
  if (handle.brokerName !== broker.name) return illegal('recall failed, broker service not available');
  const left = handle.timestamp - settings.clock.now();
  if (left <= 0 || left >= mostTimerDelay) return illegal('recall failed, timestamp invalid');
  broker.recall(topic, handle.messageId);
  // Java forgets to clear the text it began with, and does not know whether there was such a message.
  return { remark: 'not set any response code', ext: { msgId: handle.messageId } };
}

function readHandle(text: string): RecallHandle | undefined {
  try {
    return parseRecallHandle(text);
  } catch {
    return undefined;
  }
}

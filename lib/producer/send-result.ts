import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import { Commands } from '../../protocol/commands/index.ts';
import type { ResponseHeaderOf } from '../../protocol/schema/command.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import { ResponseCode } from '../../protocol/codes/response-code.ts';

type SendAnswerHeader = ResponseHeaderOf<typeof Commands.sendMessageV2>;

/**
 * How well a message was stored. All four are stored; the last three say that the broker could not wait for its disk
 * or its slaves, as it is configured to. Java: `SendStatus`.
 */
export type SendStatus = 'SEND_OK' | 'FLUSH_DISK_TIMEOUT' | 'FLUSH_SLAVE_TIMEOUT' | 'SLAVE_NOT_AVAILABLE';

/** The broker's acknowledgement of a message. Java: `SendResult`. */
export interface SendResult {
  readonly status: SendStatus;
  /** The id the client gave the message (`UNIQ_KEY`); the same after a retry. */
  readonly messageId: string;
  /** The id that tells where the broker stored it; empty if the broker did not say. */
  readonly offsetMessageId: string;
  readonly queue: MessageQueue;
  /** Position in the queue; -1 if the broker did not say. */
  readonly queueOffset: number;
  readonly transactionId: string | undefined;
  /** Default `DefaultRegion`. */
  readonly regionId: string;
  /** Takes a timed message back, where the broker allows it. */
  readonly recallHandle: string | undefined;
}

/** The status that a response code stands for; `undefined` when the message was refused. */
export function sendStatus(code: number): SendStatus | undefined {
  switch (code) {
    case ResponseCode.SUCCESS:
      return 'SEND_OK';
    case ResponseCode.FLUSH_DISK_TIMEOUT:
      return 'FLUSH_DISK_TIMEOUT';
    case ResponseCode.FLUSH_SLAVE_TIMEOUT:
      return 'FLUSH_SLAVE_TIMEOUT';
    case ResponseCode.SLAVE_NOT_AVAILABLE:
      return 'SLAVE_NOT_AVAILABLE';
    default:
      return undefined;
  }
}

/**
 * Reads the fields of a send's answer as they are. It is lenient where the header's decoder is not: a proxy may leave
 * the fields out, and a message that is stored must not be reported as failed because of that.
 */
export function readSendResult(
  status: SendStatus,
  answer: RemotingCommand,
  messageId: string,
  queue: MessageQueue,
): SendResult {
  const quick = readQuickly(answer);
  if (quick !== undefined) {
    const { msgId, queueId, queueOffset, transactionId, regionId, recallHandle } = quick;
    return {
      status,
      messageId,
      offsetMessageId: msgId,
      queue: queueId === queue.queueId ? queue : { ...queue, queueId },
      queueOffset,
      transactionId,
      regionId: regionId || 'DefaultRegion',
      recallHandle,
    };
  }
  const ext = answer.extFields;
  if (ext === undefined) return emptyResult(status, messageId, queue);
  return {
    status,
    messageId,
    offsetMessageId: ext['msgId'] ?? '',
    queue: answeredQueue(queue, ext['queueId']),
    queueOffset: ext['queueOffset'] === undefined ? -1 : Number(ext['queueOffset']),
    transactionId: ext['transactionId'],
    regionId: ext['MSG_REGION'] || 'DefaultRegion',
    recallHandle: ext['recallHandle'],
  };
}

/** The header as servers write it, read straight from the frame. `undefined` for all that is not so. */
function readQuickly(answer: RemotingCommand): SendAnswerHeader | undefined {
  try {
    return Commands.sendMessageV2.response.read(answer);
  } catch {
    return undefined;
  }
}

function emptyResult(status: SendStatus, messageId: string, queue: MessageQueue): SendResult {
  return {
    status,
    messageId,
    offsetMessageId: '',
    queue,
    queueOffset: -1,
    transactionId: undefined,
    regionId: 'DefaultRegion',
    recallHandle: undefined,
  };
}

/** The broker chooses the queue of a topic that it has only just created. */
function answeredQueue(asked: MessageQueue, queueId: string | undefined): MessageQueue {
  if (queueId === undefined || Number(queueId) === asked.queueId) return asked;
  return { topic: asked.topic, brokerName: asked.brokerName, queueId: Number(queueId) };
}

import { RequestCode } from '../../../protocol/codes/request-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { isRetryTopic } from '../../../protocol/message/topic.ts';
import type { RemotingCommand } from '../../../protocol/remoting-command.ts';

/** Something that a request touches, and which of the permissions it takes; one is enough. */
export interface AclResource {
  readonly kind: 'topic' | 'group';
  readonly name: string;
  readonly needs: readonly ('PUB' | 'SUB')[];
}

const topic = (name: string | undefined, need: 'PUB' | 'SUB'): AclResource[] =>
  name === undefined || name === '' || isRetryTopic(name) ? [] : [{ kind: 'topic', name, needs: [need] }];
const group = (name: string | undefined): AclResource[] =>
  name === undefined || name === '' ? [] : [{ kind: 'group', name, needs: ['SUB'] }];

type Reader = (command: RemotingCommand) => AclResource[];

const fields =
  (read: (ext: Readonly<Record<string, string>>) => AclResource[]): Reader =>
  ({ extFields }) =>
    read(extFields ?? {});

const reading = fields((ext) => [...topic(ext['topic'], 'SUB'), ...group(ext['consumerGroup'])]);
const sendingLong = fields((ext) => topic(ext['topic'], 'PUB'));
const sendingShort = fields((ext) => topic(ext['b'], 'PUB'));

/** What both generations look at. */
const readers: Readonly<Record<number, Reader>> = {
  [RequestCode.SEND_MESSAGE]: sendingLong,
  [RequestCode.SEND_REPLY_MESSAGE]: sendingLong,
  [RequestCode.SEND_MESSAGE_V2]: sendingShort,
  [RequestCode.SEND_BATCH_MESSAGE]: sendingShort,
  [RequestCode.SEND_REPLY_MESSAGE_V2]: sendingShort,
  [RequestCode.PULL_MESSAGE]: reading,
  [RequestCode.QUERY_MESSAGE]: fields((ext) => topic(ext['topic'], 'SUB')),
  [RequestCode.UPDATE_CONSUMER_OFFSET]: reading,
  [RequestCode.GET_CONSUMER_LIST_BY_GROUP]: fields((ext) => group(ext['consumerGroup'])),
  [RequestCode.CONSUMER_SEND_MSG_BACK]: fields((ext) => group(ext['group'])),
  [RequestCode.UNREGISTER_CLIENT]: fields((ext) => group(ext['consumerGroup'])),
  [RequestCode.HEART_BEAT]: ({ body }) =>
    Commands.heartBeat.requestBody
      .decode(body)
      .consumerDataSet.flatMap((consumer) => [
        ...group(consumer.groupName),
        ...consumer.subscriptionDataSet.flatMap((subscription) => topic(subscription.topic, 'SUB')),
      ]),
};

/** What only 5.x looks at. */
const newReaders: Readonly<Record<number, Reader>> = {
  [RequestCode.QUERY_CONSUMER_OFFSET]: reading,
  [RequestCode.GET_MAX_OFFSET]: reading,
  [RequestCode.GET_MIN_OFFSET]: reading,
  [RequestCode.SEARCH_OFFSET_BY_TIMESTAMP]: reading,
  [RequestCode.END_TRANSACTION]: sendingLong,
  [RequestCode.RECALL_MESSAGE]: sendingLong,
  [RequestCode.POP_MESSAGE]: reading,
  [RequestCode.ACK_MESSAGE]: reading,
  [RequestCode.CHANGE_MESSAGE_INVISIBLETIME]: reading,
  [RequestCode.UPDATE_AND_CREATE_TOPIC]: sendingLong,
  [RequestCode.LOCK_BATCH_MQ]: ({ body }) => locking(body),
  [RequestCode.UNLOCK_BATCH_MQ]: ({ body }) => locking(body),
};

function locking(body: Buffer | undefined): AclResource[] {
  const { consumerGroup, mqSet } = Commands.lockBatchMq.requestBody.decode(body);
  return [...group(consumerGroup), ...mqSet.flatMap((queue) => topic(queue.topic, 'SUB'))];
}

/** What a request touches. */
export function resourcesOf(command: RemotingCommand, isTwo: boolean): AclResource[] {
  const reader = readers[command.code] ?? (isTwo ? newReaders[command.code] : undefined);
  return reader?.(command) ?? [];
}

const administrative: ReadonlySet<number> = new Set([
  RequestCode.UPDATE_AND_CREATE_TOPIC,
  RequestCode.UPDATE_BROKER_CONFIG,
  RequestCode.DELETE_TOPIC_IN_BROKER,
  RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP,
  RequestCode.DELETE_SUBSCRIPTIONGROUP,
]);

/** Whether only administrators may ask for it. Java: `Permission.ADMIN_CODE`. */
export const isAdministrative = (code: number): boolean => administrative.has(code);

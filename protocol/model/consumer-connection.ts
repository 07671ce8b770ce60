import { readLanguage } from '../codes/language-code.ts';
import type { LanguageCode } from '../codes/language-code.ts';
import { readInt, readList, readObject, readTable, readText } from '../serialization/document.ts';
import { readConsumerTraits } from './heartbeat-data.ts';
import type { ConsumeFromWhere, ConsumeType, MessageModel } from './heartbeat-data.ts';
import { readSubscriptionData, subscriptionDocument } from './subscription-data.ts';
import type { SubscriptionData } from './subscription-data.ts';

/** One connected client of a group. Java: `Connection`. */
export interface ClientConnection {
  readonly clientId: string;
  /** `host:port` as the broker sees it. */
  readonly clientAddr: string;
  readonly language: LanguageCode | undefined;
  /** Ordinal of the client's version in Java's `MQVersion`. */
  readonly version: number;
}

/** The members of a consumer group that a broker sees. Java: `ConsumerConnection`. */
export interface ConsumerConnection {
  readonly connectionSet: readonly ClientConnection[];
  readonly subscriptionTable: ReadonlyMap<string, SubscriptionData>;
  readonly consumeType: ConsumeType;
  readonly messageModel: MessageModel;
  readonly consumeFromWhere: ConsumeFromWhere;
}

/** The members of a producer group that a broker sees. Java: `ProducerConnection`. */
export interface ProducerConnection {
  readonly connectionSet: readonly ClientConnection[];
}

/** Reads a {@link ConsumerConnection}. */
export function readConsumerConnection(document: unknown): ConsumerConnection {
  const where = 'ConsumerConnection';
  const connection = readObject(document, where);
  return {
    connectionSet: readList(connection, 'connectionSet', where, readClientConnection),
    subscriptionTable: readTable(connection, 'subscriptionTable', where, readSubscriptionData),
    ...readConsumerTraits(connection),
  };
}

/** Reads a {@link ProducerConnection}. */
export function readProducerConnection(document: unknown): ProducerConnection {
  const where = 'ProducerConnection';
  return {
    connectionSet: readList(readObject(document, where), 'connectionSet', where, readClientConnection),
  };
}

function readClientConnection(document: unknown): ClientConnection {
  const where = 'Connection';
  const connection = readObject(document, where);
  return {
    clientId: readText(connection, 'clientId', where) ?? '',
    clientAddr: readText(connection, 'clientAddr', where) ?? '',
    // Unlike in a command's header, none is not JAVA here.
    language: connection['language'] === undefined ? undefined : readLanguage(connection['language']),
    version: readInt(connection, 'version', where),
  };
}

/** Writes a {@link ConsumerConnection}. */
export function writeConsumerConnection(value: ConsumerConnection): string {
  return JSON.stringify({
    connectionSet: value.connectionSet.map(connectionDocument),
    consumeFromWhere: value.consumeFromWhere,
    consumeType: value.consumeType,
    messageModel: value.messageModel,
    subscriptionTable: Object.fromEntries(
      Array.from(value.subscriptionTable, ([topic, subscription]) => [
        topic,
        subscriptionDocument(subscription),
      ]),
    ),
  });
}

/** Writes a {@link ProducerConnection}. */
export function writeProducerConnection(value: ProducerConnection): string {
  return JSON.stringify({ connectionSet: value.connectionSet.map(connectionDocument) });
}

function connectionDocument({ clientAddr, clientId, language, version }: ClientConnection): object {
  return { clientAddr, clientId, language, version };
}

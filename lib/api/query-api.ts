import { Commands } from '../../protocol/commands/index.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import { decodeStoredMessages } from '../../protocol/message/stored-message.ts';
import { isResponse } from '../errors.ts';
import type { RemotingClient } from '../remoting/remoting-client.ts';
import type { AddressOrigin } from '../routing/unreachable.ts';
import { BrokerCalls, type BrokerCallOptions } from './broker-calls.ts';

/** Which messages a broker is to look up in its index. Java: `QueryMessageRequestHeader`. */
export interface MessageQuery {
  readonly topic: string;
  readonly key: string;
  /** The key is a unique message id, not one of the user's keys. */
  readonly isUnique?: boolean | undefined;
  /** Most messages that the broker looks up; those that it looks up for another key with the same hash count too. */
  readonly max: number;
  /** Stored at this time, in ms since the epoch, or later. */
  readonly begin: number;
  /** Stored at this time or before. */
  readonly end: number;
}

/** Cap on an inflated body, in bytes. */
const maxBodySize = 16 * 1024 * 1024;

/** Looks messages up by key. Java: the same part of `MQClientAPIImpl`. */
export class QueryApi {
  readonly #calls: BrokerCalls;

  constructor(remoting: RemotingClient, originOf: (address: string) => AddressOrigin | undefined) {
    this.#calls = new BrokerCalls(remoting, originOf);
  }

  /** What the broker's index has for the key: it knows hashes only, so others may be among it. None if there is none (code 22). What cannot be read is left out. */
  async queryMessages(
    address: string,
    { isUnique = false, ...query }: MessageQuery,
    options: BrokerCallOptions = {},
  ): Promise<readonly ReceivedMessage[]> {
    const header = {
      topic: query.topic,
      key: query.key,
      maxNum: query.max,
      beginTimestamp: query.begin,
      endTimestamp: query.end,
      uniqueKeyQuery: isUnique,
      indexType: isUnique ? 'U' : 'K',
      brokerName: options.brokerName,
    };
    try {
      const answer = await this.#calls.invoke(address, Commands.queryMessage, header, undefined, options);
      const records = decodeStoredMessages(answer.body, {
        maxBodySize,
        ...(options.brokerName === undefined ? {} : { brokerName: options.brokerName }),
      });
      return records.flatMap((record) => (record.ok ? record.message : []));
    } catch (error) {
      if (isResponse(error, 'QUERY_NOT_FOUND')) return [];
      throw error;
    }
  }
}

import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { MessageProperty } from '../../../protocol/message/properties.ts';
import type { BrokerState } from '../broker-state.ts';
import type { StoredRecord } from '../store/stored-record.ts';
import type { EmbeddedServer } from '../server.ts';

/** Messages by their place in the log and by key. Java: `QueryMessageProcessor`. */
export function handleQueries(server: EmbeddedServer, broker: BrokerState): void {
  server.handleRaw(Commands.viewMessageById, ({ command }) => {
    const { offset } = Commands.viewMessageById.request.read(command);
    const record = broker.log.at(offset);
    if (record !== undefined) return { body: record.bytes };
    return { code: ResponseCode.SYSTEM_ERROR, remark: `can not find message by the offset, ${offset}` };
  });

  server.handleRaw(Commands.queryMessage, ({ command }) => {
    const { topic, key, maxNum, beginTimestamp, endTimestamp, indexType } =
      Commands.queryMessage.request.read(command);
    const hasKey = keyTest(key, broker.manners.indexTypes ? indexType : undefined);
    // There is no index: queries are rare here, and sends are many.
    const found = broker.log.newest(maxNum, (record) => {
      const { storeTimestamp: at } = record;
      return record.topic === topic && at >= beginTimestamp && at <= endTimestamp && hasKey(record);
    });
    if (found.length === 0)
      return {
        code: ResponseCode.QUERY_NOT_FOUND,
        remark: 'can not find message, maybe time range not correct',
        ext: { indexLastUpdateTimestamp: '0', indexLastUpdatePhyoffset: '0' },
      };
    const last = broker.log.last;
    return {
      body: Buffer.concat(found.map((record) => record.bytes)),
      ext: {
        indexLastUpdateTimestamp: String(last?.storeTimestamp ?? 0),
        indexLastUpdatePhyoffset: String(last?.commitLogOffset ?? 0),
      },
    };
  });
}

/** Without a type both keys and unique ids are meant. */
function keyTest(key: string, indexType: string | undefined): (record: StoredRecord) => boolean {
  return (record) => {
    const { properties } = record;
    const isKey = properties.get(MessageProperty.KEYS)?.split(' ').includes(key) === true;
    const isUnique = properties.get(MessageProperty.UNIQ_KEY) === key;
    if (indexType === 'U') return isUnique;
    if (indexType === 'K') return isKey;
    if (indexType === 'T') return properties.get(MessageProperty.TAGS) === key;
    return isKey || isUnique;
  };
}

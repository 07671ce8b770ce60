import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { MessageProperty } from '../../../protocol/message/properties.ts';
import { encodeStoredMessage } from '../../../protocol/message/stored-message.ts';
import { SysFlag } from '../../../protocol/message/sys-flag.ts';
import type { RequestHeaderOf } from '../../../protocol/schema/command.ts';
import type { BrokerState } from '../broker-state.ts';
import type { Answer } from '../faults/control.ts';
import type { StoredRecord } from '../store/stored-record.ts';
import type { EmbeddedServer } from '../server.ts';
import { committed, HALF_TOPIC, unprepared } from '../transactions.ts';

type EndHeader = RequestHeaderOf<typeof Commands.endTransaction>;

/** The end of transactions, and the question how they ended. Java: `EndTransactionProcessor`. */
export function handleTransactions(server: EmbeddedServer, broker: BrokerState): void {
  const row = Commands.endTransaction;
  server.handleRaw(row, ({ command }) => end(broker, row.request.read(command)));
  broker.onTransactionCheck((record) => check(server, broker, record));
}

function end(broker: BrokerState, header: EndHeader): Answer | undefined {
  const { commitOrRollback, commitLogOffset } = header;
  const isCommit = commitOrRollback === SysFlag.transactionCommit;
  // An unknown outcome gets no answer at all, as in Java.
  if (!isCommit && commitOrRollback !== SysFlag.transactionRollback) return undefined;
  const record = broker.log.at(commitLogOffset);
  if (record === undefined || record.topic !== HALF_TOPIC)
    return wrong('Find prepared transaction message failed');
  if (record.properties.get(MessageProperty.PGROUP) !== header.producerGroup)
    return wrong('The producer group wrong');
  if (record.queueOffset !== header.tranStateTableOffset)
    return wrong('The transaction state table offset wrong');
  broker.transactions.end(commitLogOffset);
  // Java forgets to clear the text it began with.
  if (!isCommit) return { remark: 'not set any response code' };
  broker.append(committed(record, broker.manners));
  return {};
}

const wrong = (remark: string): Answer => ({ code: ResponseCode.SYSTEM_ERROR, remark });

/** Java stores the prepared message anew before each question, so the offsets of the question are new ones. */
function check(server: EmbeddedServer, broker: BrokerState, old: StoredRecord): StoredRecord {
  const record = broker.append(old.copy());
  const message = unprepared(record);
  const group = message.properties.get(MessageProperty.PGROUP) ?? '';
  const [connection] = broker.producers.get(group)?.keys() ?? [];
  if (connection === undefined) return record;
  const { queueOffset, commitLogOffset, storeTimestamp } = record;
  const id = message.properties.get(MessageProperty.UNIQ_KEY);
  const header = {
    topic: HALF_TOPIC,
    tranStateTableOffset: queueOffset,
    commitLogOffset,
    msgId: id,
    transactionId: id,
    offsetMsgId: broker.messageIdOf(record),
  };
  const body = encodeStoredMessage({
    ...message,
    queueOffset,
    commitLogOffset,
    storeTimestamp,
    storeHost: broker.address,
  });
  server.notify(connection, Commands.checkTransactionState, header, body);
  return record;
}

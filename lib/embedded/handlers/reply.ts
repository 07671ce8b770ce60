import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { decodeProperties, encodeProperties, MessageProperty } from '../../../protocol/message/properties.ts';
import type { HeaderOf } from '../../../protocol/schema/header.ts';
import type { BrokerState } from '../broker-state.ts';
import type { Answer } from '../faults/control.ts';
import type { EmbeddedServer, RawInbound } from '../server.ts';
import { addRegion, answerFields, checkSend, newMessage, storedFields } from './send.ts';

type ReplyHeader = Omit<HeaderOf<typeof Commands.sendReplyMessage.request>, 'brokerName'>;

/** Java waits so long for the requester, in ms. */
const pushTimeout = 10_000;

/** SEND_REPLY_MESSAGE in its two forms: pushed to the client that asked, and stored. Java: `ReplyMessageProcessor`. */
export function handleReplies(server: EmbeddedServer, broker: BrokerState): void {
  for (const row of [Commands.sendReplyMessage, Commands.sendReplyMessageV2])
    server.handleRaw(row, async (request) =>
      reply(server, broker, request, row.request.read(request.command)),
    );
}

async function reply(
  server: EmbeddedServer,
  broker: BrokerState,
  request: RawInbound,
  header: ReplyHeader,
): Promise<Answer> {
  const checked = checkSend(broker, request, header);
  if (!('topic' in checked)) return { ...checked, ext: answerFields() };
  const properties = decodeProperties(header.properties ?? '');
  addRegion(broker, properties);
  const remark = await push(server, broker, request, header, properties);
  const queueId = header.queueId < 0 ? broker.anyQueueId(checked.writeQueueNums) : header.queueId;
  const record = broker.append(newMessage(request, header, header.topic, queueId, properties));
  const ext = { ...answerFields(), ...storedFields(broker, [record], queueId) };
  return remark === undefined ? { ext } : { code: ResponseCode.SYSTEM_ERROR, remark, ext };
}

/** Why the requester did not get it, or undefined. */
async function push(
  server: EmbeddedServer,
  broker: BrokerState,
  { command, connection }: RawInbound,
  header: ReplyHeader,
  properties: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const clientId = properties.get(MessageProperty.REPLY_TO_CLIENT);
  if (clientId === undefined) return `reply message properties[${MessageProperty.REPLY_TO_CLIENT}] is null`;
  const requester = broker.producers.connectionOf(clientId);
  if (requester === undefined) return `push reply message fail, channel of <${clientId}> not found.`;
  const now = broker.settings.clock.now();
  const pushed = new Map(properties).set(MessageProperty.PUSH_REPLY_TIME, String(now));
  const full = {
    ...header,
    properties: encodeProperties(pushed),
    bornHost: connection.remoteAddress,
    storeHost: broker.address,
    storeTimestamp: now,
  };
  const row = Commands.pushReplyMessageToClient;
  try {
    const answer = await server.ask(requester, row, full, command.body ?? Buffer.alloc(0), pushTimeout);
    return answer.code === ResponseCode.SUCCESS ? undefined : `push reply message to ${clientId}fail.`;
  } catch {
    return `push reply message to ${clientId}fail.`;
  }
}

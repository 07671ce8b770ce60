import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { describeVersion, MQVersion } from '../../../protocol/codes/version.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { parseOffsetMessageId } from '../../../protocol/message/message-id.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { RemotingCommand } from '../../../protocol/remoting-command.ts';
import type { BrokerState } from '../broker-state.ts';
import type { Answer } from '../faults/control.ts';
import type { ClientChannel } from '../groups/group.ts';
import type { EmbeddedServer } from '../server.ts';

/** Java waits so long for a client, in ms. */
const clientTimeout = 10_000;
const statusTimeout = 5_000;

/** Requests that a broker hands on to a client. Java: `AdminBrokerProcessor.callConsumer`, `Broker2Client`. */
export function handleForwarding(server: EmbeddedServer, broker: BrokerState): void {
  const running = Commands.getConsumerRunningInfo;
  server.handleRaw(running, async ({ command }) => {
    const header = running.request.read(command);
    return forward(broker, header.consumerGroup, header.clientId, (client) =>
      server.ask(client.connection, running, header, undefined, clientTimeout),
    );
  });

  const direct = Commands.consumeMessageDirectly;
  server.handleRaw(direct, async ({ command }) => {
    const header = direct.request.read(command);
    const { commitLogOffset } = parseOffsetMessageId(header.msgId ?? '');
    const record = broker.log.at(commitLogOffset);
    if (record === undefined)
      return { code: ResponseCode.SYSTEM_ERROR, remark: `no message at ${commitLogOffset}` };
    const full = { ...header, brokerName: broker.name, topicSysFlag: 0, groupSysFlag: 0 };
    return forward(broker, header.consumerGroup, header.clientId ?? '', (client) =>
      server.ask(client.connection, direct, full, record.bytes, clientTimeout),
    );
  });

  server.handle(Commands.invokeBrokerToGetConsumerStatus, async ({ header }) => {
    const members = [...(broker.groups.get(header.group)?.channels.values() ?? [])];
    if (members.length === 0)
      return {
        code: ResponseCode.SYSTEM_ERROR,
        remark: `No Any Consumer online in the consumer group: [${header.group}]`,
      };
    const wanted = members.filter(({ clientId }) => !header.clientAddr || header.clientAddr === clientId);
    const statuses = await Promise.all(wanted.map((client) => statusOf(server, client, header)));
    return {
      body: {
        messageQueueTable: [],
        consumerTable: new Map(statuses.filter((status) => status !== undefined)),
      },
    };
  });
}

async function forward(
  broker: BrokerState,
  group: string,
  clientId: string,
  ask: (client: ClientChannel) => Promise<RemotingCommand>,
): Promise<Answer> {
  const client = broker.groups.get(group)?.member(clientId);
  if (client === undefined)
    return { code: ResponseCode.SYSTEM_ERROR, remark: `The Consumer <${group}> <${clientId}> not online` };
  if (client.version < MQVersion.V3_1_8_SNAPSHOT) {
    const remark = `The Consumer <${clientId}> Version <${describeVersion(client.version)}> too low to finish, please upgrade it to V3_1_8_SNAPSHOT`;
    return { code: ResponseCode.SYSTEM_ERROR, remark };
  }
  try {
    const { code, remark, extFields, body } = await ask(client);
    return { code, remark, ext: extFields, body };
  } catch (error) {
    return {
      code: ResponseCode.CONSUME_MSG_TIMEOUT,
      remark: `consumer <${group}> <${clientId}> Timeout: ${String(error)}`,
    };
  }
}

async function statusOf(
  server: EmbeddedServer,
  client: ClientChannel,
  { topic, group }: { topic: string; group: string },
): Promise<readonly [string, readonly (readonly [MessageQueue, number])[]] | undefined> {
  const row = Commands.getConsumerStatusFromClient;
  try {
    const answer = await server.ask(client.connection, row, { topic, group }, undefined, statusTimeout);
    if (answer.code !== ResponseCode.SUCCESS || answer.body === undefined) return undefined;
    return [client.clientId, row.responseBody.decode(answer.body).messageQueueTable];
  } catch {
    // Java leaves out whom it cannot reach.
    return undefined;
  }
}

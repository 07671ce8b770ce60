import { ResponseCode } from '../../protocol/codes/response-code.ts';
import { Commands } from '../../protocol/commands/index.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import type { Command } from '../../protocol/schema/command.ts';
import type { HeaderFields } from '../../protocol/schema/header.ts';
import { MessageProperty } from '../../protocol/message/properties.ts';
import { decodeOneMessage } from '../api/decode-one-message.ts';
import type { Logger } from '../logger.ts';
import type { HandlerAnswer, IncomingRequest, RemotingClient } from '../remoting/remoting-client.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Roles } from './role-table.ts';

export interface BrokerRequestsOptions {
  readonly remoting: Pick<RemotingClient, 'handle'>;
  readonly roles: Roles;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether an address belongs to a broker of the current routes; others have nothing to ask of us. */
  readonly isBroker: (address: string) => boolean;
}

/** The answer to a group that has no member here; the same words as Java's. */
const unknownGroup = (group: string): HandlerAnswer<HeaderFields, never> => ({
  code: ResponseCode.SYSTEM_ERROR,
  remark: `The Consumer Group <${group}> not exist in this consumer`,
});

/**
 * Answers what brokers ask of their clients, on behalf of the groups we run. What has no handler is answered with code 3 by
 * the remoting client. Java: `ClientRemotingProcessor`.
 */
export function serveBrokers(options: BrokerRequestsOptions): void {
  serveMembership(options);
  serveInspection(options);
  serveDirectConsumption(options);
  serveProducers(options);
}

function serveMembership(options: BrokerRequestsOptions): void {
  const { roles, clock, logger } = options;
  handle(options, Commands.notifyConsumerIdsChanged, ({ header: { consumerGroup }, address }) => {
    // Java wakes all its groups for a notice to any of them; the others learn nothing from it.
    roles.consumers.get(consumerGroup)?.wake({ kind: 'membersChanged', at: clock.now(), broker: address });
    return undefined;
  });
  handle(options, Commands.resetConsumerClientOffset, ({ header: { group, topic }, body, address }) => {
    const role = roles.consumers.get(group);
    if (role === undefined) return unknownGroup(group);
    logger.warn(
      { group, topic, broker: address, offsets: body.offsetTable },
      'Offsets are reset by the broker',
    );
    role.resetOffset(
      topic,
      body.offsetTable.map(([queue, offset]) => [queue, offset]),
    );
    return undefined;
  });
}

function serveInspection(options: BrokerRequestsOptions): void {
  const { roles } = options;
  handle(options, Commands.getConsumerStatusFromClient, ({ header: { group, topic } }) => {
    const role = roles.consumers.get(group);
    return role === undefined
      ? unknownGroup(group)
      : { body: { messageQueueTable: role.consumerStatus(topic) } };
  });
  handle(options, Commands.getConsumerRunningInfo, ({ header: { consumerGroup, jstackEnable } }) => {
    const role = roles.consumers.get(consumerGroup);
    return role === undefined
      ? unknownGroup(consumerGroup)
      : { body: role.runningInfo(jstackEnable === true) };
  });
}

function serveDirectConsumption(options: BrokerRequestsOptions): void {
  const { roles } = options;
  handle(
    options,
    Commands.consumeMessageDirectly,
    async ({ header: { consumerGroup, brokerName }, body }) => {
      const role = roles.consumers.get(consumerGroup);
      if (role === undefined) return unknownGroup(consumerGroup);
      return { body: await role.consumeDirectly(decodeOneMessage(body, brokerName), brokerName) };
    },
  );
}

function serveProducers(options: BrokerRequestsOptions): void {
  const { roles, logger } = options;
  handle(options, Commands.checkTransactionState, ({ header, body, address }) => {
    const message = decodeOneMessage(body, header.brokerName);
    const group = message.properties.get(MessageProperty.PGROUP);
    const role = roles.producers.get(group ?? '');
    if (role?.checkTransactionState === undefined) {
      logger.warn({ group, broker: address }, 'Transaction check for a producer group that is not run here');
    } else {
      role.checkTransactionState({ ...header, message, address });
    }
    return undefined;
  });
  handle(options, Commands.pushReplyMessageToClient, async ({ command, address }) => ({
    ...(await takeReply(roles, command, address)),
  }));
}

/** Offers a reply to each producer until one waits for it; Java answers 0 also if nobody does. */
async function takeReply(
  roles: Roles,
  command: RemotingCommand,
  address: string,
): Promise<HandlerAnswer<HeaderFields, undefined>> {
  for (const role of roles.producers.values()) {
    if ((await role.receiveReply?.(command, address)) === true) return {};
  }
  return { remark: 'Nobody waits for this reply' };
}

/** Registers a handler that hears only brokers of the current routes. */
function handle<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
  { remoting, isBroker, logger }: BrokerRequestsOptions,
  row: Command<Q, S, QB, SB>,
  serve: (
    request: IncomingRequest<Q, QB>,
  ) => HandlerAnswer<S, SB> | undefined | Promise<HandlerAnswer<S, SB> | undefined>,
): void {
  remoting.handle(row, (request) => {
    if (isBroker(request.address)) return serve(request);
    logger.warn(
      { address: request.address, command: row.name },
      'Request from an address that is no broker of ours',
    );
    return { code: ResponseCode.NO_PERMISSION, remark: 'Not a broker of this client' };
  });
}

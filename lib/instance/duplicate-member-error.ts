import { RocketMQError } from '../errors.ts';
import type { Member } from './member.ts';

/**
 * The group already has a member of this very client id in the process. A broker could not tell the two apart, and each would
 * believe that it owns all queues. Java: "The consumer group has been created before".
 */
export class DuplicateMemberError extends RocketMQError {
  readonly code = 'ERR_RMQ_DUPLICATE_MEMBER';
  readonly clientId: string;
  readonly group: string;

  constructor(clientId: string, { kind, group }: Member) {
    super(
      `The ${kind} group ${group} already has a member with the client id ${clientId} in this process; give each member an instanceName of its own, or none`,
    );
    this.clientId = clientId;
    this.group = group;
  }
}

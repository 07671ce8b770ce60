import { timingSafeEqual } from 'node:crypto';
import { AclField, computeSignature } from '../../../protocol/acl/signature.ts';
import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import type { RemotingCommand } from '../../../protocol/remoting-command.ts';
import type { AclAccount, AclOptions, AclPermission } from './acl-options.ts';
import { type AclResource, isAdministrative, resourcesOf } from './resources.ts';
import type { Answer } from '../faults/control.ts';
import type { Manners } from '../manners.ts';

/** Judges requests before they are handled. Java: `PlainPermissionManager` of 4.9, `AuthorizationFactory` of 5.3 and later. */
export class AccessControl {
  readonly #accounts: ReadonlyMap<string, AclAccount>;
  readonly #isTwo: boolean;

  constructor({ accounts }: AclOptions, { aclTwo }: Manners) {
    this.#accounts = new Map(accounts.map((account) => [account.accessKey, account]));
    this.#isTwo = aclTwo;
  }

  /** The refusal, or undefined for what may pass. `client` is `host:port`. */
  check(command: RemotingCommand, client: string): Answer | undefined {
    const account = this.#authenticate(command);
    if ('remark' in account) return account;
    if (account.admin === true) return undefined;
    const denied = resourcesOf(command, this.#isTwo).find((resource) => !allows(account, resource));
    if (denied !== undefined) return this.#denied(account, denied, client);
    if (!isAdministrative(command.code)) return undefined;
    const user = `User:${account.accessKey}`;
    return this.#isTwo
      ? refusal(`${user} has no permission to access Cluster:* from ${hostOf(client)}, no matched policies.`)
      : exception(
          `Need admin permission for request code=${command.code}, but accessKey=${account.accessKey} is not`,
        );
  }

  #authenticate({ extFields = {}, body }: RemotingCommand): AclAccount | (Answer & { remark: string }) {
    const name = extFields[AclField.accessKey];
    if (name === undefined || name === '')
      return this.#isTwo ? refusal('username cannot be null.') : exception('No accessKey is configured');
    const account = this.#accounts.get(name);
    if (account === undefined)
      return this.#isTwo ? refusal(`User:${name} is not found.`) : exception(`No acl config for ${name}`);
    const expected = Buffer.from(computeSignature(extFields, body, account.secretKey));
    const given = Buffer.from(extFields[AclField.signature] ?? '');
    if (given.length === expected.length && timingSafeEqual(given, expected)) return account;
    return this.#isTwo
      ? refusal('check signature failed.')
      : exception(`Check signature failed for accessKey=${name}`);
  }

  #denied({ accessKey }: AclAccount, { kind, name }: AclResource, client: string): Answer {
    if (!this.#isTwo) return exception(`No default permission for ${kind}:${name}`);
    const resource = `${kind === 'topic' ? 'Topic' : 'Group'}:${name}`;
    return refusal(
      `User:${accessKey} has no permission to access ${resource} from ${hostOf(client)}, no matched policies.`,
    );
  }
}

function allows(account: AclAccount, { kind, name, needs }: AclResource): boolean {
  const [perms, fallback] =
    kind === 'topic'
      ? [account.topicPerms, account.defaultTopicPerm]
      : [account.groupPerms, account.defaultGroupPerm];
  const permission: AclPermission =
    (perms !== undefined && Object.hasOwn(perms, name) ? perms[name] : undefined) ?? fallback ?? 'DENY';
  return permission.split('|').some((each) => needs.some((need) => need === each));
}

const refusal = (remark: string): Answer & { remark: string } => ({
  code: ResponseCode.NO_PERMISSION,
  remark,
});

/** 4.9 lets an exception reach the client. */
const exception = (problem: string): Answer & { remark: string } => ({
  code: ResponseCode.SYSTEM_ERROR,
  remark: `org.apache.rocketmq.acl.common.AclException: ${problem}`,
});

const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(':'));

/** What an account may do with a topic or a group. Java: `Permission`, as `plain_acl.yml` writes it. */
export type AclPermission = 'DENY' | 'PUB' | 'SUB' | 'PUB|SUB';

/** One account; as a line of `plain_acl.yml`, and in '5' as a user with policies. */
export interface AclAccount {
  readonly accessKey: string;
  readonly secretKey: string;
  /** May do everything. Default false. */
  readonly admin?: boolean;
  /** By topic. Default {@link defaultTopicPerm}. */
  readonly topicPerms?: Readonly<Record<string, AclPermission>>;
  /** By consumer group. Default {@link defaultGroupPerm}. */
  readonly groupPerms?: Readonly<Record<string, AclPermission>>;
  /** Default `DENY`. */
  readonly defaultTopicPerm?: AclPermission;
  /** Default `DENY`. */
  readonly defaultGroupPerm?: AclPermission;
}

/** Access control on brokers; name servers answer everybody, as Java's do. */
export interface AclOptions {
  readonly accounts: readonly AclAccount[];
}

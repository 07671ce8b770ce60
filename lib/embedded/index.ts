export { EmbeddedCluster, type EmbeddedClusterEvents } from './embedded-cluster.ts';
export type {
  BrokerOptions,
  EmbeddedClusterOptions,
  EmbeddedTls,
  Generation,
  TopicOptions,
} from './embedded-options.ts';
export type { GroupMember, GroupView } from './cluster-view.ts';
export type {
  Answer,
  Control,
  ControlAction,
  ControlHandler,
  ControlLimits,
  ControlVerdict,
  ControlledRequest,
} from './faults/control.ts';
export { changeMembers, repeatFirstAnswer } from './faults/wrong-answers.ts';
export type { AclAccount, AclOptions, AclPermission } from './acl/acl-options.ts';
export type { LoggedRequest, RequestFilter } from './request-log/logged-request.ts';

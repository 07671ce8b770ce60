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
} from './control.ts';
export { changeMembers, repeatFirstAnswer } from './wrong-answers.ts';
export type { AclAccount, AclOptions, AclPermission } from './acl-options.ts';
export type { LoggedRequest, RequestFilter } from './logged-request.ts';

export { EmbeddedCluster, type EmbeddedClusterEvents } from './embedded-cluster.ts';
export type { BrokerOptions, EmbeddedClusterOptions, Generation, TopicOptions } from './embedded-options.ts';
export type { GroupMember, GroupView } from './cluster-view.ts';
export type {
  Answer,
  Control,
  ControlAction,
  ControlHandler,
  ControlVerdict,
  ControlledRequest,
} from './control.ts';
export type { LoggedRequest, RequestFilter } from './request-log.ts';

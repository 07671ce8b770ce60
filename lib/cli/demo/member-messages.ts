/** What a consumer process is told when it is started. */
export interface MemberSettings {
  readonly nameServers: string;
  readonly topic: string;
  readonly consumerGroup: string;
  readonly instanceName: string;
  /** In milliseconds. */
  readonly rebalanceInterval: number;
}

/** What a consumer process tells its parent. Times are milliseconds since the epoch; queues go by their ids. */
export type MemberMessage =
  | { readonly kind: 'started' }
  | {
      readonly kind: 'rebalanced';
      readonly at: number;
      readonly owned: readonly number[];
      /** Of the trigger, such as `membersChanged`. */
      readonly cause: string;
    }
  | {
      readonly kind: 'consumed';
      readonly at: number;
      readonly messages: readonly (readonly [sequence: number, queueId: number])[];
    }
  | { readonly kind: 'failed'; readonly reason: string };

/** What a consumer process is told later. */
export type MemberOrder = { readonly kind: 'leave' };

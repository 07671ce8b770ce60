import { channel, tracingChannel } from 'node:diagnostics_channel';
import type { Channel, TracingChannel } from 'node:diagnostics_channel';

/** SUCCESS, or FAILED: it is to come again. RETURNNULL, which Java gives for null, does not exist here: nothing returned is success. */
export type ConsumeReturnType = 'SUCCESS' | 'TIME_OUT' | 'EXCEPTION' | 'FAILED';

/** Operations with a beginning and an end; the channels are `tracing:rocketmq:<name>:start` and so on. */
export interface Traces {
  request: { readonly address: string; readonly command: string };
  send: { readonly topic: string; readonly producerGroup: string };
  consume: {
    readonly topic: string;
    readonly consumerGroup: string;
    readonly messageId: string;
    /** What came of it, known at the end. Java: `ConsumeReturnType`. */
    returnType?: ConsumeReturnType;
  };
}

/** One queue of a topic. */
interface QueueFacts {
  readonly consumerGroup: string;
  readonly topic: string;
  readonly brokerName: string;
  readonly queueId: number;
}

/** Things that just happened; the channels are `rocketmq:<name>`. */
export interface Notices {
  connection: {
    readonly address: string;
    readonly state: 'connected' | 'disconnected';
    readonly error?: unknown;
  };
  rebalance: {
    readonly consumerGroup: string;
    readonly topic: string;
    readonly gained: readonly string[];
    readonly lost: readonly string[];
  };
  /** A broker has answered a pull: `offset` is where it began, `took` how long it was held and on its way, in ms. */
  pull: QueueFacts & {
    readonly offset: number;
    readonly status: string;
    readonly messages: number;
    readonly took: number;
  };
  /** An offset was stored, or could not be. */
  commit: QueueFacts & { readonly offset: number; readonly error?: unknown };
}

const traces: { readonly [K in keyof Traces]: TracingChannel<unknown, Traces[K]> } = {
  request: tracingChannel('rocketmq:request'),
  send: tracingChannel('rocketmq:send'),
  consume: tracingChannel('rocketmq:consume'),
};

const notices: { readonly [K in keyof Notices]: Channel } = {
  connection: channel('rocketmq:connection'),
  rebalance: channel('rocketmq:rebalance'),
  pull: channel('rocketmq:pull'),
  commit: channel('rocketmq:commit'),
};

/** Runs `work` inside a trace. The context is built only when somebody listens. */
export function trace<K extends keyof Traces, T>(
  name: K,
  context: () => Traces[K],
  work: () => Promise<T>,
): Promise<T> {
  const target = traces[name];
  return target.hasSubscribers ? target.tracePromise(work, context()) : work();
}

/** Whether anybody listens to a trace: for paths where even a closure is too much. */
export function isTraced(name: keyof Traces): boolean {
  return traces[name].hasSubscribers;
}

/** Tells of something that happened. The message is built only when somebody listens. */
export function notify<K extends keyof Notices>(name: K, message: () => Notices[K]): void {
  const target = notices[name];
  if (target.hasSubscribers) target.publish(message());
}

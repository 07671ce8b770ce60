import type { Clock } from '../../runtime/clock.ts';
import type { DemoCluster } from './demo-cluster.ts';
import { DemoGroup } from './demo-group.ts';
import type { DemoState } from './demo-state.ts';
import { SteadyProducer } from './steady-producer.ts';
import { duration } from './text.ts';

export interface ScenarioOptions {
  readonly topic: string;
  readonly consumerGroup: string;
  readonly producerGroup: string;
  /** Messages per second. */
  readonly rate: number;
  /** How long each state is shown, in ms. */
  readonly pause: number;
  /** In ms. */
  readonly rebalanceInterval: number;
}

/** What came of it; durations in ms. */
export interface ScenarioResult {
  /** From the start of the first two processes until both had, and consumed, their share. */
  readonly start: number;
  /** From the start of the third process until it had, and consumed, its share. */
  readonly join: number;
  /** From the kill until every queue of the victim was owned, and consumed, again. */
  readonly takeOver: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly repeated: number;
  /** Sends that were not acknowledged. */
  readonly failedSends: number;
}

/** How long a change of the group may take beyond the timer that brings it about at the latest, in ms. */
const MARGIN = 10_000;

/** How long the last messages may take, in ms. */
const LAST_MESSAGES = 10_000;

/** Two consumers share a topic, a third joins, one is killed; all the while messages are sent. */
export async function runScenario(
  cluster: DemoCluster,
  state: DemoState,
  options: ScenarioOptions,
  interrupted: AbortSignal,
): Promise<ScenarioResult> {
  const { topic, consumerGroup, producerGroup, rate, pause, rebalanceInterval } = options;
  const { nameServers } = cluster;
  const { clock, ledger, board } = state;
  const group = new DemoGroup({ nameServers, topic, consumerGroup, rebalanceInterval }, state);
  const producer = new SteadyProducer({ nameServers, producerGroup, topic, rate, ledger, clock });
  const timeout = rebalanceInterval + MARGIN;
  const signal = AbortSignal.any([interrupted, group.failure]);
  const show = async (): Promise<void> => clock.sleep(pause, signal);
  try {
    await producer.start(signal);
    state.tell('step', 'Consumer1 and Consumer2 start, in processes of their own');
    const startBoth = (): void => ['Consumer1', 'Consumer2'].forEach((name) => group.start(name));
    const start = await group.change(startBoth, timeout, signal);
    state.tell(
      'result',
      `${board.shares(['Consumer1', 'Consumer2'])} queues, all consumed, after ${duration(start)}`,
    );
    await show();

    state.tell('step', 'Consumer3 starts');
    const join = await group.change(() => group.start('Consumer3'), timeout, signal);
    const shares = board.shares(['Consumer1', 'Consumer2', 'Consumer3']);
    state.tell('result', `${shares} queues, all consumed, ${duration(join)} after its process was started`);
    await show();

    const orphans = board.ownedBy('Consumer2').join(', ');
    state.tell('step', `Consumer2 is killed (SIGKILL); it owned queues ${orphans}`);
    const takeOver = await group.change(() => group.kill('Consumer2'), timeout, signal);
    const left = board.shares(['Consumer1', 'Consumer3']);
    state.tell('result', `${left} queues: all owned and consumed again ${duration(takeOver)} after the kill`);
    await show();

    await producer.stop();
    await untilConsumed(state, clock, signal);
    const { acknowledged, repeated } = ledger;
    const lost = ledger.outstanding();
    state.tell('result', `${acknowledged} messages acknowledged, ${lost} lost, ${repeated} repeated`);
    return { start, join, takeOver, acknowledged, lost, repeated, failedSends: producer.failed };
  } finally {
    await Promise.all([group.leave(), producer.shutdown()]);
  }
}

/** Waits for the last messages. What has not come by then is counted as lost. */
async function untilConsumed({ ledger }: DemoState, clock: Clock, signal: AbortSignal): Promise<void> {
  const deadline = clock.uptime() + LAST_MESSAGES;
  while (ledger.outstanding() > 0 && clock.uptime() < deadline) await clock.sleep(20, signal);
}

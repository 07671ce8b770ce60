import { systemClock } from '../../runtime/clock.ts';
import { UsageError } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import { embeddedCluster, existingCluster, type DemoCluster } from './demo-cluster.ts';
import { DemoState } from './demo-state.ts';
import { showState } from './demo-view.ts';
import { runScenario, type ScenarioResult } from './scenario.ts';
import { codeLines, summaryLines, type NamedResult } from './summary.ts';

/** Options of `rmq demo`; times in ms. */
export interface DemoOptions {
  readonly namesrv: string | undefined;
  readonly dropNotices: boolean;
  readonly rate: number;
  readonly queues: number;
  readonly pause: number;
  readonly rebalanceInterval: number;
}

/** Shows the scenario, once or twice, and the figures. Fails when a message was lost. */
export async function runDemo(options: DemoOptions, terminal: Terminal): Promise<number> {
  if (options.dropNotices && options.namesrv !== undefined) {
    throw new UsageError('--drop-notices needs the embedded cluster: leave out --namesrv');
  }
  const { out, colors } = terminal;
  const results: NamedResult[] = [{ name: 'with notices', result: await runOnce(options, false, terminal) }];
  if (options.dropNotices) {
    results.push({ name: 'without', result: await runOnce(options, true, terminal) });
  }
  for (const line of summaryLines(results, colors)) out.write(`${line}\n`);
  out.write(`\n${colors.dim('The same in your program:')}\n`);
  for (const line of codeLines) out.write(`  ${line}\n`);
  return results.some(({ result }) => result.lost > 0) ? ExitCode.failed : ExitCode.done;
}

async function runOnce(
  options: DemoOptions,
  dropNotices: boolean,
  terminal: Terminal,
): Promise<ScenarioResult> {
  const { queues, rate, pause, rebalanceInterval } = options;
  const names = namesFor(options.namesrv);
  await using cluster = await openCluster(options, names.topic, dropNotices, terminal.signal);
  const notices = dropNotices ? `, notices are lost, the timer is ${rebalanceInterval / 1_000} s` : '';
  const title = `${names.topic}, ${queues} queues, ${rate} msg/s${notices} (${cluster.description})`;
  const state = new DemoState(title, queues, systemClock);
  using _view = showState(state, terminal);
  return await runScenario(cluster, state, { ...names, rate, pause, rebalanceInterval }, terminal.signal);
}

async function openCluster(
  { namesrv, queues }: DemoOptions,
  topic: string,
  dropNotices: boolean,
  signal: AbortSignal,
): Promise<DemoCluster> {
  return namesrv === undefined
    ? embeddedCluster(topic, queues, dropNotices)
    : existingCluster(namesrv, topic, queues, signal);
}

/** On somebody's cluster the demo must not meet anything that is there already. */
function namesFor(namesrv: string | undefined): Record<'topic' | 'consumerGroup' | 'producerGroup', string> {
  const suffix = namesrv === undefined ? '' : `_${systemClock.now().toString(36)}`;
  return {
    topic: `LoadBalanceTopic${suffix}`,
    consumerGroup: `LoadBalanceConsumerGroup${suffix}`,
    producerGroup: `LoadBalanceProducerGroup${suffix}`,
  };
}

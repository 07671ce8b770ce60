import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BatchFailure, BatchOrder, BatchResult } from './batch.ts';
import type { ScheduleKind } from './schedule.ts';

export interface RunOptions {
  readonly schedules: number;
  readonly seed: number;
  /** Default soft. */
  readonly kind?: ScheduleKind | undefined;
  /** Processes. Default 2. */
  readonly workers?: number;
  /** Schedules per order. Default 100. */
  readonly batch?: number;
  /** Stops at the first failure. Default true. */
  readonly stopAtFailure?: boolean;
  readonly asFound?: boolean;
  /** Ends after so many ms whatever is left. */
  readonly budget?: number;
  /** Another program than the client as it is, see `mutants.ts`. */
  readonly program?: string;
  readonly onProgress?: (summary: RunSummary) => void;
}

export interface RunSummary {
  schedules: number;
  memberEvents: number;
  virtualSeconds: number;
  messages: number;
  /** Milliseconds of processor time. */
  cpu: number;
  /** Milliseconds. */
  took: number;
  readonly repeats: Record<string, number>;
  readonly failures: BatchFailure[];
}

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));

/** Runs schedules in several processes. Batch `i` has the seed `seed + i`, whichever process runs it. */
export async function runSchedules(options: RunOptions): Promise<RunSummary> {
  const {
    schedules,
    seed,
    workers = 2,
    batch = 100,
    program = WORKER,
    stopAtFailure = true,
    budget = Infinity,
  } = options;
  const began = performance.now();
  const summary: RunSummary = {
    schedules: 0,
    memberEvents: 0,
    virtualSeconds: 0,
    messages: 0,
    cpu: 0,
    took: 0,
    repeats: {},
    failures: [],
  };
  let next = 0;
  const order = (): BatchOrder | undefined => {
    const isOver = (stopAtFailure && summary.failures.length > 0) || performance.now() - began > budget;
    if (isOver || next * batch >= schedules) return undefined;
    const runs = Math.min(batch, schedules - next * batch);
    return { seed: seed + next++, runs, kind: options.kind, asFound: options.asFound };
  };
  const work = async (): Promise<void> => {
    // tsx resolves `.ts`; the flag keeps V8 from collecting in small steps.
    const child = fork(program, [], { execArgv: ['--import', 'tsx', '--max-semi-space-size=64'] });
    try {
      for (let todo = order(); todo !== undefined; todo = order()) {
        add(summary, await ask(child, todo));
        summary.took = performance.now() - began;
        options.onProgress?.(summary);
      }
    } finally {
      child.kill();
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  summary.took = performance.now() - began;
  return summary;
}

/** `5000 schedules in 80 s …`. */
export function describeSummary({
  schedules,
  memberEvents,
  virtualSeconds,
  messages,
  cpu,
  took,
  repeats,
}: RunSummary): string {
  const seconds = took / 1_000;
  const perSecond = (count: number): string => Math.round(count / seconds).toLocaleString('en');
  const causes = Object.entries(repeats).map(([cause, count]) => `${count} ${cause}`);
  return (
    `${schedules} schedules in ${seconds.toFixed(1)} s: ${perSecond(schedules)} schedules/s, ${perSecond(memberEvents)} member-events/s, ` +
    `${perSecond(virtualSeconds)} virtual seconds/s, ${(cpu / schedules).toFixed(0)} ms CPU per schedule, ${messages} messages; repeats by cause: ${causes.join(', ') || 'none'}`
  );
}

function add(summary: RunSummary, result: BatchResult): void {
  summary.schedules += result.schedules;
  summary.memberEvents += result.memberEvents;
  summary.virtualSeconds += result.virtualSeconds;
  summary.messages += result.messages;
  summary.cpu += result.cpu;
  for (const [cause, count] of Object.entries(result.repeats))
    summary.repeats[cause] = (summary.repeats[cause] ?? 0) + count;
  if (result.failure !== undefined) summary.failures.push(result.failure);
}

async function ask(child: ChildProcess, order: BatchOrder): Promise<BatchResult> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`A simulation process ended with ${code ?? 'a signal'}`));
    child.once('exit', ended);
    child.once('message', (answer: BatchResult | { readonly error: string }) => {
      child.off('exit', ended);
      if ('error' in answer) reject(new Error(answer.error));
      else resolve(answer);
    });
    child.send(order);
  });
}

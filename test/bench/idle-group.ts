import { eventually } from '../support/group/eventually.ts';
import type { RealCluster } from '../support/real/real-cluster.ts';
import { pause, round } from './closed-loop.ts';
import { GroupProcess } from './group-process.ts';
import type { MemberProgram } from './group-process.ts';
import { processCpuMicros } from './process-cpu.ts';

export interface IdleOptions {
  readonly queues: number;
  /** Seconds before. */
  readonly warmUp: number;
  readonly seconds: number;
}

/** Percent of one core that a member takes which owns so many empty queues, by client; all at the same time. */
export async function measureIdleMembers(
  cluster: RealCluster,
  programs: readonly MemberProgram[],
  { queues, warmUp, seconds }: IdleOptions,
): Promise<Record<string, number>> {
  await cluster.createTopic('BenchIdle', { queues });
  const members = programs.map((program) => {
    const args = {
      nameServers: cluster.nameServers,
      group: `BenchIdle_${program.client}`,
      topic: 'BenchIdle',
    };
    const member = new GroupProcess(program, args, `idle-${program.client}`, () => undefined);
    return { client: program.client, member };
  });
  try {
    await eventually(() => (members.every(({ member }) => member.started) ? true : undefined), {
      what: 'start of the idle members',
      within: 30_000,
      otherwise: () => members.map(({ member }) => member.errors).join('\n'),
    });
    await pause(warmUp);
    const from = await Promise.all(members.map(async ({ member }) => processCpuMicros(member.pid)));
    const at = performance.now();
    await pause(seconds);
    const to = await Promise.all(members.map(async ({ member }) => processCpuMicros(member.pid)));
    const micros = (performance.now() - at) * 1000;
    return Object.fromEntries(
      members.map(({ client }, index) => [
        client,
        round((((to[index] ?? 0) - (from[index] ?? 0)) / micros) * 100),
      ]),
    );
  } finally {
    for (const { member } of members) member.kill();
  }
}

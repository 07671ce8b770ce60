import type { PushConsumerOptions } from '../../lib/consumer/push-consumer.ts';
import { Commands } from '../../protocol/commands/index.ts';
import { Gate, GatedClock, GatedNetwork } from '../simulation/gate.ts';
import type { VirtualGroup } from './virtual-group.ts';

/** A process of its own for a member: while its gate is shut it stands still. */
export function processIn({ clock, random, network, files }: VirtualGroup): {
  readonly gate: Gate;
  readonly environment: NonNullable<PushConsumerOptions['environment']>;
} {
  const gate = new Gate(clock);
  const transport = new GatedNetwork(network, gate, () => undefined);
  return { gate, environment: { clock: new GatedClock(clock, gate), random, transport, files } };
}

/** Every commit that brokers carry out for the topic from now on, in order. */
export function commitsOf(group: VirtualGroup, topic: string): number[] {
  const commits: number[] = [];
  const row = Commands.updateConsumerOffset;
  group.cluster.control(row, ({ command }) => {
    const { topic: of, commitOffset } = row.request.decode(command.extFields);
    if (of === topic) commits.push(commitOffset);
    return undefined;
  });
  return commits;
}

/** What commits of one queue have to be. */
export const rising = (offsets: readonly number[]): number[] => offsets.toSorted((a, b) => a - b);

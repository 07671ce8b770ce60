/**
 * What a member of a group says, one JSON object per line, as `rmq.GroupMember` does: loaded, started, message, stopped. It leaves when
 * its input says so or ends.
 */
import { createInterface } from 'node:readline';

/** A line of a member. Times are milliseconds since the epoch. */
export type MemberLine =
  | { readonly event: 'loaded' | 'started' | 'queues' | 'stopped'; readonly at: number }
  | {
      readonly event: 'message';
      readonly at: number;
      /** `broker:id`, or what else ends with the id. */
      readonly queue: string;
      readonly offset: number;
      readonly body: string;
    };

/** Name server, group and topic of a member. */
export interface MemberArguments {
  readonly nameServers: string;
  readonly group: string;
  readonly topic: string;
}

export function readMemberArguments(): MemberArguments {
  const [, , nameServers, group, topic] = process.argv;
  if (nameServers === undefined || group === undefined || topic === undefined) {
    throw new Error('Arguments: NAME_SERVER GROUP TOPIC');
  }
  return { nameServers, group, topic };
}

export function say(line: MemberLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Starts, waits for the word, leaves, and ends the process. */
export async function runMember(start: () => Promise<() => Promise<unknown>>): Promise<void> {
  say({ event: 'loaded', at: Date.now() });
  const leave = await start();
  say({ event: 'started', at: Date.now() });
  await new Promise<void>((resolve) => {
    createInterface({ input: process.stdin })
      .on('line', () => resolve())
      .once('close', () => resolve());
  });
  await leave();
  say({ event: 'stopped', at: Date.now() });
  process.exit(0);
}

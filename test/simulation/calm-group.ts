import { randomInteger, seededRandom, type Random } from '../../lib/runtime/random.ts';
import type { Schedule } from './schedule.ts';
import { World } from './world.ts';

/** A group that agrees on who owns what, and what is random about what follows. */
export interface CalmGroup {
  readonly world: World;
  readonly random: Random;
}

/** 2 to 8 members that have come to rest, with more queues than members (up to 32) on a broker or two: a seed chooses. */
export async function calmGroup(
  seed: number,
  { listener, rate }: Pick<Schedule, 'listener' | 'rate'>,
): Promise<CalmGroup> {
  const random = seededRandom(seed * 7_919);
  const members = 2 + randomInteger(random, 7);
  const brokers = 1 + randomInteger(random, 2);
  const queues = Math.max(members + 1, 1 + randomInteger(random, 32));
  const world = new World({ seed, members, queues, brokers, latency: 1, listener, rate, events: [] });
  await world.start();
  for (let member = 0; member < members; member++) world.join();
  // The rests between rebalances have begun with the last join; what follows falls anywhere within one.
  await world.clock.advance(3_000 + random.next() * 20_000);
  return { world, random };
}

import { sortClientIds } from '../../allocate/sorting.ts';
import type { TopicRoute } from '../../routing/topic-route.ts';
import type { ConsumerContext } from '../consumer-context.ts';

/** What the brokers say about the members of the group. */
export type GroupLook =
  | { readonly kind: 'members'; readonly clientIds: readonly string[]; readonly address: string }
  /** Lists came, and none had our id in it, though each broker got our heartbeat. */
  | { readonly kind: 'notListed'; readonly clientIds: readonly string[]; readonly address: string }
  /** No broker gave a list with anybody in it: nothing may be concluded from that. */
  | { readonly kind: 'unknown'; readonly error?: unknown };

/** How many brokers are asked about members that seem to have gone. */
const WITNESSES = 3;

/**
 * Asks the brokers of a topic for the members of the group, one after the other until one has an answer to build on. Each broker knows only who
 * sends it heartbeats, and one that is new, or has just come back, has not heard of all: a list with fewer than the `known` members is
 * checked with others, and the longest counts. Of members that have really gone the other brokers will tell at the same time.
 */
export async function lookAtGroup(
  consumer: ConsumerContext,
  route: TopicRoute,
  asked: Map<string, Promise<readonly string[]>>,
  known = 0,
): Promise<GroupLook> {
  let members: Extract<GroupLook, { kind: 'members' }> | undefined;
  let lists = 0;
  let notListed: GroupLook | undefined;
  let failure: unknown;
  for (const address of askingOrder(consumer, route)) {
    try {
      const clientIds = await listMembers(consumer, address, asked);
      if (clientIds.includes(consumer.clientId)) {
        if (members === undefined || clientIds.length > members.clientIds.length)
          members = { kind: 'members', clientIds, address };
        if (clientIds.length >= known || ++lists === WITNESSES) return members;
      } else if (clientIds.length > 0) notListed ??= { kind: 'notListed', clientIds, address };
    } catch (error) {
      failure = error;
    }
  }
  return members ?? notListed ?? { kind: 'unknown', ...(failure !== undefined && { error: failure }) };
}

/** One question per broker and run, whatever the number of topics. A list without our id is asked for again after a heartbeat. */
async function listMembers(
  consumer: ConsumerContext,
  address: string,
  asked: Map<string, Promise<readonly string[]>>,
): Promise<readonly string[]> {
  const earlier = asked.get(address);
  if (earlier !== undefined) return earlier;
  const { api, consumerGroup, clientId, instance } = consumer;
  const ask = async (): Promise<readonly string[]> =>
    sortClientIds(await api.consumerIds(address, consumerGroup));
  const answer = (async () => {
    const clientIds = await ask();
    if (clientIds.includes(clientId)) return clientIds;
    await instance.heartbeatTo(address);
    return ask();
  })();
  asked.set(address, answer);
  return answer;
}

/** Masters before slaves, beginning at a random one, so that the members of a large group do not all ask the same. */
export function askingOrder({ instance }: ConsumerContext, route: TopicRoute): readonly string[] {
  const names = route.brokerNames();
  const start = Math.floor(instance.random.next() * names.length);
  const rotated = [...names.slice(start), ...names.slice(0, start)];
  const masters: string[] = [];
  const slaves: string[] = [];
  for (const name of rotated) {
    const master = route.masterAddress(name);
    if (master !== undefined) masters.push(master);
    slaves.push(...[...route.addressesOf(name).values()].filter((address) => address !== master));
  }
  return [...masters, ...slaves];
}

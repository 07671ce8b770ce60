import type { AllocateStrategy } from '../../lib/allocate/allocate-strategy.ts';
import { AllocationError, type AllocationFault } from '../../lib/allocate/allocation-error.ts';
import { averagely } from '../../lib/allocate/averagely.ts';
import { byCircle } from '../../lib/allocate/by-circle.ts';
import { byConfig } from '../../lib/allocate/by-config.ts';
import { byMachineRoom } from '../../lib/allocate/by-machine-room.ts';
import { consistentHash } from '../../lib/allocate/consistent-hash.ts';
import type { RingHash } from '../../lib/allocate/hash-ring.ts';
import { machineRoomNearby } from '../../lib/allocate/machine-room-nearby.ts';
import { sortClientIds, sortQueues } from '../../lib/allocate/sorting.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';

/** Neighbouring queues on one broker; the topic is that of the case if it is not given. */
type Run = readonly [brokerName: string, queueIds: readonly number[], topic?: string];

export interface AllocationCase {
  readonly name: string;
  readonly options: {
    readonly virtualNodes?: number;
    readonly hash?: string;
    readonly queues?: readonly Run[];
    readonly rooms?: readonly string[];
    readonly inner?: string;
  };
  readonly topic: string;
  readonly queues: readonly Run[];
  readonly ids: readonly string[];
  readonly own: string;
  readonly result?: readonly Run[];
  readonly error?: readonly [exception: string, message: string];
}

/** What `rmq.AllocationVectors` writes; its source says what the members mean. */
export interface AllocationVectors {
  readonly rocketmq: string;
  readonly seed: number;
  readonly count: number;
  readonly conventions: Readonly<Record<string, string>>;
  readonly cases: readonly AllocationCase[];
}

export type Outcome = readonly MessageQueue[] | AllocationFault;

/** What Java answered. */
export function javaOutcome(vector: AllocationCase): Outcome {
  if (vector.error !== undefined) return faultOf(...vector.error);
  if (vector.result === undefined) throw new Error('a vector has a result or an error');
  return queuesOf(vector.result, vector.topic);
}

/** What our strategy answers, of a name that must be Java's, to input that we must sort as Java did. */
export function ourOutcome(vector: AllocationCase): Outcome {
  const queues = queuesOf(vector.queues, vector.topic);
  const strategy = strategyOf(vector);
  if (strategy.strategyName !== vector.name)
    throw new Error(`${vector.name} is called ${strategy.strategyName} here`);
  try {
    return strategy({
      consumerGroup: 'group',
      clientId: vector.own,
      queues: sortQueues(disordered(queues)),
      clientIds: sortClientIds(disordered(vector.ids)),
    });
  } catch (error) {
    if (error instanceof AllocationError) return error.fault;
    throw error;
  }
}

function queuesOf(runs: readonly Run[], usualTopic: string): readonly MessageQueue[] {
  return runs.flatMap(([brokerName, queueIds, topic = usualTopic]) =>
    queueIds.map((queueId) => ({ topic, brokerName, queueId })),
  );
}

/** Every third item first, the rest backwards. */
function disordered<T>(items: readonly T[]): readonly T[] {
  const third = (_: T, position: number): boolean => position % 3 === 0;
  return [...items.filter(third), ...items.filter((item, position) => !third(item, position)).reverse()];
}

function faultOf(exception: string, message: string): AllocationFault {
  if (exception === 'IllegalArgumentException') {
    if (message.startsWith('currentCID ')) return 'empty-client-id';
    if (message.startsWith('mqAll ')) return 'no-queues';
    if (message.startsWith('cidAll ')) return 'no-members';
    if (message.startsWith('Machine room is null ')) return 'unknown-room';
  }
  throw new Error(`Java threw what no strategy of ours throws: ${exception}: ${message}`);
}

function strategyOf({ name, options, topic }: AllocationCase): AllocateStrategy {
  const { virtualNodes = 10, hash = 'md5', queues = [], rooms = [], inner = 'AVG' } = options;
  if (name.startsWith('MACHINE_ROOM_NEARBY-')) {
    return machineRoomNearby({
      brokerRoom: ({ brokerName }) => upTo('@', brokerName),
      consumerRoom: (clientId) => upTo('-', clientId),
      inner: strategyOf({ name: inner, options: { rooms }, topic, queues: [], ids: [], own: '' }),
    });
  }
  switch (name) {
    case 'AVG':
      return averagely();
    case 'AVG_BY_CIRCLE':
      return byCircle();
    case 'CONSISTENT_HASH':
      return consistentHash({ virtualNodes, ...(hash !== 'md5' && { hash: ringHash(hash) }) });
    case 'CONFIG':
      return byConfig(queuesOf(queues, topic));
    case 'MACHINE_ROOM':
      return byMachineRoom(rooms);
    default:
      throw new Error(`no strategy here is called ${name}`);
  }
}

function upTo(sign: string, text: string): string {
  return text.slice(0, Math.max(0, text.indexOf(sign)));
}

function ringHash(name: string): RingHash {
  switch (name) {
    case 'hashCode':
      return javaHashCode;
    case 'few':
      return (key) => javaHashCode(key) & 15;
    case 'wide':
      return (key) => BigInt.asIntN(64, BigInt(javaHashCode(key)) * 0x9e3779b97f4a7c15n);
    default:
      throw new Error(`no hash here is called ${name}`);
  }
}

function javaHashCode(text: string): number {
  let code = 0;
  for (let i = 0; i < text.length; i++) code = (Math.imul(code, 31) + text.charCodeAt(i)) | 0;
  return code;
}

/** What a consumer may hold of one pop queue. */
export interface PopLimits {
  /** Messages. */
  readonly popThresholdForQueue: number;
  /** MiB of records. */
  readonly pullThresholdSizeForQueue: number;
}

const MIB = 1024 * 1024;

/** Whether there is room for another pop. Pure. Java, which does not count bytes: `DefaultMQPushConsumerImpl.popMessage`. */
export function hasPopRoom(
  { held, heldBytes }: { readonly held: number; readonly heldBytes: number },
  { popThresholdForQueue, pullThresholdSizeForQueue }: PopLimits,
): boolean {
  return held <= popThresholdForQueue && heldBytes <= pullThresholdSizeForQueue * MIB;
}

/** An empty answer that came sooner than this did not wait: something is odd with the broker. In ms. */
const QUICK = 100;

/** How long to rest before the next pop, in ms. Pure. Java: `PopCallback.onSuccess`, which asks again at once after any empty answer. */
export function popRest(status: 'FOUND' | 'POLLING_NOT_FOUND' | 'POLLING_FULL', took: number): number {
  if (status === 'POLLING_FULL') return 1_000;
  return status === 'POLLING_NOT_FOUND' && took < QUICK ? QUICK : 0;
}

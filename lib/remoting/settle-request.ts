import { deferred } from '../runtime/deferred.ts';
import type { PendingRequest } from './pending-request.ts';

/**
 * A promise for a request that `start` makes and that `signal` may end, by its reason. Without a signal nothing is
 * paid for one.
 */
export async function settleRequest<T>(
  signal: AbortSignal | undefined,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => PendingRequest | undefined,
): Promise<T> {
  if (signal === undefined) return new Promise<T>((resolve, reject) => void start(resolve, reject));
  signal.throwIfAborted();
  const { promise, resolve, reject } = deferred<T>();
  const request = start(resolve, reject);
  const abort = (): void => {
    request?.abandon();
    reject(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

interface Stoppable {
  stop(): Promise<void>;
}

const clusters = new Map<string, Promise<Stoppable>>();

/**
 * The cluster of that key, started at the first call and shared by all suites of this run. Topics and groups of a test
 * must be its own, and it must not stop the brokers.
 */
export function shared<T extends Stoppable>(key: string, start: () => Promise<T>): Promise<T> {
  const existing = clusters.get(key) as Promise<T> | undefined;
  if (existing !== undefined) return existing;
  const started = start();
  clusters.set(key, started);
  return started;
}

export async function stopSharedClusters(): Promise<void> {
  const running = await Promise.allSettled(clusters.values());
  clusters.clear();
  const started = running.filter((result) => result.status === 'fulfilled');
  await Promise.all(started.map(({ value }) => value.stop()));
}

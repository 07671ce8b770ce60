interface Stoppable {
  stop(): Promise<void>;
}

const registry = Symbol.for('rocketmq-remoting.test.clusters');

/**
 * One for the process, not for the module: mocha `require`s the root hooks and `import`s the suites that wait at their top level, which makes
 * two instances of this module, and the one that stops the clusters would know of none.
 */
const holder = globalThis as { [registry]?: Map<string, Promise<Stoppable>> };
const clusters = (holder[registry] ??= new Map<string, Promise<Stoppable>>());

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

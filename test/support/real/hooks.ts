import { stopSharedClusters } from './shared-clusters.ts';

/** For mocha's `require`: ends the brokers that suites shared. */
export const mochaHooks = {
  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(60_000);
    await stopSharedClusters();
  },
};

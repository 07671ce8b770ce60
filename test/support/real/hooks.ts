import { failIfLeftOpen } from './left-open.ts';
import { stopSharedClusters } from './shared-clusters.ts';

/** For mocha's `require`: ends the brokers that suites shared, and then sees to it that the process ends. */
export const mochaHooks = {
  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(60_000);
    await stopSharedClusters();
    failIfLeftOpen();
  },
};

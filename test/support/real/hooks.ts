import { failIfLeftOpen } from './left-open.ts';
import { stopSharedClusters } from './shared-clusters.ts';

/** Begins the line of a test that failed and is tried again; `run.ts` collects them. */
const SECOND_TRY = 'second try:';

/** For mocha's `require`: says what is tried again, ends the brokers that suites shared, and then sees to it that the process ends. */
export const mochaHooks = {
  beforeEach(this: Mocha.Context): void {
    const test = this.currentTest as (Mocha.Test & { currentRetry(): number }) | undefined;
    if (test !== undefined && test.currentRetry() > 0) console.log(`    ${SECOND_TRY} ${test.fullTitle()}`);
  },

  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(60_000);
    await stopSharedClusters();
    failIfLeftOpen();
  },
};

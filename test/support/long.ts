/**
 * Whether the long suites run too: thousands of simulated schedules, mutants, chaos. CI sets `ROCKETMQ_TEST_LONG=1`; without it
 * `npm test` is done in about a minute.
 */
export const isLongRun = process.env['ROCKETMQ_TEST_LONG'] === '1';

/** Declares a suite that takes minutes; where it is not wanted it is pending, and one line says how to have it. */
export function describeLong(title: string, define: (this: Mocha.Suite) => void): void {
  if (isLongRun) {
    describe(title, define);
    return;
  }
  describe.skip(title, () => it('takes minutes: set ROCKETMQ_TEST_LONG=1'));
  console.log(`${title}: takes minutes and is skipped, ROCKETMQ_TEST_LONG=1 runs it`);
}

/** The same for suites that are declared once for each real broker. */
export async function whenLong(title: string, declare: () => Promise<void>): Promise<void> {
  if (isLongRun) await declare();
  else console.log(`${title}: takes minutes and is skipped, ROCKETMQ_TEST_LONG=1 runs it`);
}

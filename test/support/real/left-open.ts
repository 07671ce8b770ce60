import { writeSync } from 'node:fs';

/** A run that has nothing left to do ends by itself; this long after the last test it must have, in ms. */
const PATIENCE = 20_000;

/**
 * Ends a run that something left open keeps alive, as a failure that names what it is: a pipe to CI would otherwise wait
 * for hours. The timer itself keeps nothing alive.
 */
export function failIfLeftOpen(): void {
  setTimeout(() => {
    const left = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout');
    writeSync(2, `\nThe tests are over and the process does not end; still open: ${left.join(', ')}\n`);
    // Mocha sets the code by the number of failed tests when the process exits: this comes after it.
    process.on('exit', () => {
      process.exitCode = 1;
    });
    process.exit(1);
  }, PATIENCE).unref();
}

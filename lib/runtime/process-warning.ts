import { inspect } from 'node:util';

/** Says something that must be heard even where no logger is set: as a warning of the process. */
export function warnProcess(message: string): void {
  process.emitWarning(message, 'RocketMQWarning');
}

/**
 * Tells of an error thrown by code that was called back, where nobody can catch it: as a warning of the process. To
 * let it through would end the loop that called, and with it others who had no part in it.
 *
 * @param who what was called, such as `A listener of connected`
 */
export function reportThrown(who: string, error: unknown): void {
  warnProcess(`${who} threw ${inspect(error)}`);
}

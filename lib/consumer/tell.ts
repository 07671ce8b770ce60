import type { EventEmitter } from 'node:events';

import { UserNames } from '../instance/user-names.ts';
import type { Logger } from '../logger.ts';

/** Tells the users of a client what happened. Never throws: a faulty handler must not stop the work. */
export type Emit<Events extends Record<keyof Events, unknown[]>> = <K extends keyof Events>(
  name: K,
  ...event: Events[K]
) => void;

/** The events of `emitter`; warnings are logged too. Users see the names of their namespace. A handler that throws must not stop consumption, nor go unseen. */
export function tell<Events extends Record<keyof Events, unknown[]>>(
  emitter: EventEmitter,
  logger: Logger,
  names: UserNames = new UserNames(undefined),
): Emit<Events> {
  return (name, ...event) => {
    if (name === 'warning') logger.warn(event[0] as object, 'Warning');
    try {
      emitter.emit(name as string, ...names.shown(event));
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error), 'RocketMQEventHandlerError');
    }
  };
}

import { integer, shape, time } from '../schema/shape.ts';
import type { ShapeOf } from '../schema/shape.ts';

/** How old a table of a broker is: equal versions mean equal tables. Java: `DataVersion`. */
export const dataVersion = shape('DataVersion', {
  /** Epoch of the broker's state machine; 0 without a controller. */
  stateVersion: integer(),
  /** Time of the last change, milliseconds. */
  timestamp: time(),
  /** Changes since the broker started. */
  counter: integer(),
});
/** See the shape of the same name. */
export type DataVersion = ShapeOf<typeof dataVersion>;

import type { Terminal } from '../terminal.ts';
import type { DemoState } from './demo-state.ts';
import { LiveView } from './live-view.ts';
import { PlainView } from './plain-view.ts';

/** Shows a scenario until it is disposed of. */
export type DemoView = Disposable;

/** The smallest terminal that a frame fits into. */
const COLUMNS = 80;
const ROWS = 18;

/** A picture that is redrawn in place where that is possible, otherwise one line for each change. */
export function showState(state: DemoState, terminal: Terminal): DemoView {
  const { columns, rows } = terminal.size();
  const isLive = terminal.isLive && columns >= COLUMNS && rows >= ROWS;
  return isLive ? new LiveView(state, terminal) : new PlainView(state, terminal);
}

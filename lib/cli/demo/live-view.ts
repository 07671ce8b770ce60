import type { Timer } from '../../runtime/clock.ts';
import type { Terminal } from '../terminal.ts';
import { frameLines } from './demo-lines.ts';
import type { DemoState } from './demo-state.ts';

/** Rest between two pictures, in ms. */
const REFRESH = 100;

const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
const CLEAR_REST_OF_LINE = '\u001B[K';
const CLEAR_BELOW = '\u001B[J';
const up = (lines: number): string => (lines === 0 ? '' : `\u001B[${lines}A`);

/** The scenario as a picture that is redrawn in place; the last one stays. */
export class LiveView implements Disposable {
  readonly #state: DemoState;
  readonly #terminal: Terminal;
  #height = 0;
  #timer: Timer | undefined;

  constructor(state: DemoState, terminal: Terminal) {
    this.#state = state;
    this.#terminal = terminal;
    terminal.out.write(HIDE_CURSOR);
    process.on('exit', this.#showCursor);
    this.#refresh();
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#draw();
    this.#showCursor();
    process.off('exit', this.#showCursor);
    this.#terminal.out.write('\n');
  }

  /** Also when a second Ctrl-C ends the process at once. */
  readonly #showCursor = (): void => {
    this.#terminal.out.write(SHOW_CURSOR);
  };

  #refresh(): void {
    this.#draw();
    this.#timer = this.#state.clock.timer(REFRESH, () => this.#refresh());
  }

  #draw(): void {
    const lines = frameLines(this.#state, this.#terminal);
    const text = lines.map((line) => `${line}${CLEAR_REST_OF_LINE}\n`).join('');
    this.#terminal.out.write(`${up(this.#height)}${text}${CLEAR_BELOW}`);
    this.#height = lines.length;
  }
}

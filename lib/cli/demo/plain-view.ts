import type { Terminal } from '../terminal.ts';
import type { DemoState, TimelineEntry } from './demo-state.ts';
import { memberColor, timelineLine } from './demo-lines.ts';
import { count, moment } from './text.ts';

/** One line for each change: for logs, and for terminals that cannot be redrawn. */
export class PlainView implements Disposable {
  readonly #state: DemoState;
  readonly #terminal: Terminal;

  constructor(state: DemoState, terminal: Terminal) {
    this.#state = state;
    this.#terminal = terminal;
    this.#write(terminal.colors.bold(state.title));
    state.watch({ onEntry: (entry) => this.#entry(entry), onOwnership: () => this.#ownership() });
  }

  [Symbol.dispose](): void {
    this.#write('');
  }

  #entry(entry: TimelineEntry): void {
    this.#write(timelineLine(entry, this.#terminal.colors));
  }

  #ownership(): void {
    const { members, board, clock, elapsed, ledger } = this.#state;
    const { colors } = this.#terminal;
    const shares = members
      .filter(({ condition }) => condition !== 'killed' && condition !== 'left')
      .map(({ name }) => `${memberColor(name, colors)(name)} ${board.ownedBy(name).join(' ') || 'none'}`);
    const rate = members.reduce((sum, member) => sum + member.rate.at(clock.now()), 0);
    const facts = colors.dim(`${count(rate)} msg/s, lag ${count(ledger.outstanding())}`);
    this.#write(`${colors.dim(moment(elapsed))}    owned: ${shares.join(', ')}  ${facts}`);
  }

  #write(line: string): void {
    this.#terminal.out.write(`${line}\n`);
  }
}

import type { Colors, Terminal } from '../terminal.ts';
import type { DemoState, MemberRow, TimelineEntry } from './demo-state.ts';
import { count, moment } from './text.ts';

type Paint = (text: string) => string;

/** Lines of a frame that are not timeline, and one to stand on. */
const FIXED_LINES = 12;
const CELL = 4;

/** A member has the same colour wherever it is named. */
export function memberColor(name: string, colors: Colors): Paint {
  const palette = [colors.cyan, colors.yellow, colors.magenta, colors.green, colors.blue];
  return palette[(Number(name.at(-1)) - 1) % palette.length] ?? String;
}

/** A line of the timeline. */
export function timelineLine({ at, text, kind }: TimelineEntry, colors: Colors): string {
  const sign = kind === 'step' ? '▸' : ' ';
  return `${colors.dim(moment(at))}  ${sign} ${kind === 'step' ? colors.bold(text) : text}`;
}

/** A picture of the state: who owns which queue, rates, lag, and what happened so far. */
export function frameLines(state: DemoState, terminal: Terminal): string[] {
  const { colors } = terminal;
  const { columns, rows } = terminal.size();
  const timeline = state.timeline.slice(-Math.max(1, rows - FIXED_LINES));
  return [
    colors.bold(state.title.slice(0, columns - 1)),
    '',
    ...queueLines(state, colors),
    '',
    ...state.members.map((member) => memberLine(member, state, colors)),
    totalLine(state, colors),
    '',
    ...timeline.map(({ text, ...entry }) =>
      timelineLine({ ...entry, text: text.slice(0, columns - 14) }, colors),
    ),
  ];
}

function queueLines({ board, ledger }: DemoState, colors: Colors): string[] {
  const queues = Array.from({ length: board.queueCount }, (_, queueId) => queueId);
  const row = (name: string, cell: (queueId: number) => string): string =>
    `  ${colors.dim(name.padEnd(8))}${queues.map(cell).join('')}`;
  return [
    row('queue', (queueId) => colors.dim(String(queueId).padStart(CELL))),
    row('owner', (queueId) => ownerCell(board.ownersOf(queueId), colors)),
    row('lag', (queueId) => {
      const lag = ledger.outstanding(queueId);
      const text = (lag > 999 ? `${Math.floor(lag / 1_000)}k` : String(lag)).padStart(CELL);
      return lag > 50 ? colors.yellow(text) : text;
    }),
  ];
}

/** `C1`; `-` while nobody owns the queue; `1+3` while two members do not agree. */
function ownerCell(owners: readonly string[], colors: Colors): string {
  const [owner] = owners;
  if (owner === undefined) return colors.red('-'.padStart(CELL));
  const numbers = owners.map((name) => name.at(-1)).join('+');
  if (owners.length > 1) return colors.red(` ${numbers}`.padStart(CELL));
  return memberColor(owner, colors)(`C${numbers}`.padStart(CELL));
}

function memberLine(
  { name, condition, rate, consumed }: MemberRow,
  state: DemoState,
  colors: Colors,
): string {
  const isGone = condition === 'killed' || condition === 'left';
  const queues = state.board.ownedBy(name).length;
  const share =
    isGone || condition === 'starting' ? condition : `${queues} ${queues === 1 ? 'queue' : 'queues'}`;
  const numbers = `${count(rate.at(state.clock.now())).padStart(6)} msg/s ${count(consumed).padStart(9)} consumed`;
  const line = `  ${name.padEnd(10)}${share.padEnd(10)}${numbers}`;
  return isGone ? colors.dim(line) : memberColor(name, colors)(line);
}

function totalLine({ ledger }: DemoState, colors: Colors): string {
  const acknowledged = `${count(ledger.acknowledged).padStart(9)} acknowledged`;
  const rest = `lag ${count(ledger.outstanding())}, repeated ${count(ledger.repeated)}`;
  return `  ${'Producer'.padEnd(32)}${acknowledged}, ${colors.dim(rest)}`;
}

import type { Colors } from '../terminal.ts';
import type { ScenarioResult } from './scenario.ts';
import { count, duration } from './text.ts';

/** A scenario and the name of its column. */
export interface NamedResult {
  readonly name: string;
  readonly result: ScenarioResult;
}

const rows: readonly (readonly [label: string, value: (result: ScenarioResult) => string])[] = [
  ['Two members share the queues', ({ start }) => duration(start)],
  ['A third has its share', ({ join }) => duration(join)],
  ['Take-over after SIGKILL', ({ takeOver }) => duration(takeOver)],
  ['Messages acknowledged', ({ acknowledged }) => count(acknowledged)],
  ['Messages lost', ({ lost }) => count(lost)],
  ['Messages repeated', ({ repeated }) => count(repeated)],
  ['Sends not acknowledged', ({ failedSends }) => count(failedSends)],
];

/** The figures of one scenario, or of several side by side. */
export function summaryLines(results: readonly NamedResult[], colors: Colors): string[] {
  const labelWidth = Math.max(...rows.map(([label]) => label.length)) + 2;
  const width = Math.max(12, ...results.map(({ name }) => name.length + 2));
  const header = `${''.padEnd(labelWidth)}${results.map(({ name }) => name.padStart(width)).join('')}`;
  const lines = rows
    .filter(
      ([label]) => label !== 'Sends not acknowledged' || results.some(({ result }) => result.failedSends > 0),
    )
    .map(([label, value]) => {
      const cells = results.map(({ result }) => value(result).padStart(width)).join('');
      return `${label.padEnd(labelWidth)}${label.startsWith('Take-over') ? colors.bold(cells) : cells}`;
    });
  return [...(results.length > 1 ? [colors.dim(header)] : []), ...lines, '', ...notes(results)];
}

function notes(results: readonly NamedResult[]): string[] {
  const lines: string[] = [];
  if (results.some(({ result }) => result.repeated > 0)) {
    lines.push(
      'Repeated are the messages that the killed member had consumed since its last commit of offsets (every 200 ms while messages come):',
      'nobody but itself knew of them. A member that leaves by shutdown() repeats nothing.',
    );
  }
  if (results.length > 1) {
    lines.push(
      'Without notices the members look at the group by their timer alone: until then a new member and an old one',
      'consume the same queues, and those of a killed member wait.',
    );
  }
  return lines;
}

/** What a user writes to get what was shown. */
export const codeLines: readonly string[] = [
  "const consumer = new PushConsumer({ consumerGroup: 'LoadBalanceConsumerGroup' });",
  "consumer.subscribe('LoadBalanceTopic', { eachMessage: async (message) => console.log(message.text()) });",
  'await consumer.start();',
];

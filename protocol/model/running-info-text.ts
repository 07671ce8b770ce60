import type { ConsumerRunningInfo, ProcessQueueInfo } from './consumer-running-info.ts';
import type { MessageQueue } from './message-queue.ts';

type Cell = string | number | boolean;
/** Width of a column; negative: to the left, as in Java's `%-32s`. */
type Widths = readonly number[];

/** Java pads what is shorter, and cuts nothing. */
function row(cells: readonly Cell[], widths: Widths, gap = '  '): string {
  const texts = cells.map((cell, index) => {
    const width = widths[index] ?? 0;
    return width < 0 ? String(cell).padEnd(-width) : String(cell).padStart(width);
  });
  return `${texts.join(gap)}\n`;
}

const narrow: Widths = [-32, -32, -4, -20];
const wide: Widths = [-64, -32, -4, -20];
const detail: Widths = [-64, -32, -4, 0];
const rateWidths: Widths = [0, 14, 14, 14, 14, 18, 25];

/**
 * The text that mqadmin `consumerStatus -i` prints of a member. Java: `ConsumerRunningInfo.formatString` of 5.x.
 *
 * @param localTime writes milliseconds since the epoch as `yyyyMMddHHmmssSSS` in local time
 */
export function runningInfoText(info: ConsumerRunningInfo, localTime: (ms: number) => string): string {
  const sections: readonly (readonly [string, string])[] = [
    ['Consumer Properties', table(info.properties)],
    ['Consumer Subscription', subscriptions(info)],
    ['Consumer Offset', queues(info, '#Consumer Offset', narrow, ({ commitOffset }) => String(commitOffset))],
    ['Consumer MQ Detail', queues(info, '#ProcessQueueInfo', detail, (queue) => queueText(queue, localTime))],
    ['Consumer Pop Detail', popQueues(info)],
    ['Consumer RT&TPS', rates(info)],
    ['User Consume Info', table(info.userConsumerInfo ?? new Map())],
    ...(info.jstack === undefined ? [] : [['Consumer jstack', info.jstack] as const]),
  ];
  return sections.map(([title, text]) => `#${title}#\n${text}`).join('\n\n');
}

const table = (entries: ReadonlyMap<string, string>): string =>
  [...entries].map(([name, value]) => `${name.padEnd(40)}: ${value}\n`).join('');

function subscriptions({ subscriptionSet }: ConsumerRunningInfo): string {
  const line = (
    { topic, classFilterMode, subString }: ConsumerRunningInfo['subscriptionSet'][number],
    index: number,
  ): string =>
    `${String(index + 1).padStart(3, '0')} Topic: ${topic.padEnd(40)} ClassFilter: ${String(classFilterMode).padEnd(8)} SubExpression: ${subString}\n`;
  return subscriptionSet.map(line).join('');
}

function queues(
  { mqTable }: ConsumerRunningInfo,
  title: string,
  widths: Widths,
  text: (info: ProcessQueueInfo) => string,
): string {
  const line = ([queue, info]: readonly [MessageQueue, ProcessQueueInfo]): string =>
    queueRow(queue, text(info), widths);
  return row(['#Topic', '#Broker Name', '#QID', title], wide) + mqTable.map(line).join('');
}

const queueRow = ({ topic, brokerName, queueId }: MessageQueue, text: string, widths: Widths): string =>
  row([topic, brokerName, queueId, text], widths);

function popQueues({ mqPopTable = [] }: ConsumerRunningInfo): string {
  const lines = mqPopTable.map(([queue, { waitAckCount, droped, lastPopTimestamp }]) =>
    queueRow(
      queue,
      `PopProcessQueueInfo [waitAckCount:${waitAckCount}, droped:${droped}, lastPopTimestamp:${lastPopTimestamp}]`,
      [-32, -32, -4, 0],
    ),
  );
  return row(['#Topic', '#Broker Name', '#QID', '#ProcessQueueInfo'], narrow) + lines.join('');
}

function rates({ statusTable }: ConsumerRunningInfo): string {
  const titles = [
    '#Pull RT',
    '#Pull TPS',
    '#Consume RT',
    '#ConsumeOK TPS',
    '#ConsumeFailed TPS',
    '#ConsumeFailedMsgsInHour',
  ];
  const line = (topic: string, width: number, cells: readonly Cell[]): string =>
    row([`${topic.padEnd(width)} `, ...cells], rateWidths, ' ');
  const lines = [...statusTable].map(([topic, status]) => {
    const { pullRT, pullTPS, consumeRT, consumeOKTPS, consumeFailedTPS, consumeFailedMsgs } = status;
    const times = [pullRT, pullTPS, consumeRT, consumeOKTPS, consumeFailedTPS].map((rate) => rate.toFixed(2));
    return line(topic, 32, [...times, consumeFailedMsgs]);
  });
  return line('#Topic', 64, titles) + lines.join('');
}

/** Java: `ProcessQueueInfo.toString`. */
function queueText(info: ProcessQueueInfo, localTime: (ms: number) => string): string {
  const members = processQueueMembers.map((name) => {
    const value = info[name];
    return `${name}=${name.endsWith('Timestamp') ? localTime(Number(value)) : value}`;
  });
  return `ProcessQueueInfo [${members.join(', ')}]`;
}

/** In the order of the text, which is not that of the JSON. */
const processQueueMembers: readonly (keyof ProcessQueueInfo)[] = [
  'commitOffset',
  'cachedMsgMinOffset',
  'cachedMsgMaxOffset',
  'cachedMsgCount',
  'cachedMsgSizeInMiB',
  'transactionMsgMinOffset',
  'transactionMsgMaxOffset',
  'transactionMsgCount',
  'locked',
  'tryUnlockTimes',
  'lastLockTimestamp',
  'droped',
  'lastPullTimestamp',
  'lastConsumeTimestamp',
];

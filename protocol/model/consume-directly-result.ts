import { readBoolean, readInt, readName, readObject, readText } from '../serialization/document.ts';

const results = [
  'CR_SUCCESS',
  'CR_LATER',
  'CR_ROLLBACK',
  'CR_COMMIT',
  'CR_THROW_EXCEPTION',
  'CR_RETURN_NULL',
] as const;

/** How a directly consumed message fared. Java: `CMResult`. */
export type ConsumeResult = (typeof results)[number];

/** Answer to CONSUME_MESSAGE_DIRECTLY. Java: `ConsumeMessageDirectlyResult`. */
export interface ConsumeDirectlyResult {
  readonly order: boolean;
  readonly autoCommit: boolean;
  readonly consumeResult: ConsumeResult;
  readonly remark?: string;
  /** Milliseconds in the listener. */
  readonly spentTimeMills: number;
}

/** Reads a {@link ConsumeDirectlyResult}. */
export function readConsumeDirectlyResult(document: unknown): ConsumeDirectlyResult {
  const where = 'ConsumeMessageDirectlyResult';
  const result = readObject(document, where);
  const remark = readText(result, 'remark', where);
  return {
    order: readBoolean(result, 'order'),
    autoCommit: readBoolean(result, 'autoCommit', true),
    consumeResult: readName(result, 'consumeResult', results, 'CR_RETURN_NULL'),
    ...(remark === undefined ? undefined : { remark }),
    spentTimeMills: readInt(result, 'spentTimeMills', where),
  };
}

/** Writes a {@link ConsumeDirectlyResult} with Java's member order. */
export function writeConsumeDirectlyResult(result: ConsumeDirectlyResult): string {
  const { autoCommit, consumeResult, order, remark, spentTimeMills } = result;
  return JSON.stringify({ autoCommit, consumeResult, order, remark, spentTimeMills });
}

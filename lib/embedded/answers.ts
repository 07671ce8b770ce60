import { ResponseCode } from '../../protocol/codes/response-code.ts';
import type { BodySource } from '../../protocol/frame-writer.ts';
import type { Body } from '../../protocol/schema/body.ts';
import type { Header, HeaderFields, HeaderValue } from '../../protocol/schema/header.ts';
import type { Answer } from './faults/control.ts';
import type { Manners } from './manners.ts';

/** An answer in the terms of its row. */
export interface RowAnswer<S extends HeaderFields, SB> extends Omit<Answer, 'body'> {
  readonly header?: HeaderValue<S>;
  readonly body?: SB;
}

/** An answer as it is written. */
export function encodeAnswer<S extends HeaderFields, SB>(
  row: { readonly response: Header<S>; readonly responseBody: Body<SB> },
  answer: RowAnswer<S, SB> | undefined,
): Answer | undefined {
  if (answer === undefined) return undefined;
  const { header, body, ext, code, remark } = answer;
  const bytes = body === undefined ? undefined : row.responseBody.encode(body);
  if (header === undefined) return { code, remark, ext, body: bytes };
  if (ext === undefined) return { code, remark, typed: { type: row.response, value: header }, body: bytes };
  return { code, remark, ext: { ...row.response.encode(header), ...ext }, body: bytes };
}

/** The answer with its fields as a map and its body as a buffer, as controls see it. */
export function spelledOut({ typed, bodySource, ...answer }: Answer): Answer {
  const ext = typed === undefined ? answer.ext : typed.type.encode(typed.value);
  return { ...answer, ext, body: bodySource === undefined ? answer.body : bytesOf(bodySource) };
}

function bytesOf(source: BodySource): Buffer {
  const bytes = Buffer.allocUnsafe(source.length);
  source.copyTo(bytes, 0);
  return bytes;
}

/** A control's answer. */
export function spoken(answer: number | Answer, remark: string | undefined): Answer {
  if (typeof answer !== 'number') return answer;
  return { code: answer, remark: remark ?? `Answered ${answer} by a control` };
}

/** To readers of a topic that is not there. */
export const unknownTopic = (topic: string, { helpLink }: Pick<Manners, 'helpLink'>): Answer => ({
  code: ResponseCode.TOPIC_NOT_EXIST,
  remark: `topic[${topic}] not exist, apply first please! ${helpLink}`,
});

/** The words of every RocketMQ server, leading blank included. */
export const unsupported = (code: number): Answer => ({
  code: ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
  remark: ` request type ${code} not supported`,
});

/** What a handler that throws comes to. */
export const failure = (error: unknown): Answer => ({
  code: ResponseCode.SYSTEM_ERROR,
  remark: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
});

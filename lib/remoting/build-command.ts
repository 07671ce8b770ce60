import type { LanguageCode } from '../../protocol/codes/language-code.ts';
import { CURRENT_VERSION } from '../../protocol/codes/version.ts';
import type { OutgoingCommand } from '../../protocol/frame.ts';
import { CommandFlag, SerializeType } from '../../protocol/remoting-command.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import type { Command } from '../../protocol/schema/command.ts';
import type { HeaderFields, HeaderValue } from '../../protocol/schema/header.ts';
import type { AnswerContent } from './request-dispatch.ts';
import type { RequestCommand } from './rpc-hook.ts';

/**
 * A row's header and body as a request that still lacks what its connection decides. The header is written straight
 * into the frame; hooks see it as a map. Throws `ProtocolError` for a body that cannot be written.
 */
export function buildCommand<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
  row: Command<Q, S, QB, SB>,
  header: HeaderValue<Q>,
  body: QB,
  flag: number,
): RequestCommand {
  return {
    code: row.code,
    language: 'OTHER',
    version: CURRENT_VERSION,
    opaque: 0,
    flag,
    remark: undefined,
    extFields: undefined,
    headerType: row.request,
    header,
    body: row.requestBody.encode(body),
    serializeType: SerializeType.JSON,
  };
}

/** The answer to a request. */
export function buildAnswer(
  request: RemotingCommand,
  { code, remark, extFields, body }: AnswerContent,
  language: LanguageCode,
  version: number,
): OutgoingCommand {
  const { opaque } = request;
  return {
    code,
    language,
    version,
    opaque,
    flag: CommandFlag.response,
    remark,
    extFields,
    body,
    serializeType: SerializeType.JSON,
  };
}

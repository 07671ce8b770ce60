import { ResponseCode } from '../../protocol/codes/response-code.ts';
import { isOneway } from '../../protocol/remoting-command.ts';
import type { ExtFields, RemotingCommand } from '../../protocol/remoting-command.ts';
import type { Command } from '../../protocol/schema/command.ts';
import type { HeaderFields, HeaderValue } from '../../protocol/schema/header.ts';
import type { Logger } from '../logger.ts';

/** What the peer asks of us. */
export interface IncomingRequest<Q extends HeaderFields, QB> {
  readonly header: HeaderValue<Q>;
  readonly body: QB;
  readonly command: RemotingCommand;
  /** Advertised address of the server that asks. */
  readonly address: string;
}

export interface HandlerAnswer<S extends HeaderFields, SB> {
  /** Response code; default `SUCCESS`. */
  readonly code?: number;
  readonly remark?: string | undefined;
  readonly header?: HeaderValue<S> | undefined;
  readonly body?: SB | undefined;
}

/** Answers a request, or `undefined` for no answer. A throw is answered with `SYSTEM_ERROR` and its message. */
export type RequestHandler<Q extends HeaderFields, S extends HeaderFields, QB, SB> = (
  request: IncomingRequest<Q, QB>,
) => Promise<HandlerAnswer<S, SB> | undefined> | HandlerAnswer<S, SB> | undefined;

/** An answer, as far as the handler decides it. */
export interface AnswerContent {
  readonly code: number;
  readonly remark?: string | undefined;
  readonly extFields?: ExtFields | undefined;
  readonly body?: Buffer | undefined;
}

type Serve = (
  command: RemotingCommand,
  address: string,
) => Promise<AnswerContent | undefined> | AnswerContent | undefined;

/** Requests that come from the other side, by code. Java: `ClientRemotingProcessor`. */
export class RequestDispatch {
  readonly #table = new Map<number, Serve>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Sets who answers a code; the last one set counts. */
  handle<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    handler: RequestHandler<Q, S, QB, SB>,
  ): void {
    this.#table.set(row.code, async (command, address) => {
      const header = row.request.read(command);
      const answer = await handler({ header, body: row.requestBody.decode(command.body), command, address });
      return answer === undefined || isOneway(command) ? undefined : encodeAnswer(row, answer);
    });
  }

  /** Never rejects. A oneway request is never answered, whatever happens. */
  async dispatch(command: RemotingCommand, address: string): Promise<AnswerContent | undefined> {
    const answer = await this.#answer(command, address);
    return isOneway(command) ? undefined : answer;
  }

  async #answer(command: RemotingCommand, address: string): Promise<AnswerContent | undefined> {
    const { code } = command;
    const serve = this.#table.get(code);
    if (serve === undefined) {
      this.#logger.debug({ address, code }, 'request with unknown code');
      return { code: ResponseCode.REQUEST_CODE_NOT_SUPPORTED, remark: ` request type ${code} not supported` };
    }
    try {
      return await serve(command, address);
    } catch (error) {
      this.#logger.warn({ address, code, err: error }, 'request from server failed');
      return {
        code: ResponseCode.SYSTEM_ERROR,
        remark: error instanceof Error ? error.message : String(error),
      };
    }
  }
}

function encodeAnswer<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
  row: Command<Q, S, QB, SB>,
  { code = ResponseCode.SUCCESS, remark, header, body }: HandlerAnswer<S, SB>,
): AnswerContent {
  return {
    code,
    remark,
    extFields: header === undefined ? undefined : row.response.encode(header),
    body: body === undefined ? undefined : row.responseBody.encode(body),
  };
}

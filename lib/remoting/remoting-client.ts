import { EventEmitter } from 'node:events';

import type { HeaderFields, HeaderValue } from '../../protocol/schema/header.ts';
import type { Command } from '../../protocol/schema/command.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import type { RocketMQError } from '../errors.ts';
import type { RemotingClientOptions } from './remoting-options.ts';

export type { RemotingClientOptions } from './remoting-options.ts';

export interface CallOptions {
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer<S extends HeaderFields, SB> {
  readonly header: HeaderValue<S>;
  readonly body: SB;
}

export interface HandlerAnswer<S extends HeaderFields, SB> {
  readonly code?: number;
  readonly remark?: string;
  readonly header?: HeaderValue<S>;
  readonly body?: SB;
}

export interface IncomingRequest<Q extends HeaderFields, QB> {
  readonly header: HeaderValue<Q>;
  readonly body: QB;
  readonly command: RemotingCommand;
  readonly address: string;
}

export type RequestHandler<Q extends HeaderFields, S extends HeaderFields, QB, SB> = (
  request: IncomingRequest<Q, QB>,
) => Promise<HandlerAnswer<S, SB> | undefined> | HandlerAnswer<S, SB> | undefined;

export type CallDone = (error: RocketMQError | undefined, answer: RemotingCommand | undefined) => void;

export interface RemotingStats {
  readonly connections: number;
  readonly pending: number;
  readonly late: number;
  readonly unknown: number;
  readonly writes: number;
  readonly reads: number;
}

export interface RemotingEvents {
  connected: [{ readonly address: string }];
  disconnected: [{ readonly address: string; readonly error?: Error | undefined }];
  stray: [{ readonly address: string; readonly opaque: number; readonly code: number }];
}

export class RemotingClient extends EventEmitter<RemotingEvents> {
  constructor(_options: RemotingClientOptions) {
    super();
  }
  async invoke<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    _address: string,
    _row: Command<Q, S, QB, SB>,
    _header: HeaderValue<Q>,
    _body: QB,
    _options?: CallOptions,
  ): Promise<Answer<S, SB>> {
    throw new Error('shell');
  }
  async request<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    _address: string,
    _row: Command<Q, S, QB, SB>,
    _header: HeaderValue<Q>,
    _body: QB,
    _options?: CallOptions,
  ): Promise<RemotingCommand> {
    throw new Error('shell');
  }
  call<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    _address: string,
    _row: Command<Q, S, QB, SB>,
    _header: HeaderValue<Q>,
    _body: QB,
    _timeout: number,
    _done: CallDone,
  ): void {}
  async oneway<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    _address: string,
    _row: Command<Q, S, QB, SB>,
    _header: HeaderValue<Q>,
    _body: QB,
    _options?: CallOptions,
  ): Promise<void> {}
  handle<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    _row: Command<Q, S, QB, SB>,
    _handler: RequestHandler<Q, S, QB, SB>,
  ): void {}
  keep(_address: string): void {}
  release(_address: string): void {}
  isConnected(_address: string): boolean {
    return false;
  }
  stats(): RemotingStats {
    throw new Error('shell');
  }
  async close(): Promise<void> {}
}

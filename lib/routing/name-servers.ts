import type { Command } from '../../protocol/schema/command.ts';
import type { HeaderFields, HeaderValue } from '../../protocol/schema/header.ts';
import type { Logger } from '../logger.ts';
import type { Answer, CallOptions, RemotingClient } from '../remoting/remoting-client.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';

export interface NameServersOptions {
  readonly nameServers: string | readonly string[] | undefined;
  readonly remoting: Pick<RemotingClient, 'invoke'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger?: Logger;
  resolve?(host: string): Promise<readonly string[]>;
  fetchText?(url: string, signal: AbortSignal): Promise<string>;
}
export declare class NameServers {
  constructor(options: NameServersOptions);
  start(signal?: AbortSignal): Promise<void>;
  addresses(): readonly string[];
  invoke<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    options?: CallOptions,
  ): Promise<Answer<S, SB>>;
  ask<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    options?: CallOptions,
  ): Promise<{ readonly answer: Answer<S, SB>; readonly address: string }>;
  refresh(signal?: AbortSignal): Promise<void>;
  close(): void;
}

import type { OutgoingCommand } from '../../protocol/frame.ts';
import type { FrameLimits } from '../../protocol/frame.ts';
import type { HeaderFields, HeaderValue } from '../../protocol/schema/header.ts';
import type { Command } from '../../protocol/schema/command.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import type { Logger } from '../logger.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ServerTransport } from './transport.ts';

export interface ServerConnection {
  /** 1, 2, 3 … in order of arrival. */
  readonly id: number;
  readonly remoteAddress: string;
  send(command: OutgoingCommand): void;
  invoke<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    timeout: number,
  ): Promise<RemotingCommand>;
  oneway<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
  ): void;
  close(error?: Error): void;
}

export interface RemotingServerOptions {
  readonly transport: ServerTransport;
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
  readonly version?: number | undefined;
  readonly limits?: Partial<FrameLimits> | undefined;
  onRequest(connection: ServerConnection, command: RemotingCommand): void;
  onOpen?(connection: ServerConnection): void;
  onClose?(connection: ServerConnection, error?: Error): void;
}

export class RemotingServer {
  constructor(_options: RemotingServerOptions) {}
  async listen(_host: string, _port: number): Promise<string> {
    throw new Error('shell');
  }
  async close(): Promise<void> {}
}

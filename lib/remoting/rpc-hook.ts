import type { OutgoingCommand } from '../../protocol/frame.ts';
import type { ExtFields, RemotingCommand } from '../../protocol/remoting-command.ts';

/** A request before it is written. */
export type RequestCommand = Omit<
  { -readonly [K in keyof OutgoingCommand]: OutgoingCommand[K] },
  'extFields'
> & {
  extFields?: ExtFields | undefined;
};

/** A request that is about to be written, as hooks may change it. */
export type MutableCommand = RequestCommand & { extFields: ExtFields };

/** Sees every request of a client, each time it is transmitted. Java: `RPCHook`. */
export interface RpcHook {
  /** A throw fails the request. Signing runs after all hooks, so fields added here are signed. */
  beforeRequest?(address: string, command: MutableCommand): void;
  afterResponse?(address: string, request: Readonly<MutableCommand>, response: RemotingCommand): void;
}

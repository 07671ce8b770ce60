import type { RocketMQError } from '../../protocol/errors.ts';
import type { Command } from '../../protocol/schema/command.ts';
import type { HeaderFields, HeaderValue } from '../../protocol/schema/header.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import type { Answer, CallOptions, RemotingClient } from '../remoting/remoting-client.ts';
import type { AddressOrigin } from '../routing/unreachable.ts';
import { explainUnreachable } from '../routing/unreachable.ts';

/** How long a call may take (milliseconds), how to give it up, and which broker is meant behind a proxy. */
export interface BrokerCallOptions extends CallOptions {
  /** Sent as `bname`, without which a 5.x proxy refuses the request. */
  readonly brokerName?: string | undefined;
}

/** Calls brokers, and explains addresses that cannot be reached. */
export class BrokerCalls {
  readonly remoting: RemotingClient;
  readonly #originOf: (address: string) => AddressOrigin | undefined;

  constructor(remoting: RemotingClient, originOf: (address: string) => AddressOrigin | undefined) {
    this.remoting = remoting;
    this.#originOf = originOf;
  }

  async invoke<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    address: string,
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    options: CallOptions,
  ): Promise<Answer<S, SB>> {
    try {
      return await this.remoting.invoke(address, row, header, body, options);
    } catch (error) {
      throw this.explain(error);
    }
  }

  /** Any response code is an answer. */
  async request<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    address: string,
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    options: CallOptions,
  ): Promise<RemotingCommand> {
    try {
      return await this.remoting.request(address, row, header, body, options);
    } catch (error) {
      throw this.explain(error);
    }
  }

  async oneway<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    address: string,
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    options: CallOptions,
  ): Promise<void> {
    try {
      await this.remoting.oneway(address, row, header, body, options);
    } catch (error) {
      throw this.explain(error);
    }
  }

  explain(error: unknown): unknown {
    return explainUnreachable(error, this.#originOf);
  }

  explainRocketMQ(error: RocketMQError): RocketMQError {
    return explainUnreachable(error, this.#originOf);
  }
}

import type { Command } from '../../protocol/schema/command.ts';
import type { HeaderFields, HeaderValue } from '../../protocol/schema/header.ts';
import { ConnectionClosedError, isResponse, NameServerError, ResponseError } from '../errors.ts';
import type { NameServerAttempt } from '../errors.ts';
import { silentLogger } from '../logger.ts';
import type { Logger } from '../logger.ts';
import { formatAddress } from '../remoting/address.ts';
import type { Answer, CallOptions, RemotingClient } from '../remoting/remoting-client.ts';
import type { Clock } from '../runtime/clock.ts';
import { withTimeout } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import { randomInteger } from '../runtime/random.ts';
import { isIpAddress, parseAddress } from './broker-address.ts';
import { readNameServerSource, splitAddresses } from './name-server-source.ts';
import type { NameServerSource } from './name-server-source.ts';

export interface NameServersOptions {
  /** `host:port`, several separated by `;` or `,`, an array, or an http(s) URL. Default `NAMESRV_ADDR`, then 127.0.0.1:9876. */
  readonly nameServers: string | readonly string[] | undefined;
  readonly remoting: Pick<RemotingClient, 'invoke'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger?: Logger;
  /** Part of the discovery URL. */
  readonly unitName?: string | undefined;
  /** Milliseconds for one question to the name servers, whichever answers. Default 3000. */
  readonly requestTimeout?: number;
  /** In place of `process.env.NAMESRV_ADDR`. */
  readonly fallback?: string | undefined;
  /** Every address of a host name. Without it names are left to the transport. */
  readonly resolve?: ((host: string) => Promise<readonly string[]>) | undefined;
  /** Reads the discovery URL. */
  readonly fetchText?: ((url: string, signal: AbortSignal) => Promise<string>) | undefined;
}

/** Java: `DefaultTopAddressing`. */
const discoveryTimeout = 3_000;

/**
 * The name servers, as one that always answers: it stays with a server for as long as that works and moves on to the next
 * when it does not, all within the caller's deadline. Java: the name server part of `NettyRemotingClient`.
 */
export class NameServers {
  readonly #options: NameServersOptions;
  readonly #source: NameServerSource;
  readonly #logger: Logger;
  readonly #closed = new AbortController();
  #addresses: readonly string[];
  #current: string | undefined;

  /** Throws `InvalidOptionError` for addresses that are not `host:port`. */
  constructor(options: NameServersOptions) {
    const { fallback = process.env['NAMESRV_ADDR'], unitName } = options;
    this.#options = options;
    this.#source = readNameServerSource(options.nameServers, { fallback, unitName });
    this.#logger = options.logger ?? silentLogger;
    this.#addresses = this.#source.kind === 'list' ? this.#source.addresses : [];
  }

  /** Finds the addresses. Throws `NameServerError` if a discovery URL cannot be read. */
  async start(signal?: AbortSignal): Promise<void> {
    this.#replace(await this.#find(signal));
  }

  /** Finds the addresses again; a failure keeps those that are known. */
  async refresh(signal?: AbortSignal): Promise<void> {
    try {
      this.#replace(await this.#find(signal));
    } catch (error) {
      if (signal?.aborted === true || this.#closed.signal.aborted) return;
      this.#logger.warn({ error, kept: this.#addresses }, 'Name servers not refreshed');
    }
  }

  /** `host:port` of the name servers that are in use. */
  addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Whether the addresses may change by themselves, so that refreshing makes sense. */
  get isDynamic(): boolean {
    return (
      this.#source.kind === 'discovery' ||
      this.#source.addresses.some((address) => this.#isResolvable(address))
    );
  }

  /** Asks one name server, and the next if that fails. Throws `NameServerError` if all do, `ResponseError` for a refusal. */
  async invoke<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    options?: CallOptions,
  ): Promise<Answer<S, SB>> {
    return (await this.ask(row, header, body, options)).answer;
  }

  /** As {@link invoke}, and tells which server answered. */
  async ask<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    { timeout = this.#options.requestTimeout ?? 3_000, signal }: CallOptions = {},
  ): Promise<{ readonly answer: Answer<S, SB>; readonly address: string }> {
    const { clock, remoting } = this.#options;
    const end = clock.uptime() + timeout;
    const attempts: NameServerAttempt[] = [];
    const servers = this.#inTurn();
    for (const [index, address] of servers.entries()) {
      // A server that swallows packets gets its share of the time, not all of it.
      const share = (): number => Math.max(1, Math.floor((end - clock.uptime()) / (servers.length - index)));
      try {
        const call = async (): Promise<Answer<S, SB>> =>
          remoting.invoke(address, row, header, body, { timeout: share(), signal });
        const answer = await onceMoreIfClosed(call);
        this.#current = address;
        return { answer, address };
      } catch (error) {
        if (signal?.aborted === true || !mayAnotherKnow(error)) throw error;
        attempts.push({ address, error: error as Error });
        this.#moveOn(address);
        this.#logger.debug({ address, error, command: row.name }, 'Name server failed');
      }
    }
    throw new NameServerError(attempts, servers.length === 0 ? 'No name server is known' : undefined);
  }

  /** Gives up what is under way. */
  close(): void {
    this.#closed.abort();
  }

  /** All servers, the current one first. */
  #inTurn(): readonly string[] {
    const all = this.#addresses;
    if (this.#current === undefined && all.length > 0)
      this.#current = all[randomInteger(this.#options.random, all.length)];
    const first = Math.max(0, all.indexOf(this.#current ?? ''));
    return [...all.slice(first), ...all.slice(0, first)];
  }

  #moveOn(from: string): void {
    if (this.#current !== from) return;
    const all = this.#addresses;
    this.#current = all[(all.indexOf(from) + 1) % all.length];
  }

  #replace(addresses: readonly string[]): void {
    if (addresses.join() === this.#addresses.join()) return;
    this.#logger.info({ before: this.#addresses, after: addresses }, 'Name servers changed');
    this.#addresses = addresses;
    if (this.#current !== undefined && !addresses.includes(this.#current)) this.#current = undefined;
  }

  async #find(signal?: AbortSignal): Promise<readonly string[]> {
    const names =
      this.#source.kind === 'list' ? this.#source.addresses : await this.#discover(this.#source.url, signal);
    const resolved = await Promise.all(names.map(async (address) => this.#resolve(address)));
    return [...new Set(resolved.flat())];
  }

  async #discover(url: string, signal?: AbortSignal): Promise<readonly string[]> {
    const { clock, fetchText } = this.#options;
    const stop = signal === undefined ? this.#closed.signal : AbortSignal.any([signal, this.#closed.signal]);
    using deadline = withTimeout(clock, discoveryTimeout, stop);
    try {
      if (fetchText === undefined) throw new Error('The environment cannot read URLs: it has no fetchText');
      return this.#readList(await fetchText(url, deadline.signal));
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      throw new NameServerError([{ address: url, error: error as Error }], 'Name server discovery failed');
    }
  }

  /** The first line of a discovery answer. */
  #readList(text: string): readonly string[] {
    const [line = ''] = text.trim().split('\n', 1);
    const items = splitAddresses(line);
    const usable = items.filter((item) => parseAddress(item) !== undefined);
    if (usable.length === 0) {
      throw new Error(`The answer ${JSON.stringify(line.slice(0, 80))} names no host:port`);
    }
    if (usable.length < items.length)
      this.#logger.warn({ items }, 'Name server discovery named more than addresses');
    return usable;
  }

  /** A name that stands for several servers becomes all of them; any other stays, so that it is looked up at each connection. */
  async #resolve(address: string): Promise<readonly string[]> {
    const { resolve } = this.#options;
    const parsed = parseAddress(address);
    if (parsed === undefined || resolve === undefined || !this.#isResolvable(address)) return [address];
    try {
      const hosts = [...new Set(await resolve(parsed.host))].sort();
      return hosts.length > 1 ? hosts.map((host) => formatAddress(host, parsed.port)) : [address];
    } catch (error) {
      this.#logger.debug({ address, error }, 'Name of a name server not resolved');
      return [address];
    }
  }

  #isResolvable(address: string): boolean {
    const host = parseAddress(address)?.host ?? '';
    return this.#options.resolve !== undefined && !isIpAddress(host) && host !== 'localhost';
  }
}

/** Another server may know better unless this one gave a real answer; one that is starting or busy did not. */
function mayAnotherKnow(error: unknown): boolean {
  return (
    !(error instanceof ResponseError) ||
    isResponse(error, 'SYSTEM_ERROR', 'SYSTEM_BUSY', 'SERVICE_NOT_AVAILABLE')
  );
}

/** A kept connection may have died unseen; asking a name server twice does no harm. */
async function onceMoreIfClosed<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ConnectionClosedError) return call();
    throw error;
  }
}

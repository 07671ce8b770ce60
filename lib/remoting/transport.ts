/** How a connection is encrypted. Certificates and keys are PEM. */
export interface TlsOptions {
  /** Authorities to trust in place of the system's. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  /** Our own certificate, for servers that ask for one. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** The name to ask for and to check the certificate against, in place of the address's host. */
  readonly servername?: string;
  /** Accepts any certificate, as RocketMQ's own test certificates need. Anyone in between can then read and change all. */
  readonly insecureSkipVerify?: boolean;
}

/** One end of a stream of bytes. */
export interface Channel {
  /** `host:port` of the other end. */
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** Takes the bytes; the buffer must not change until {@link isDrained}. `false` asks to wait for `onDrain` before more. */
  write(data: Buffer): boolean;
  /** Whether all that was written has left this process, so that its memory may be used again. A channel without this never says so. */
  readonly isDrained?: boolean;
  /** Ends the stream after what was written; with an error at once. `onClose` follows, in a later turn. */
  close(error?: Error): void;
  /** Stops reading, so that the peer has to wait. */
  pause(): void;
  resume(): void;
}

/** What a {@link Channel} tells its owner. */
export interface ChannelHandler {
  onData(chunk: Buffer): void;
  onDrain(): void;
  /** The last call, exactly once. Without an error the end was orderly. */
  onClose(error?: Error): void;
}

export interface ConnectOptions {
  /** Milliseconds, over name resolution, connecting and the TLS handshake. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
  readonly tls?: TlsOptions | undefined;
}

/** Makes connections. `address` is `host:port`, an IPv6 host in brackets. */
export interface Transport {
  /** Rejects with `ConnectError`, or with the signal's reason; the handler then hears nothing. */
  connect(address: string, handler: ChannelHandler, options: ConnectOptions): Promise<Channel>;
}

export interface Listening {
  /** `host:port` that clients can connect to. */
  readonly address: string;
  /** Stops accepting and closes the connections that are left. */
  close(): Promise<void>;
}

/** Accepts connections. */
export interface ServerTransport {
  /** Port 0 takes any free one. */
  listen(host: string, port: number, accept: (channel: Channel) => ChannelHandler): Promise<Listening>;
}

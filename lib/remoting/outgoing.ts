import { CURRENT_VERSION, MQVersion } from '../../protocol/codes/version.ts';
import type { LanguageCode } from '../../protocol/codes/language-code.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { SerializeType } from '../../protocol/remoting-command.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import { newExtFields } from '../../protocol/serialization/ext-fields.ts';
import { RocketMQError } from '../errors.ts';
import { reportThrown } from '../runtime/process-warning.ts';
import { signingHook } from './acl-hook.ts';
import type { RemotingClientOptions } from './remoting-options.ts';
import type { MutableCommand, RequestCommand, RpcHook } from './rpc-hook.ts';

/** The binary header has 16 bits for the code. */
const largestBinaryCode = 0x7fff;

/** Gives commands what they have in common: opaque, language, version, hooks, signature, header form. */
export class Outgoing {
  readonly #hooks: readonly RpcHook[];
  readonly #language: LanguageCode | undefined;
  readonly #version: number;
  readonly #prefersBinary: boolean;
  readonly #signs: boolean;
  #opaque: number;

  constructor(
    options: Pick<RemotingClientOptions, 'hooks' | 'credentials' | 'language' | 'version' | 'serializeType'>,
    firstOpaque = 0,
  ) {
    const { hooks = [], credentials } = options;
    this.#hooks = credentials === undefined ? hooks : [...hooks, signingHook(credentials)];
    this.#language = options.language;
    this.#opaque = firstOpaque;
    this.#version = options.version ?? CURRENT_VERSION;
    this.#prefersBinary = options.serializeType === 'ROCKETMQ';
    this.#signs = credentials !== undefined;
  }

  get version(): number {
    return this.#version;
  }

  /** Servers before 5.3.2 do not know `NODE_JS`, and some of their views cannot print what they do not know. */
  languageFor(peerVersion: number | undefined): LanguageCode {
    if (this.#language !== undefined) return this.#language;
    return peerVersion !== undefined && peerVersion >= MQVersion.V5_3_2 ? 'NODE_JS' : 'OTHER';
  }

  /** The next request id: 31 bits, then from 0 again. */
  nextOpaque(): number {
    const opaque = this.#opaque;
    this.#opaque = (opaque + 1) & 0x7fff_ffff;
    return opaque;
  }

  /** Makes a request ready to be written, each time it is. Throws what a hook throws, as a `RocketMQError`. */
  prepare(address: string, command: RequestCommand, peerVersion: number | undefined): void {
    command.opaque = this.nextOpaque();
    command.language = this.languageFor(peerVersion);
    command.version = this.#version;
    if (this.#hooks.length > 0) this.#runHooks(address, command);
    if (this.#prefersBinary) command.serializeType = this.#serializeTypeFor(command);
  }

  /** Shows an answer to the hooks. */
  observe(address: string, request: RequestCommand, response: RemotingCommand): void {
    for (const hook of this.#hooks) {
      try {
        hook.afterResponse?.(address, withFields(request), response);
      } catch (error) {
        reportThrown('A hook', error);
      }
    }
  }

  #runHooks(address: string, command: RequestCommand): void {
    const target = withFields(command);
    for (const hook of this.#hooks) {
      try {
        hook.beforeRequest?.(address, target);
      } catch (cause) {
        throw cause instanceof RocketMQError ? cause : new ProtocolError('request hook', 'failed', { cause });
      }
    }
  }

  #serializeTypeFor({ code, extFields }: RequestCommand): SerializeType {
    if (code > largestBinaryCode) return SerializeType.JSON;
    // The binary form turns an empty value into none, which the server would leave out of the signature.
    if (this.#signs && extFields !== undefined && Object.values(extFields).includes(''))
      return SerializeType.JSON;
    return SerializeType.ROCKETMQ;
  }
}

/** The same command, with a place for hooks to put fields. */
function withFields(command: RequestCommand): MutableCommand {
  command.extFields ??= command.headerType?.encode(command.header ?? {}) ?? newExtFields();
  // From here on the map is what counts.
  command.header = undefined;
  return command as MutableCommand;
}

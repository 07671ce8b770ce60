import type { Logger } from '../logger.ts';
import { readCredentials } from '../options/client.ts';
import type { Environment, ResolvedClientOptions } from '../options/client.ts';
import { namespaceHook } from '../remoting/namespace-hook.ts';
import { RemotingClient } from '../remoting/remoting-client.ts';
import type { TlsOptions } from '../remoting/transport.ts';
import { checkAddressMap } from '../routing/address-map.ts';
import { NameServers } from '../routing/name-servers.ts';

/** The remoting client that the options describe. */
export function createRemoting(
  options: ResolvedClientOptions,
  environment: Environment,
  logger: Logger,
): RemotingClient {
  const { requestTimeout, connectTimeout, serializeType, additionalConnections, namespaceV2 } = options;
  return new RemotingClient({
    transport: environment.transport,
    clock: environment.clock,
    random: environment.random,
    logger,
    credentials: readCredentials(options.credentials),
    tls: tlsOf(options),
    addressMap: checkAddressMap(options.addressMap),
    serializeType,
    hooks: namespaceV2 === undefined ? [] : [namespaceHook(namespaceV2)],
    connectTimeout,
    requestTimeout,
    additionalConnections,
  });
}

/** The name servers that the options name. */
export function createNameServers(
  options: ResolvedClientOptions,
  environment: Environment,
  remoting: RemotingClient,
  logger: Logger,
): NameServers {
  return new NameServers({
    nameServers: options.nameServers,
    remoting,
    clock: environment.clock,
    random: environment.random,
    logger,
    unitName: options.unitName,
    requestTimeout: options.requestTimeout,
    // Certificates are made out to names, so with TLS names are kept.
    resolve: tlsOf(options) === undefined ? environment.resolve : undefined,
    fetchText: environment.fetchText,
  });
}

function tlsOf({ tls }: ResolvedClientOptions): TlsOptions | undefined {
  if (tls === true) return {};
  return tls === false ? undefined : tls;
}

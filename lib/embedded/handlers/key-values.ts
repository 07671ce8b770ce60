import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import type { EmbeddedServer } from '../server.ts';
import type { ServerContext } from '../server-context.ts';

/** Settings that anybody may leave at the name servers; all of them know the same. Java: `KVConfigManager`. */
export function handleKeyValues(server: EmbeddedServer, { keyValues }: ServerContext): void {
  server.handle(Commands.putKVConfig, ({ header: { namespace, key, value } }) => {
    const known = keyValues.get(namespace) ?? new Map<string, string>();
    keyValues.set(namespace, known.set(key, value));
    return {};
  });

  server.handle(Commands.getKVConfig, ({ header: { namespace, key } }) => {
    const value = keyValues.get(namespace)?.get(key);
    if (value !== undefined) return { header: { value } };
    const remark = `No config item, Namespace: ${namespace} Key: ${key}`;
    return { code: ResponseCode.QUERY_NOT_FOUND, remark };
  });

  server.handle(Commands.deleteKVConfig, ({ header: { namespace, key } }) => {
    keyValues.get(namespace)?.delete(key);
    return {};
  });

  server.handle(Commands.getKVListByNamespace, ({ header: { namespace } }) => {
    const table = keyValues.get(namespace);
    if (table !== undefined) return { body: { table } };
    return { code: ResponseCode.QUERY_NOT_FOUND, remark: `No config item, Namespace: ${namespace}` };
  });
}

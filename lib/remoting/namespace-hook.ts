import type { RpcHook } from './rpc-hook.ts';

/** Tells of every request which namespace it belongs to. Java: `NamespaceRpcHook`. */
export const namespaceHook = (namespace: string): RpcHook => ({
  beforeRequest(_address, { extFields }) {
    extFields['nsd'] = 'true';
    extFields['ns'] = namespace;
  },
});

import type { Credentials } from '../../protocol/acl/credentials.ts';
import { AclField, signRequest } from '../../protocol/acl/signature.ts';
import type { RpcHook } from './rpc-hook.ts';

/** Signs every request. Must be the last hook: a field added after it would not be signed. Java: `AclClientRPCHook`. */
export function signingHook(credentials: Credentials): RpcHook {
  return {
    beforeRequest(_address, command) {
      command.extFields[AclField.signature] = signRequest(command.extFields, command.body, credentials);
    },
  };
}

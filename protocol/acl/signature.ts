import { createHmac } from 'node:crypto';
import type { ExtFields } from '../remoting-command.ts';
import type { Credentials } from './credentials.ts';

/** Names of the fields that a signed request carries. Java: `SessionCredentials`. */
export const AclField = {
  accessKey: 'AccessKey',
  securityToken: 'SecurityToken',
  signature: 'Signature',
} as const;

/**
 * Signs a request: HMAC-SHA1, in base64, of the values of all header fields in the order of their names, then the
 * body as it is sent. Puts `AccessKey` and `SecurityToken` into `ext` first, since they are signed too; the caller
 * stores the result as `Signature`, after every other hook has had its turn.
 */
export function signRequest(ext: ExtFields, body: Buffer | undefined, credentials: Credentials): string {
  ext[AclField.accessKey] = credentials.accessKey;
  if (credentials.securityToken !== undefined) ext[AclField.securityToken] = credentials.securityToken;
  return computeSignature(ext, body, credentials.secretKey);
}

/** Ways to sign, by Java's names, and what `node:crypto` calls them. Brokers take `HmacSHA1` alone. Java: `SigningAlgorithm`. */
export const SigningAlgorithm = { HmacSHA1: 'sha1', HmacSHA256: 'sha256', HmacMD5: 'md5' } as const;
export type SigningAlgorithm = keyof typeof SigningAlgorithm;

/** The signature that belongs to fields and body; for verifying, compare in constant time. */
export function computeSignature(
  ext: Readonly<ExtFields>,
  body: Buffer | undefined,
  secretKey: string,
  algorithm: SigningAlgorithm = 'HmacSHA1',
): string {
  let content = '';
  // Sorting by UTF-16 code unit, as Java's TreeMap does.
  for (const name of Object.keys(ext).sort()) if (name !== AclField.signature) content += ext[name];
  const hmac = createHmac(SigningAlgorithm[algorithm], secretKey).update(content, 'utf8');
  if (body !== undefined) hmac.update(body);
  return hmac.digest('base64');
}

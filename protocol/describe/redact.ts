/** What takes the place of a secret. */
export const REDACTED = '<redacted>';

const secretName = /^(?:signature|access_?key|security_?token|secret_?key|password|passwd|secret|token)$/i;
const secretSetting = /secret|password|passwd|token|access_?key|credential/i;

/** Whether the value under this name must not be shown: signatures, keys, tokens, passwords. */
export const isSecretName = (name: string): boolean => secretName.test(name);

/** Whether a setting of a configuration must not be shown; its names are composed, such as `tls.server.keyPassword`. */
export const isSecretSetting = (name: string): boolean => secretSetting.test(name);

/** A copy of the value, maps and lists included, without the secrets in it. `depth`: levels that are looked into. */
export function redact(value: unknown, depth = 40): unknown {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  if (depth === 0) return '…';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth - 1));
  const entries =
    value instanceof Map ? [...(value as ReadonlyMap<unknown, unknown>)] : Object.entries(value);
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of entries) {
    const name = String(key);
    copy[name] = isSecretName(name) && item !== undefined ? REDACTED : redact(item, depth - 1);
  }
  return copy;
}

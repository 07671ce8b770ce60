import { createRequire } from 'node:module';

import type * as Pino from 'pino';

export interface LogFunction {
  (facts: object, message?: string): void;
  (message: string): void;
}

/** The part of pino that is used here; a user's own pino fits, and so does anything with these methods. */
export interface Logger {
  readonly trace: LogFunction;
  readonly debug: LogFunction;
  readonly info: LogFunction;
  readonly warn: LogFunction;
  readonly error: LogFunction;
  child(bindings: Record<string, unknown>): Logger;
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

const ignore: LogFunction = () => {};

/** Says nothing. The default. */
export const silentLogger: Logger = {
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};

const isLevel = (text: string | undefined): text is LogLevel =>
  (logLevels as readonly unknown[]).includes(text);

/**
 * The logger to use: the one given, pino at the level given, pino at the level that `ROCKETMQ_LOG` names, or silence.
 * pino is loaded only when it is wanted. Secrets are redacted even if somebody logs them.
 */
export function resolveLogger(given?: Logger | LogLevel): Logger {
  if (typeof given === 'object') return given;
  const level = given ?? process.env['ROCKETMQ_LOG'];
  return isLevel(level) && level !== 'silent' ? loadPino(level) : silentLogger;
}

/** Where no secret may show through, however the facts are nested. */
const secrets = ['secretKey', 'securityToken', 'Signature', 'SecurityToken', 'AccessKey'];

function loadPino(level: LogLevel): Logger {
  const require = createRequire(import.meta.url);
  const { pino } = require('pino') as typeof Pino;
  return pino({
    name: 'rocketmq',
    level,
    redact: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  });
}

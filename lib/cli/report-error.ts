import {
  ConnectError,
  InvalidOptionError,
  NameServerError,
  RequestTimeoutError,
  RocketMQError,
  RouteNotFoundError,
} from '../errors.ts';
import { UsageError } from './command.ts';
import { ExitCode } from './exit-code.ts';
import { Interrupted } from './interrupts.ts';
import type { Terminal } from './terminal.ts';

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return error.exitCode;
  if (error instanceof UsageError || error instanceof InvalidOptionError) return ExitCode.usage;
  if (error instanceof RequestTimeoutError || isTimeout(error)) return ExitCode.timedOut;
  const isUnreachable = [NameServerError, ConnectError, RouteNotFoundError].some(
    (kind) => error instanceof kind,
  );
  return isUnreachable ? ExitCode.unreachable : ExitCode.failed;
}

/** Tells a person what went wrong and what to try, and answers with the exit code. The stack only if it is asked for. */
export function reportError(error: unknown, { err, colors }: Terminal, withStack: boolean): number {
  const text = error instanceof Error ? error.message : String(error);
  err.write(`${colors.red('rmq:')} ${text}\n`);
  const advice = adviceFor(error);
  if (advice !== undefined) err.write(`${colors.dim(`     ${advice}`)}\n`);
  if (withStack && error instanceof Error) err.write(`${colors.dim(error.stack ?? '')}\n`);
  return exitCodeOf(error);
}

function adviceFor(error: unknown): string | undefined {
  if (error instanceof NameServerError)
    return 'Is a name server running there? Without --namesrv the demo brings its own cluster';
  if (error instanceof UsageError) return 'rmq --help shows the commands, rmq <command> --help its options';
  return error instanceof RocketMQError
    ? `${error.code}${error.retryable ? ', may work when tried again' : ''}`
    : undefined;
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

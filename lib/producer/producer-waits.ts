import { RequestTimeoutError, RouteNotFoundError } from '../errors.ts';
import { withTimeout } from '../runtime/clock.ts';
import type { Deadline } from '../runtime/clock.ts';
import type { PublishTopic } from './publish-topics.ts';
import type { SendContext } from './send-context.ts';
import type { SendOptions } from './send-options.ts';

/** Waits for work that goes on by itself, no longer than the signal allows. */
export async function until<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (abort !== undefined) signal.removeEventListener('abort', abort);
  }
}

/** The topic of a message, fetched within the message's own timeout. */
export async function awaitTopic(
  context: SendContext,
  topic: string,
  { timeout, signal }: SendOptions,
): Promise<PublishTopic> {
  const limit = timeout ?? context.options.sendTimeout;
  using deadline = withTimeout(context.clock, limit, signal, () => noRouteInTime(limit));
  return await until(context.topics.load(topic), deadline.signal);
}

/**
 * Makes sure that a name server answers, by asking for the default topic. Its route also names the brokers that the
 * first heartbeat goes to. That the topic does not exist is an answer too.
 */
export async function checkNameServers(context: SendContext, deadline: Deadline): Promise<void> {
  try {
    await context.routes.fetch(context.options.createTopicKey, {
      signal: deadline.signal,
      timeout: deadline.remaining(),
    });
  } catch (error) {
    if (!(error instanceof RouteNotFoundError)) throw error;
  }
}

function noRouteInTime(after: number): RequestTimeoutError {
  return new RequestTimeoutError('the name servers', 'GET_ROUTEINFO_BY_TOPIC', after, {
    phase: 'waiting for the route of the topic; the message was not sent',
    retryable: true,
  });
}

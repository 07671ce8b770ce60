import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { ConsumeContext, Listener } from '../listener.ts';

/** Runs a listener over messages, of which one that takes messages one by one gets the first. Throws what the listener throws. */
export function invokeListener(
  listener: Listener,
  batch: readonly { readonly message: ReceivedMessage }[],
  context: ConsumeContext,
): unknown {
  const [first] = batch;
  if (listener.kind === 'message') return first && listener.run(first.message, context);
  return listener.run(
    batch.map(({ message }) => message),
    context,
  );
}

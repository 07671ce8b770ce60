import { writeHeartbeatData } from './heartbeat-data.ts';
import type { HeartbeatData } from './heartbeat-data.ts';
import { javaHashCode } from './subscription-data.ts';

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The fingerprint of heartbeat V2: the same as long as groups and subscriptions are, never 0. Brokers only compare it
 * with the one they got before, so the order of the sets, which in Java is that of its hash tables, is by name here.
 * Java: `HeartbeatData.computeHeartbeatFingerprint`.
 */
export function heartbeatFingerprint(data: HeartbeatData): number {
  const hash = javaHashCode(
    writeHeartbeatData({
      clientID: '',
      producerDataSet: data.producerDataSet.toSorted((a, b) => byText(a.groupName, b.groupName)),
      consumerDataSet: data.consumerDataSet
        .toSorted((a, b) => byText(a.groupName, b.groupName))
        .map((consumer) => ({
          ...consumer,
          subscriptionDataSet: consumer.subscriptionDataSet
            .toSorted((a, b) => byText(a.topic, b.topic))
            .map((subscription) => ({ ...subscription, subVersion: 0 })),
        })),
    }),
  );
  return hash === 0 ? 1 : hash;
}

/** The heartbeat without subscriptions that a broker takes when it knows the fingerprint. */
export function slimHeartbeat(data: HeartbeatData, fingerprint: number): HeartbeatData {
  return {
    ...data,
    heartbeatFingerprint: fingerprint,
    withoutSub: true,
    consumerDataSet: data.consumerDataSet.map((consumer) => ({ ...consumer, subscriptionDataSet: [] })),
  };
}

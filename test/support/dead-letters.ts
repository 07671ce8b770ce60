import { Clients } from './clients.ts';
import { eventually } from './group/eventually.ts';

/** What has come to the dead-letter queue of a group, once something has. */
export async function deadLetters(nameServers: string, consumerGroup: string): Promise<readonly string[]> {
  const dead: string[] = [];
  await eventually(
    async () => {
      await using reader = new Clients(nameServers);
      const consumer = reader.consumer(`%DLQ%${consumerGroup}`, {
        eachMessage: (message) => void dead.push(message.text()),
      });
      await consumer.start();
      return await eventually(() => dead[0], { what: 'a dead letter', within: 1_000 }).catch(() => undefined);
    },
    { what: 'the dead-letter queue', within: 15_000 },
  );
  return dead;
}

import { rawInvoke } from '../support/real/raw-remoting.ts';
import { parseFastjson } from '../support/real/registration.ts';

const GET_MAX_OFFSET = 30;
const GET_ROUTEINFO_BY_TOPIC = 105;

interface Route {
  readonly queueDatas: readonly { readonly brokerName: string; readonly readQueueNums: number }[];
  readonly brokerDatas: readonly {
    readonly brokerName: string;
    readonly brokerAddrs: Readonly<Record<string, string>>;
  }[];
}

/** How many messages a topic has ever been given, by its brokers' own count, whether or not they can be consumed yet. */
export async function storedMessages(nameServers: string, topic: string): Promise<number> {
  const [nameServer = ''] = nameServers.split(';');
  const { body } = await rawInvoke(nameServer, { code: GET_ROUTEINFO_BY_TOPIC, fields: { topic } });
  const { queueDatas, brokerDatas } = parseFastjson(body) as Route;
  const counts = queueDatas.flatMap(({ brokerName, readQueueNums }) => {
    const address = brokerDatas.find((broker) => broker.brokerName === brokerName)?.brokerAddrs['0'] ?? '';
    return Array.from({ length: readQueueNums }, async (_, queueId) => {
      const fields = { topic, queueId, committed: false };
      const answer = await rawInvoke(address, { code: GET_MAX_OFFSET, fields });
      return Number(answer.fields['offset']);
    });
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

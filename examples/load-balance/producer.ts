// Sends ten messages: npx tsx examples/load-balance/producer.ts
// The name server is that of NAMESRV_ADDR, or 127.0.0.1:9876.
import { Producer } from '../../lib/index.ts';
import { messageCount, producerGroup, topic } from './names.ts';

const producer = new Producer({ producerGroup });
await producer.start();
try {
  for (let i = 0; i < messageCount; i++) {
    const { messageId, queue } = await producer.send({ topic, body: `消息 ${i}` });
    console.log(`[Producer] 消息 ${i} sent to queue ${queue.queueId}, id ${messageId}`);
  }
} finally {
  await producer.shutdown();
}

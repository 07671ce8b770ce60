// A service as one would run it: consumes orders, answers each with a receipt, and leaves in order when it is told to.
// npx tsx examples/graceful-shutdown/service.ts host:port group [milliseconds per order]
import { closeOnSignals, Producer, PushConsumer } from '../../lib/index.ts';
import { orderTopic, receiptTopic } from './names.ts';

const [nameServers = '127.0.0.1:9876', consumerGroup = 'ShutdownExample', work = '500'] =
  process.argv.slice(2);

const producer = new Producer({ nameServers, producerGroup: 'ShutdownExampleProducer' });
const consumer = new PushConsumer({
  nameServers,
  consumerGroup,
  consumeFromWhere: 'first',
  consumeConcurrency: 8,
});

consumer.subscribe(orderTopic, {
  eachMessage: async (message) => {
    console.log(`begun ${message.text()}`);
    await new Promise((resolve) => setTimeout(resolve, Number(work)));
    await producer.send({ topic: receiptTopic, body: message.text() });
    console.log(`done ${message.text()}`);
  },
});

// The consumer goes first: listeners that are at work finish, and can still send.
closeOnSignals(consumer, producer, { timeout: 10_000, print: (line) => console.log(line) });

await producer.start();
await consumer.start();
console.log('ready');

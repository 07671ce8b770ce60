package rmq;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;

/**
 * Sends synchronously from several threads and prints one JSON object. The warm-up is not counted; bodies are not compressed.
 *
 * Arguments: name server, topic, threads, seconds, body size in bytes [, seconds of warm-up = 5]
 */
public final class SendBench {
    private final DefaultMQProducer producer;
    private final String topic;
    private final byte[] body;
    private volatile boolean counting;
    private volatile boolean stopping;

    private SendBench(DefaultMQProducer producer, String topic, int bodySize) {
        this.producer = producer;
        this.topic = topic;
        this.body = new byte[bodySize];
        Arrays.fill(body, (byte) 'a');
    }

    public static void main(String[] args) throws Exception {
        Output.onlyJson();
        DefaultMQProducer producer = new DefaultMQProducer("SendBench");
        producer.setNamesrvAddr(args[0]);
        producer.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
        producer.start();
        double warmUp = args.length > 5 ? Double.parseDouble(args[5]) : 5;
        new SendBench(producer, args[1], Integer.parseInt(args[4]))
            .run(Integer.parseInt(args[2]), Double.parseDouble(args[3]), warmUp);
        producer.shutdown();
        System.exit(0);
    }

    private void run(int threads, double seconds, double warmUp) throws InterruptedException {
        List<Sender> senders = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            senders.add(new Sender());
        }
        senders.forEach(Thread::start);
        Thread.sleep((long) (warmUp * 1000));

        long start = System.nanoTime();
        long startCpu = Cpu.micros();
        counting = true;
        Thread.sleep((long) (seconds * 1000));
        counting = false;
        long cpuMicros = Cpu.micros() - startCpu;
        double took = (System.nanoTime() - start) / 1e9;
        stopping = true;
        for (Sender sender : senders) {
            sender.join();
        }
        print(senders, took, cpuMicros);
    }

    private static void print(List<Sender> senders, double seconds, long cpuMicros) {
        long[] latencies = senders.stream().flatMapToLong(sender -> Arrays.stream(sender.nanos, 0, sender.acked)).sorted().toArray();
        Output.line(Output.object(
            "threads", senders.size(),
            "seconds", Cpu.round(seconds),
            "acked", latencies.length,
            "failed", senders.stream().mapToLong(sender -> sender.failed).sum(),
            "sendsPerSecond", Math.round(latencies.length / seconds),
            "cpuMicros", cpuMicros,
            "cpuMicrosPerSend", latencies.length == 0 ? null : Cpu.round((double) cpuMicros / latencies.length),
            "p50Micros", percentile(latencies, 0.5),
            "p99Micros", percentile(latencies, 0.99)));
    }

    private static Double percentile(long[] sortedNanos, double part) {
        int index = (int) Math.ceil(sortedNanos.length * part) - 1;
        return sortedNanos.length == 0 ? null : Cpu.round(sortedNanos[index] / 1e3);
    }

    private final class Sender extends Thread {
        private long[] nanos = new long[1 << 16];
        private int acked;
        private long failed;

        @Override
        public void run() {
            while (!stopping) {
                long start = System.nanoTime();
                boolean ok = send();
                // A send counts when it was answered within the time that is measured.
                if (counting && ok) {
                    add(System.nanoTime() - start);
                } else if (counting) {
                    failed++;
                }
            }
        }

        private boolean send() {
            try {
                return producer.send(new Message(topic, body)).getSendStatus() == SendStatus.SEND_OK;
            } catch (Exception e) {
                return false;
            }
        }

        private void add(long took) {
            if (acked == nanos.length) {
                nanos = Arrays.copyOf(nanos, acked * 2);
            }
            nanos[acked++] = took;
        }
    }
}

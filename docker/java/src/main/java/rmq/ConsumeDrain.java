package rmq;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;

/**
 * Drains a topic with Java's defaults (20 listener threads, one message each) and a listener that does nothing, and
 * prints one JSON object. `seconds` and `cpuMicros` run from the first message to the last, `whole…` from the start of the program.
 *
 * Arguments: name server, group, topic, count [, seconds to wait at most = 120]
 */
public final class ConsumeDrain {
    private ConsumeDrain() {
    }

    private record Mark(long nanos, long cpuMicros) {
        static Mark now() {
            return new Mark(System.nanoTime(), Cpu.micros());
        }

        double secondsUntil(Mark later) {
            return Cpu.round((later.nanos - nanos) / 1e9);
        }
    }

    public static void main(String[] args) throws Exception {
        Mark start = Mark.now();
        Output.onlyJson();
        long count = Long.parseLong(args[3]);
        long atMost = args.length > 4 ? Long.parseLong(args[4]) : 120;
        AtomicReference<Mark> first = new AtomicReference<>();
        AtomicReference<Mark> last = new AtomicReference<>();
        AtomicLong seen = new AtomicLong();
        CountDownLatch done = new CountDownLatch(1);

        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(args[1]);
        consumer.setNamesrvAddr(args[0]);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(args[2], "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            if (first.get() == null) {
                first.compareAndSet(null, Mark.now());
            }
            if (seen.addAndGet(messages.size()) >= count && last.compareAndSet(null, Mark.now())) {
                done.countDown();
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        boolean complete = done.await(atMost, TimeUnit.SECONDS);
        consumer.shutdown();
        if (!complete) {
            System.err.println("only " + seen.get() + " of " + count + " messages within " + atMost + " s");
            System.exit(1);
        }
        print(count, start, first.get(), last.get());
        System.exit(0);
    }

    private static void print(long count, Mark start, Mark first, Mark last) {
        Mark end = Mark.now();
        double seconds = first.secondsUntil(last);
        long cpuMicros = last.cpuMicros - first.cpuMicros;
        Output.line(Output.object(
            "messages", count,
            "seconds", seconds,
            "cpuMicros", cpuMicros,
            "messagesPerSecond", Math.round(count / Math.max(seconds, 0.001)),
            "cpuMicrosPerMessage", Cpu.round((double) cpuMicros / count),
            "wholeSeconds", start.secondsUntil(end),
            "wholeCpuMicros", end.cpuMicros));
    }
}

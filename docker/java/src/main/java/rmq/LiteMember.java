package rmq;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * A Java lite pull member of a consumer group that tells what it gets, one JSON object per line: started, message, stopped.
 * It polls all the time, and leaves when stdin ends or says "stop".
 *
 * Arguments as those of GroupMember; the strategy is averagely
 */
public final class LiteMember {
    private static final long POLL_MILLIS = 100;

    private LiteMember() {
    }

    public static void main(String[] args) throws Exception {
        Output.onlyJson();
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(args[1]);
        consumer.setNamesrvAddr(args[0]);
        consumer.setInstanceName(args[4]);
        consumer.setAllocateMessageQueueStrategy(new AllocateMessageQueueAveragely());
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setAutoCommitIntervalMillis(1000);
        consumer.subscribe(args[2], "*");
        consumer.start();
        Output.line(Output.object("event", "started", "clientId", consumer.buildMQClientId(), "at", System.currentTimeMillis()));

        Thread stop = new Thread(LiteMember::awaitStop);
        stop.start();
        while (stop.isAlive()) {
            consumer.poll(POLL_MILLIS).forEach(LiteMember::print);
        }
        // Only what a commit has put into its store is kept.
        consumer.commitSync();
        consumer.shutdown();
        Output.line(Output.object("event", "stopped", "at", System.currentTimeMillis()));
        System.exit(0);
    }

    private static void awaitStop() {
        try {
            BufferedReader stdin = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            String line;
            do {
                line = stdin.readLine();
            } while (line != null && !line.equals("stop"));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void print(MessageExt message) {
        Output.line(Output.object(
            "event", "message",
            "queue", message.getBrokerName() + ":" + message.getQueueId(),
            "offset", message.getQueueOffset(),
            "body", new String(message.getBody(), StandardCharsets.UTF_8),
            "retries", message.getReconsumeTimes(),
            "at", System.currentTimeMillis()));
    }
}

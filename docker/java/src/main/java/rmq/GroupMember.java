package rmq;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.AllocateMessageQueueStrategy;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragelyByCircle;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueConsistentHash;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * A Java member of a consumer group that tells what it owns and gets, one JSON object per line:
 * started, queues (at each change), message, stopped. It leaves when stdin ends or says "stop".
 *
 * Arguments: name server, group, topic, averagely | byCircle | consistentHash, instance name, and as an option concurrently | orderly and how long
 * its listener takes in ms: in order, each message is followed by a line "done"; or pop, which has brokers say whether the
 * topic is pulled or popped. The property rmq.messageModel may be BROADCASTING; rmq.awaitTermination says how many ms a shutdown waits for listeners, which by
 * default it does not, so that what they have just done may not be stored.
 */
public final class GroupMember {
    private static final int POLL_MILLIS = 100;

    private final DefaultMQPushConsumer consumer;
    private final String topic;
    private final boolean isOrderly;
    private final long listenerMillis;
    private List<String> lastQueues = List.of();

    private GroupMember(DefaultMQPushConsumer consumer, String topic, boolean isOrderly, long listenerMillis) {
        this.consumer = consumer;
        this.topic = topic;
        this.isOrderly = isOrderly;
        this.listenerMillis = listenerMillis;
    }

    public static void main(String[] args) throws Exception {
        Output.onlyJson();
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(args[1]);
        consumer.setNamesrvAddr(args[0]);
        consumer.setAllocateMessageQueueStrategy(strategy(args[3]));
        consumer.setInstanceName(args[4]);
        setMessageModel(consumer, System.getProperty("rmq.messageModel", "CLUSTERING"));
        consumer.setAwaitTerminationMillisWhenShutdown(Long.getLong("rmq.awaitTermination", 0));
        if (args.length > 5 && args[5].equals("pop")) {
            // Clients before 5.0 do not have it.
            DefaultMQPushConsumer.class.getMethod("setClientRebalance", boolean.class).invoke(consumer, false);
        }
        boolean isOrderly = args.length > 6 && args[5].equals("orderly");
        new GroupMember(consumer, args[2], isOrderly, args.length > 6 ? Long.parseLong(args[6]) : 0).run();
        System.exit(0);
    }

    /** The class has moved between 4.9 and 5. */
    private static void setMessageModel(DefaultMQPushConsumer consumer, String name) throws Exception {
        Class<?> models = RocketmqClasses.find("MessageModel");
        for (Object model : models.getEnumConstants()) {
            if (model.toString().equals(name)) {
                DefaultMQPushConsumer.class.getMethod("setMessageModel", models).invoke(consumer, model);
            }
        }
    }

    private static AllocateMessageQueueStrategy strategy(String name) {
        return switch (name) {
            case "averagely" -> new AllocateMessageQueueAveragely();
            case "byCircle" -> new AllocateMessageQueueAveragelyByCircle();
            case "consistentHash" -> new AllocateMessageQueueConsistentHash();
            default -> throw new IllegalArgumentException("unknown strategy " + name);
        };
    }

    private void run() throws Exception {
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(topic, "*");
        if (!isOrderly) {
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                printChangedQueues();
                messages.forEach(message -> print("message", message));
                sleep();
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
        } else {
            consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
                messages.forEach(message -> print("message", message));
                sleep();
                messages.forEach(message -> print("done", message));
                return ConsumeOrderlyStatus.SUCCESS;
            });
        }
        consumer.start();
        String clientId = consumer.getDefaultMQPushConsumerImpl().getmQClientFactory().getClientId();
        Output.line(Output.object("event", "started", "clientId", clientId, "at", System.currentTimeMillis()));

        ScheduledExecutorService poll = Executors.newSingleThreadScheduledExecutor();
        poll.scheduleWithFixedDelay(this::printChangedQueues, 0, POLL_MILLIS, TimeUnit.MILLISECONDS);
        BufferedReader stdin = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        do {
            line = stdin.readLine();
        } while (line != null && !line.equals("stop"));
        poll.shutdown();
        poll.awaitTermination(1, TimeUnit.SECONDS);
        consumer.shutdown();
        Output.line(Output.object("event", "stopped", "at", System.currentTimeMillis()));
    }

    /** Also called before messages are printed, so that a queue is never heard of before it is owned. */
    private synchronized void printChangedQueues() {
        List<String> queues = consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable()
            .entrySet().stream()
            .filter(entry -> entry.getKey().getTopic().equals(topic) && !entry.getValue().isDropped())
            .map(entry -> entry.getKey())
            .sorted()
            .map(queue -> queue.getBrokerName() + ":" + queue.getQueueId())
            .toList();
        if (!queues.equals(lastQueues)) {
            lastQueues = queues;
            Output.line(Output.object("event", "queues", "queues", queues, "at", System.currentTimeMillis()));
        }
    }

    private void sleep() {
        if (listenerMillis == 0) {
            return;
        }
        try {
            Thread.sleep(listenerMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void print(String event, MessageExt message) {
        Output.line(Output.object(
            "event", event,
            "queue", message.getBrokerName() + ":" + message.getQueueId(),
            "offset", message.getQueueOffset(),
            "body", new String(message.getBody(), StandardCharsets.UTF_8),
            "retries", message.getReconsumeTimes(),
            "at", System.currentTimeMillis()));
    }
}

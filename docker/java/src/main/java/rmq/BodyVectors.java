package rmq;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.rocketmq.common.message.MessageQueue;

/** Bodies as clients and brokers really send them, and what fastjson does with shared objects, nulls and large numbers. */
final class BodyVectors {
    private BodyVectors() {
    }

    static List<String> all() throws Exception {
        List<String> vectors = new ArrayList<>();
        vectors.add(heartbeat());
        vectors.add(route());
        vectors.add(sharedSubscription());
        vectors.add(sharedStatistics());
        vectors.add(large());
        vectors.add(lock());
        Object empty = make("GetConsumerStatusBody");
        set(empty, "messageQueueTable", Map.of());
        vectors.add(ProtocolVectors.body("empty", empty));
        return vectors;
    }

    private static String heartbeat() throws Exception {
        Object heartbeat = make("HeartbeatData");
        set(heartbeat, "clientID", "192.168.1.5@12345#987654321");
        Object consumer = make("ConsumerData");
        set(consumer, "groupName", "CG1");
        set(consumer, "consumeType", constant("ConsumeType", "CONSUME_PASSIVELY"));
        set(consumer, "messageModel", constant("MessageModel", "CLUSTERING"));
        set(consumer, "consumeFromWhere", constant("ConsumeFromWhere", "CONSUME_FROM_LAST_OFFSET"));
        add(consumer, "subscriptionDataSet", subscription("%RETRY%CG1", "*", 1700000000001L));
        add(consumer, "subscriptionDataSet", subscription("TopicTest", "TagA || TagB", 1700000000000L));
        add(heartbeat, "consumerDataSet", consumer);
        Object producer = make("ProducerData");
        set(producer, "groupName", "PG1");
        add(heartbeat, "producerDataSet", producer);
        return ProtocolVectors.body("real", heartbeat);
    }

    static Object subscription(String topic, String expression, long version) throws Exception {
        Object subscription = RocketmqClasses.find("FilterAPI").getMethod("buildSubscriptionData", String.class, String.class).invoke(null, topic, expression);
        set(subscription, "subVersion", version);
        return subscription;
    }

    private static String route() throws Exception {
        Object route = make("TopicRouteData");
        set(route, "orderTopicConf", "broker-a:4");
        Object broker = make("BrokerData");
        set(broker, "cluster", "DefaultCluster");
        set(broker, "brokerName", "broker-a");
        set(broker, "brokerAddrs", new java.util.HashMap<>(Map.of(0L, "10.0.0.1:10911", 1L, "10.0.0.2:10911")));
        set(route, "brokerDatas", List.of(broker));
        Object queues = new Samples(Samples.Variant.full).make(RocketmqClasses.find("QueueData"));
        // The same object twice: the second becomes a reference.
        set(route, "queueDatas", List.of(queues, queues));
        return ProtocolVectors.body("shared", route);
    }

    private static String sharedSubscription() throws Exception {
        Object connection = make("ConsumerConnection");
        Object shared = subscription("TopicTest", "TagA", 5);
        put(connection, "subscriptionTable", "TopicTest", shared);
        put(connection, "subscriptionTable", "a.b[0]", shared);
        return ProtocolVectors.body("shared", connection);
    }

    private static String sharedStatistics() throws Exception {
        Object stats = make("ConsumeStats");
        Object wrapper = new Samples(Samples.Variant.full).make(RocketmqClasses.find("OffsetWrapper"));
        put(stats, "offsetTable", new MessageQueue("TopicTest", "broker-a", 0), wrapper);
        put(stats, "offsetTable", new MessageQueue("TopicTest", "broker-a", 1), wrapper);
        return ProtocolVectors.body("shared", stats);
    }

    /** Times that no double holds. */
    private static String large() throws Exception {
        Object queue = make("SubscriptionData");
        set(queue, "topic", "TopicTest");
        set(queue, "subVersion", Long.MAX_VALUE);
        return ProtocolVectors.body("large", queue);
    }

    private static String lock() throws Exception {
        Object lock = make("LockBatchRequestBody");
        set(lock, "clientId", "c@1");
        set(lock, "consumerGroup", "CG1");
        add(lock, "mqSet", new MessageQueue("TopicTest", "broker-a", 3));
        return ProtocolVectors.body("real", lock);
    }

    static Object make(String simpleName) throws Exception {
        return RocketmqClasses.find(simpleName).getDeclaredConstructor().newInstance();
    }

    private static Object constant(String simpleName, String name) {
        for (Object constant : RocketmqClasses.find(simpleName).getEnumConstants()) {
            if (((Enum<?>) constant).name().equals(name)) {
                return constant;
            }
        }
        throw new IllegalArgumentException(name);
    }

    private static java.lang.reflect.Field field(Object bean, String name) {
        return RocketmqClasses.fields(bean.getClass()).stream().filter(field -> field.getName().equals(name)).findFirst().orElseThrow();
    }

    static void set(Object bean, String name, Object value) throws Exception {
        field(bean, name).set(bean, value);
    }

    @SuppressWarnings("unchecked")
    private static void add(Object bean, String name, Object item) throws Exception {
        Collection<Object> items = (Collection<Object>) field(bean, name).get(bean);
        if (items == null) {
            items = new java.util.HashSet<>(Set.of());
            set(bean, name, items);
        }
        items.add(item);
    }

    @SuppressWarnings("unchecked")
    private static void put(Object bean, String name, Object key, Object item) throws Exception {
        ((Map<Object, Object>) field(bean, name).get(bean)).put(key, item);
    }
}

package rmq;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.rocketmq.client.AccessChannel;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.trace.TraceBean;
import org.apache.rocketmq.client.trace.TraceContext;
import org.apache.rocketmq.client.trace.TraceDataEncoder;
import org.apache.rocketmq.client.trace.TraceType;
import org.apache.rocketmq.common.message.MessageType;

/** Texts that carry several values: pop receipt handles, recall handles, trace records. */
final class HandleVectors {
    private HandleVectors() {
    }

    static List<String> all() throws Exception {
        List<String> vectors = new ArrayList<>();
        for (String topic : new String[] {"TopicTest", "%RETRY%CG1_TopicTest", "%RETRY%CG1+TopicTest"}) {
            Object text = call("ExtraInfoUtil", "buildExtraInfo", 100L, 1700000000000L, 60000L, 3, topic, "broker-a", 1, 102L);
            if (text != null) {
                vectors.add(Output.json(Output.object("kind", "receipt handle", "topic", topic, "startOffset", 100, "popTime", 1700000000000L,
                    "invisibleTime", 60000, "reviveQueueId", 3, "brokerName", "broker-a", "queueId", 1, "offset", 102, "text", text)));
            }
        }
        Object recall = call("RecallMessageHandle$HandleV1", "buildHandle", "TopicTest", "broker-a", "1700000000000", "0A00000130390000ABCD000000010000");
        if (recall != null) {
            vectors.add(Output.json(Output.object("kind", "recall handle", "topic", "TopicTest", "brokerName", "broker-a",
                "timestamp", 1700000000000L, "messageId", "0A00000130390000ABCD000000010000", "text", recall)));
        }
        for (TraceType type : TraceType.values()) {
            vectors.add(Output.json(Output.object("kind", "trace record", "type", type.name(),
                "text", TraceDataEncoder.encoderFromContextBean(trace(type)).getTransData())));
        }
        return vectors;
    }

    /** A static method by its name and the number of its arguments; null if this generation has none. */
    private static Object call(String className, String method, Object... arguments) throws Exception {
        Class<?> type;
        try {
            type = className.contains("$") ? Class.forName("org.apache.rocketmq.common.producer." + className) : RocketmqClasses.find(className);
        } catch (ClassNotFoundException e) {
            return null;
        }
        if (type == null) {
            return null;
        }
        List<Method> methods = Arrays.stream(type.getMethods())
            .filter(candidate -> candidate.getName().equals(method) && candidate.getParameterCount() == arguments.length).toList();
        try {
            return methods.isEmpty() ? null : methods.get(0).invoke(null, arguments);
        } catch (InvocationTargetException | IllegalArgumentException e) {
            return null;
        }
    }

    private static TraceContext trace(TraceType type) {
        TraceBean bean = new TraceBean();
        bean.setTopic("TopicTest");
        bean.setMsgId("0A00000130390000ABCD000000010000");
        bean.setOffsetMsgId("0A00000100002A9F00000000075BCD15");
        bean.setTags("TagA");
        bean.setKeys("order-1 order-2");
        bean.setStoreHost("10.0.0.1:10911");
        bean.setClientHost("10.0.0.9");
        bean.setStoreTime(1700000000001L);
        bean.setRetryTimes(2);
        bean.setBodyLength(512);
        bean.setMsgType(MessageType.Delay_Msg);
        bean.setTransactionState(LocalTransactionState.COMMIT_MESSAGE);
        bean.setTransactionId("0A00000130390000ABCD000000010000");
        bean.setFromTransactionCheck(true);
        TraceContext context = new TraceContext();
        context.setTraceType(type);
        context.setTimeStamp(1700000000000L);
        context.setRegionId("DefaultRegion");
        context.setGroupName("CG1");
        context.setCostTime(12);
        context.setSuccess(true);
        context.setRequestId("0A00000130390000ABCD000000020000");
        context.setContextCode(0);
        context.setAccessChannel(AccessChannel.LOCAL);
        context.setTraceBeans(List.of(bean));
        return context;
    }
}

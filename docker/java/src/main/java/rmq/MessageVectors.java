package rmq;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.rocketmq.common.UtilAll;
import org.apache.rocketmq.common.compression.CompressionType;
import org.apache.rocketmq.common.compression.CompressorFactory;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.sysflag.MessageSysFlag;

/** Stored messages, batch bodies, properties and message ids, each with what Java's own decoder reads from it. */
final class MessageVectors {
    private static final Map<String, String> PROPERTIES = new LinkedHashMap<>();

    static {
        PROPERTIES.put("TAGS", "TagA");
        PROPERTIES.put("KEYS", "order-1 order-2");
        PROPERTIES.put("WAIT", "true");
        PROPERTIES.put("UNIQ_KEY", "0A00000130390000ABCD000000010000");
        PROPERTIES.put("键", "值😀");
    }

    private MessageVectors() {
    }

    static List<String> all() throws Exception {
        List<String> vectors = new ArrayList<>();
        byte[] text = "hello 消息 ".repeat(40).getBytes(StandardCharsets.UTF_8);
        vectors.add(stored("plain", message("10.0.0.9", "10.0.0.1", 0, text)));
        vectors.add(stored("empty body", message("10.0.0.9", "10.0.0.1", 0, new byte[0])));
        vectors.add(stored("both hosts IPv6", message("2001:db8::9", "fe80::1", 0x30, text)));
        vectors.add(stored("born host IPv6", message("2001:db8::9", "10.0.0.1", 0x10, text)));
        vectors.add(stored("store host IPv6", message("10.0.0.9", "fe80::1", 0x20, text)));
        vectors.add(stored("prepared transaction", message("10.0.0.9", "10.0.0.1", MessageSysFlag.TRANSACTION_PREPARED_TYPE, text)));
        vectors.add(stored("zlib, before 4.9.4", message("10.0.0.9", "10.0.0.1", 0x1, text)));
        vectors.add(stored("lz4", message("10.0.0.9", "10.0.0.1", 0x101, text)));
        vectors.add(stored("zstd", message("10.0.0.9", "10.0.0.1", 0x201, text)));
        vectors.add(stored("zlib", message("10.0.0.9", "10.0.0.1", 0x301, text)));
        MessageExt bare = message("10.0.0.9", "10.0.0.1", 0, text);
        clearProperties(bare);
        vectors.add(stored("without properties", bare));
        if (RocketmqClasses.find("MessageVersion") != null) {
            vectors.add(storedV2());
        }
        vectors.add(several());
        vectors.add(batch());
        vectors.addAll(properties());
        vectors.addAll(ids());
        vectors.addAll(compressed());
        vectors.addAll(HandleVectors.all());
        for (String expression : new String[] {"*", "", "TagA", "TagA || TagB", " TagA||TagB ", "标签 || TagB", "a||", "a b || c"}) {
            vectors.add(Output.json(Output.object("kind", "subscription", "expression", expression,
                "value", Neutral.of(BodyVectors.subscription("TopicTest", expression, 7)))));
        }
        for (String tag : new String[] {"", "TagA", "TagB", "标签", "😀", "a".repeat(60), "Aa", "BB"}) {
            vectors.add(Output.json(Output.object("kind", "tag hash", "tag", tag, "hash", tag.hashCode())));
        }
        return vectors;
    }

    private static MessageExt message(String bornHost, String storeHost, int sysFlag, byte[] body) throws Exception {
        MessageExt message = new MessageExt();
        message.setTopic("TopicTest");
        message.setBody(body);
        message.setQueueId(3);
        message.setFlag(7);
        message.setQueueOffset(100);
        message.setCommitLogOffset(123456789012L);
        message.setSysFlag(sysFlag);
        message.setBornTimestamp(1700000000000L);
        message.setBornHost(new InetSocketAddress(InetAddress.getByName(bornHost), 5555));
        message.setStoreTimestamp(1700000000123L);
        message.setStoreHost(new InetSocketAddress(InetAddress.getByName(storeHost), 10911));
        message.setReconsumeTimes(2);
        message.setPreparedTransactionOffset(42);
        BodyVectors.set(message, "properties", new LinkedHashMap<>(PROPERTIES));
        return message;
    }

    private static void clearProperties(MessageExt message) throws Exception {
        BodyVectors.set(message, "properties", new LinkedHashMap<>());
    }

    private static byte[] encode(MessageExt message) throws Exception {
        byte[] record = MessageDecoder.encode(message, true);
        // Java's encoder writes the CRC it is told, which is that of the stored body.
        ByteBuffer buffer = ByteBuffer.wrap(record);
        MessageExt raw = MessageDecoder.decode(ByteBuffer.wrap(record), true, false);
        buffer.putInt(8, UtilAll.crc32(raw.getBody() == null ? new byte[0] : raw.getBody()));
        return record;
    }

    private static String stored(String name, MessageExt message) throws Exception {
        return stored(name, encode(message));
    }

    private static String stored(String name, byte[] record) {
        return Output.json(Output.object("kind", "stored message", "name", name, "record", Neutral.hex(record), "value", read(record)));
    }

    /** What Java's client reads. */
    static Object read(byte[] record) {
        List<Object> messages = new ArrayList<>();
        for (MessageExt message : MessageDecoder.decodes(ByteBuffer.wrap(record))) {
            messages.add(describe(message));
        }
        return messages;
    }

    static Map<String, Object> describe(MessageExt message) {
        Map<String, Object> values = Output.object("topic", message.getTopic(), "queueId", message.getQueueId(), "flag", message.getFlag(),
            "queueOffset", message.getQueueOffset(), "commitLogOffset", message.getCommitLogOffset(), "sysFlag", message.getSysFlag(),
            "bornTimestamp", message.getBornTimestamp(), "bornHost", Neutral.of(message.getBornHost()),
            "storeTimestamp", message.getStoreTimestamp(), "storeHost", Neutral.of(message.getStoreHost()),
            "reconsumeTimes", message.getReconsumeTimes(), "preparedTransactionOffset", message.getPreparedTransactionOffset());
        values.put("bodyCrc", message.getBodyCRC());
        values.put("storeSize", message.getStoreSize());
        values.put("offsetMessageId", MessageDecoder.createMessageId(message.getStoreHost(), message.getCommitLogOffset()));
        values.put("body", Neutral.hex(message.getBody()));
        values.put("properties", Neutral.of(message.getProperties()));
        return values;
    }

    /** Only brokers write this form; its topic length has two bytes. */
    private static String storedV2() throws Exception {
        byte[] v1 = encode(message("10.0.0.9", "10.0.0.1", 0, "hello".getBytes(StandardCharsets.UTF_8)));
        byte[] topic = ("%RETRY%" + "g".repeat(100) + "+" + "t".repeat(60)).getBytes(StandardCharsets.UTF_8);
        int topicAt = 88 + 5;
        int oldLength = v1[topicAt];
        ByteBuffer v2 = ByteBuffer.allocate(v1.length + 1 + topic.length - oldLength);
        v2.put(v1, 0, topicAt).putShort((short) topic.length).put(topic);
        v2.put(v1, topicAt + 1 + oldLength, v1.length - topicAt - 1 - oldLength);
        v2.putInt(0, v2.capacity()).putInt(4, 0xDAA320AB);
        return stored("v2, long topic", v2.array());
    }

    private static String several() throws Exception {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.write(encode(message("10.0.0.9", "10.0.0.1", 0, "one".getBytes(StandardCharsets.UTF_8))));
        answer.write(encode(message("2001:db8::9", "fe80::1", 0x331, "two two two two".getBytes(StandardCharsets.UTF_8))));
        answer.write(encode(message("10.0.0.9", "fe80::1", 0x121, "three".getBytes(StandardCharsets.UTF_8))));
        return stored("three records", answer.toByteArray());
    }

    private static String batch() {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Message message = new Message("TopicTest", "Tag" + i, "member " + i, ("m" + "1".repeat(i)).getBytes(StandardCharsets.UTF_8));
            message.setFlag(i - 1);
            messages.add(message);
        }
        List<Object> members = new ArrayList<>();
        for (Message message : messages) {
            members.add(Output.object("flag", message.getFlag(), "body", Neutral.hex(message.getBody()),
                "properties", MessageDecoder.messageProperties2String(message.getProperties())));
        }
        return Output.json(Output.object("kind", "batch", "members", members, "bytes", Neutral.hex(MessageDecoder.encodeMessages(messages))));
    }

    private static List<String> properties() {
        List<String> vectors = new ArrayList<>();
        String[] texts = {MessageDecoder.messageProperties2String(PROPERTIES), "", "a\u0001b", "a\u0001b\u0002", "a\u0001\u0002c\u0001d\u0002", "\u0001b\u0002c\u0001d",
            "novalue\u0002c\u0001d\u0002", "a\u0001b\u0001c\u0002", "a\u0001b\u0002a\u0001c\u0002", "\u0002\u0002a\u0001b", "a\u0001b\u0002rest", "__proto__\u0001x\u0002"};
        for (String text : texts) {
            vectors.add(Output.json(Output.object("kind", "properties", "text", text,
                "value", Neutral.of(MessageDecoder.string2messageProperties(text)))));
        }
        return vectors;
    }

    private static List<String> compressed() throws Exception {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        contents.put("one byte", new byte[] {'x'});
        contents.put("one letter again and again", "a".repeat(200_000).getBytes(StandardCharsets.UTF_8));
        contents.put("JSON", "{\"orderId\":%d,\"state\":\"PAID\",\"city\":\"杭州\"}\n".repeat(80).getBytes(StandardCharsets.UTF_8));
        contents.put("words", words(6000, 16));
        contents.put("letters", words(3000, 1));
        byte[] noise = new byte[1500];
        new Random(7).nextBytes(noise);
        contents.put("noise", noise);
        List<String> vectors = new ArrayList<>();
        for (Map.Entry<String, byte[]> content : contents.entrySet()) {
            for (CompressionType type : CompressionType.values()) {
                for (int level : new int[] {1, 5, 9}) {
                    byte[] raw = content.getValue();
                    byte[] bytes = CompressorFactory.getCompressor(type).compress(raw, level);
                    vectors.add(Output.json(Output.object("kind", "compressed", "content", content.getKey(), "type", type.name(), "level", level,
                        "sysFlag", type.getCompressionFlag() | 1, "length", raw.length, "crc32", UtilAll.crc32(raw), "bytes", Neutral.hex(bytes))));
                }
            }
        }
        return vectors;
    }

    /** Text of words that come again with different frequency. */
    private static byte[] words(int length, int wordLength) {
        Random random = new Random(wordLength);
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            int word = (int) Math.abs(random.nextGaussian() * 12);
            text.append("abcdefghijklmnopqrstuvwxyz0123456789".repeat(2), word % 36, word % 36 + 1 + random.nextInt(wordLength)).append(wordLength > 1 ? " " : "");
        }
        return text.substring(0, length).getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> ids() throws Exception {
        List<String> vectors = new ArrayList<>();
        for (String host : new String[] {"10.0.0.1", "255.255.255.255", "fe80::1", "2001:db8::"}) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), 10911);
            long offset = 123456789L * host.length();
            vectors.add(Output.json(Output.object("kind", "offset message id", "host", host, "port", 10911, "offset", offset,
                "id", MessageDecoder.createMessageId(address, offset))));
        }
        return vectors;
    }
}

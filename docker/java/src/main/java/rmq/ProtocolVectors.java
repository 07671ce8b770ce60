package rmq;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.TreeMap;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.remoting.CommandCustomHeader;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RemotingSerializable;
import org.apache.rocketmq.remoting.protocol.SerializeType;

/**
 * Writes golden vectors of the protocol with RocketMQ's own classes. Argument: headers | bodies | messages | signatures
 *
 * Output: one JSON object { rocketmq, kind, vectors: [one per line] }; README.md beside the committed files says what the members mean.
 */
public final class ProtocolVectors {
    private ProtocolVectors() {
    }

    public static void main(String[] args) throws Exception {
        Output.onlyJson();
        // Some bodies hold times as local text.
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        List<String> vectors = switch (args[0]) {
            case "headers" -> headers();
            case "bodies" -> bodies();
            case "messages" -> MessageVectors.all();
            case "signatures" -> SignatureVectors.all();
            default -> throw new IllegalArgumentException(args[0]);
        };
        String head = Output.json(Output.object("rocketmq", RocketmqClasses.version(), "kind", args[0]));
        System.out.println(head.substring(0, head.length() - 1) + ",\"vectors\":[\n" + String.join(",\n", vectors) + "\n]}");
    }

    private static List<String> headers() throws Exception {
        List<String> vectors = new ArrayList<>();
        int number = 0;
        for (Class<?> type : RocketmqClasses.headers()) {
            for (Samples.Variant variant : Samples.Variant.values()) {
                if (!showsAddresses(type)) {
                    vectors.add(header(type, variant, number));
                }
                number++;
            }
        }
        return vectors;
    }

    /** Lists of objects travel as the addresses of the objects, which nobody can read and which differ from run to run (4.9's GetBrokerClusterAclConfigResponseHeader). */
    private static boolean showsAddresses(Class<?> type) {
        return RocketmqClasses.fields(type).stream().anyMatch(field -> Collection.class.isAssignableFrom(field.getType()));
    }

    private static String header(Class<?> type, Samples.Variant variant, int number) throws Exception {
        CommandCustomHeader header = (CommandCustomHeader) new Samples(variant).make(type);
        boolean isResponse = type.getSimpleName().contains("Response");
        Integer action = ProtocolDump.actionCode(type);
        int code = isResponse ? number % 3 : action != null ? action : 10;
        Map<String, Object> vector = Output.object("class", type.getSimpleName(), "variant", variant.name(), "code", code);
        vector.put("opaque", 1000 + number);
        vector.put("flag", isResponse ? 1 : variant == Samples.Variant.full ? 2 : 0);
        if (isResponse && variant != Samples.Variant.minimal) {
            vector.put("remark", variant == Samples.Variant.full ? "store getMessage return null" : "错误: \"\\\n😀");
        }
        if (variant != Samples.Variant.minimal) {
            vector.put("body", Neutral.hex("hello".getBytes(StandardCharsets.UTF_8)));
        }
        vector.put("fields", Neutral.members(header));
        RemotingCommand json = command(vector, header, SerializeType.JSON);
        vector.put("json", frame(json));
        vector.put("ext", json.getExtFields() == null ? Map.of() : new TreeMap<>(json.getExtFields()));
        String binary = frame(command(vector, header, SerializeType.ROCKETMQ));
        vector.put("binary", binary);
        Map<String, String> binaryExt = RemotingCommand.decode(HexFormat.of().parseHex(binary.substring(8))).getExtFields();
        if (binaryExt != null && !binaryExt.equals(json.getExtFields())) {
            vector.put("binaryExt", new TreeMap<>(binaryExt));
        }
        return Output.json(vector);
    }

    private static RemotingCommand command(Map<String, Object> vector, CommandCustomHeader header, SerializeType type) {
        RemotingCommand command = RemotingCommand.createRequestCommand((int) vector.get("code"), header);
        command.setVersion(MQVersion.CURRENT_VERSION);
        command.setOpaque((int) vector.get("opaque"));
        command.setFlag((int) vector.get("flag"));
        command.setRemark((String) vector.get("remark"));
        command.setBody(vector.containsKey("body") ? "hello".getBytes(StandardCharsets.UTF_8) : null);
        command.setSerializeTypeCurrentRPC(type);
        return command;
    }

    /** As the encoder of Java's connections writes it. */
    private static String frame(RemotingCommand command) {
        ByteBuf out = Unpooled.buffer();
        command.fastEncodeHeader(out);
        if (command.getBody() != null) {
            out.writeBytes(command.getBody());
        }
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return Neutral.hex(bytes);
    }

    private static List<String> bodies() throws Exception {
        List<String> vectors = new ArrayList<>();
        for (Class<?> type : RocketmqClasses.bodies()) {
            for (Samples.Variant variant : Samples.Variant.values()) {
                try {
                    vectors.add(body(variant.name(), new Samples(variant).make(type)));
                } catch (NullPointerException e) {
                    // Java itself cannot write this class without all its values.
                }
            }
        }
        vectors.addAll(BodyVectors.all());
        return vectors;
    }

    static String body(String variant, Object value) {
        return body(variant, value, RemotingSerializable.encode(value));
    }

    static String body(String variant, Object value, byte[] text) {
        return Output.json(Output.object("class", value.getClass().getSimpleName(), "variant", variant,
            "value", Neutral.of(value), "text", new String(text, StandardCharsets.UTF_8)));
    }
}

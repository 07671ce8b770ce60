package rmq;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.remoting.CommandCustomHeader;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RemotingSerializable;

/**
 * Reads with Java's own decoders what somebody else encoded. Each line of stdin is "kind class hex", each line of stdout the values as JSON,
 * or { "error" }:
 *   frame HeaderClass|- hex     a whole frame, and its custom header unless there is no class
 *   body Class hex              a JSON body
 *   messages - hex              stored messages
 *   batch - hex                 the body of SEND_BATCH_MESSAGE
 *   properties - hex            the text of properties
 *   sign - hex                  the signature of the request in a whole frame, with the keys AK and SK
 */
public final class FrameReader {
    private FrameReader() {
    }

    public static void main(String[] args) throws Exception {
        Output.onlyJson();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] parts = line.split(" ", 3);
            Object answer;
            try {
                answer = read(parts[0], parts[1], HexFormat.of().parseHex(parts[2]));
            } catch (Exception | LinkageError e) {
                answer = Output.object("error", e.toString());
            }
            System.out.println(Output.json(answer));
        }
    }

    private static Object read(String kind, String className, byte[] bytes) throws Exception {
        Class<?> type = className.equals("-") ? null : RocketmqClasses.find(className);
        if (type == null && !className.equals("-")) {
            return Output.object("unknown", className);
        }
        return switch (kind) {
            case "frame" -> frame(type, bytes);
            case "body" -> Output.object("value", Neutral.of(RemotingSerializable.decode(bytes, type)));
            case "messages" -> Output.object("value", MessageVectors.read(bytes));
            case "batch" -> batch(bytes);
            case "sign" -> Output.object("value", SignatureVectors.sign(command(bytes), new SessionCredentials("AK", "SK")));
            case "properties" -> Output.object("value", Neutral.of(MessageDecoder.string2messageProperties(new String(bytes, StandardCharsets.UTF_8))));
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static RemotingCommand command(byte[] bytes) throws Exception {
        ByteBuffer frame = ByteBuffer.wrap(bytes);
        if (frame.getInt() != frame.remaining()) {
            throw new IllegalArgumentException("the frame has another length than it says");
        }
        return RemotingCommand.decode(frame.slice());
    }

    private static Object frame(Class<?> type, byte[] bytes) throws Exception {
        RemotingCommand command = command(bytes);
        Map<String, Object> answer = Output.object("code", command.getCode(), "language", String.valueOf(command.getLanguage()),
            "version", command.getVersion(), "opaque", command.getOpaque(), "flag", command.getFlag());
        if (command.getRemark() != null) {
            answer.put("remark", command.getRemark());
        }
        answer.put("ext", command.getExtFields() == null ? Map.of() : new TreeMap<>(command.getExtFields()));
        if (type != null) {
            CommandCustomHeader header = (CommandCustomHeader) command.decodeCommandCustomHeader(type.asSubclass(CommandCustomHeader.class));
            answer.put("fields", Neutral.members(header));
        }
        answer.put("body", Neutral.hex(command.getBody()));
        return answer;
    }

    private static Object batch(byte[] bytes) throws Exception {
        List<Object> members = new ArrayList<>();
        for (Message message : MessageDecoder.decodeMessages(ByteBuffer.wrap(bytes))) {
            members.add(Output.object("flag", message.getFlag(), "body", Neutral.hex(message.getBody()),
                "properties", Neutral.of(message.getProperties())));
        }
        return Output.object("value", members);
    }
}

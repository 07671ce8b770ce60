package rmq;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.AclSigner;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.acl.common.SigningAlgorithm;
import org.apache.rocketmq.remoting.CommandCustomHeader;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;

/** Requests as the hook of Java's clients signs them, and contents signed with each algorithm of Java's class. */
final class SignatureVectors {
    private static final List<String> HEADERS = List.of("SendMessageRequestHeaderV2", "PullMessageRequestHeader", "EndTransactionRequestHeader",
        "UpdateConsumerOffsetRequestHeader", "QueryMessageRequestHeader", "CreateTopicRequestHeader");
    private static final byte[] BODY = "hello 消息".getBytes(StandardCharsets.UTF_8);

    private SignatureVectors() {
    }

    static List<String> all() throws Exception {
        List<String> vectors = new ArrayList<>();
        SessionCredentials plain = new SessionCredentials("AK", "SK");
        SessionCredentials withToken = new SessionCredentials("rocketmq2", "12345678", "TOKEN");
        for (String name : HEADERS) {
            for (Samples.Variant variant : new Samples.Variant[] {Samples.Variant.full, Samples.Variant.odd}) {
                CommandCustomHeader header = (CommandCustomHeader) new Samples(variant).make(RocketmqClasses.find(name));
                boolean isFull = variant == Samples.Variant.full;
                vectors.add(request(name + " " + variant, header, Map.of(), isFull ? BODY : null, isFull ? plain : withToken));
            }
        }
        vectors.add(request("nothing but the keys", null, Map.of(), null, plain));
        vectors.add(request("a body alone", null, Map.of(), BODY, plain));
        vectors.add(request("bytes that are no text", null, Map.of("topic", "T"), new byte[] {0, (byte) 0xff, (byte) 0xfe, (byte) 0xc3}, plain));
        vectors.add(request("names in an order of their own", null,
            Map.of("b", "1", "B", "2", "a1", "3", "a", "4", "_", "5", "é", "6", "！", "7", "😀", "8", "Signature0", "9"), null, plain));
        vectors.add(request("empty values", null, Map.of("a", "", "b", "x", "c", ""), null, withToken));
        vectors.add(request("signed before", null, Map.of("topic", "T", "Signature", "old", "AccessKey", "other"), BODY, plain));
        vectors.add(request("keys beyond ASCII", null, Map.of("topic", "T"), BODY, new SessionCredentials("用户", "密钥é😀")));
        for (SigningAlgorithm algorithm : SigningAlgorithm.values()) {
            for (String key : new String[] {"SK", "密钥", "k".repeat(100)}) {
                vectors.add(Output.json(Output.object("kind", "algorithm", "algorithm", algorithm.name(), "secretKey", key, "content", Neutral.hex(BODY),
                    "signature", AclSigner.calSignature(BODY, key, algorithm, StandardCharsets.UTF_8))));
            }
        }
        return vectors;
    }

    private static String request(String name, CommandCustomHeader header, Map<String, String> fields, byte[] body, SessionCredentials credentials) {
        RemotingCommand command = RemotingCommand.createRequestCommand(10, header);
        new TreeMap<>(fields).forEach(command::addExtField);
        command.setBody(body);
        Map<String, Object> vector = Output.object("kind", "request", "name", name, "accessKey", credentials.getAccessKey(),
            "secretKey", credentials.getSecretKey());
        if (credentials.getSecurityToken() != null) {
            vector.put("securityToken", credentials.getSecurityToken());
        }
        vector.put("signature", sign(command, credentials));
        if (body != null) {
            vector.put("body", Neutral.hex(body));
        }
        vector.put("ext", new TreeMap<>(command.getExtFields()));
        return Output.json(vector);
    }

    /** Signs a request as Java's clients do; answers the signature that it now carries. */
    static String sign(RemotingCommand command, SessionCredentials credentials) {
        new AclClientRPCHook(credentials).doBeforeRequest("127.0.0.1:10911", command);
        return command.getExtFields().get(SessionCredentials.SIGNATURE);
    }
}

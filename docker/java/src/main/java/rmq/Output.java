package rmq;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** Stdout holds JSON and nothing else; the client's logging is switched off. */
final class Output {
    private Output() {
    }

    /** To be called before any class of the RocketMQ client is loaded. */
    static void onlyJson() {
        System.setProperty("rmq.logback.configurationFile", "quiet.logback.xml");
        // The same for clients before 5.0, which bring a logger of their own and open its file in any case.
        System.setProperty("rocketmq.client.logLevel", "OFF");
        System.setProperty("rocketmq.client.logRoot", System.getProperty("java.io.tmpdir") + "/rocketmq-client-logs");
    }

    static synchronized void line(Object value) {
        System.out.println(json(value));
        System.out.flush();
    }

    /** An object from names and values in turn. */
    static Map<String, Object> object(Object... namesAndValues) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return object;
    }

    static String json(Object value) {
        if (value instanceof Map<?, ?> map) {
            StringJoiner members = new StringJoiner(",", "{", "}");
            map.forEach((name, member) -> members.add(quote((String) name) + ":" + json(member)));
            return members.toString();
        }
        if (value instanceof List<?> list) {
            StringJoiner elements = new StringJoiner(",", "[", "]");
            list.forEach(element -> elements.add(json(element)));
            return elements.toString();
        }
        return value instanceof String text ? quote(text) : String.valueOf(value);
    }

    /** All in ASCII, so that neither the platform's charset nor half a surrogate pair can spoil it. */
    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c >= ' ' && c < 0x7f) {
                quoted.append(c);
            } else {
                quoted.append(String.format("\\u%04x", (int) c));
            }
        }
        return quoted.append('"').toString();
    }
}

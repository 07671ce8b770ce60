package rmq;

import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.sysflag.MessageSysFlag;
import org.apache.rocketmq.common.sysflag.PullSysFlag;
import org.apache.rocketmq.common.sysflag.TopicSysFlag;
import org.apache.rocketmq.remoting.annotation.CFNotNull;
import org.apache.rocketmq.remoting.protocol.LanguageCode;

/**
 * Writes what Java's classes say about the protocol, by reflection: one JSON object with
 *   headers         class -> { code? (of its annotation, from 5.2 on), fields: { name: type, with "!" if it is marked as not null } }
 *   requestCodes, responseCodes, languages, versions   name -> number
 *   properties      constant -> name of a message property;  reservedProperties: names that Java refuses to users
 *   messageSysFlags, pullSysFlags, topicSysFlags, permissions   constant -> bits
 *   enums           class -> names, in the order of their ordinals
 *   bodies          class -> { member: type }
 */
public final class ProtocolDump {
    private static final List<String> ENUMS = List.of("SerializeType", "ConsumeType", "MessageModel", "ConsumeFromWhere", "CMResult",
        "MessageRequestMode", "BoundaryType", "TopicFilterType", "CompressionType", "TopicMessageType", "GroupType", "LockCallback",
        "LiteSubscriptionAction", "ForbiddenType", "CleanupPolicy", "CQType", "TraceType");

    private ProtocolDump() {
    }

    public static void main(String[] args) {
        Output.onlyJson();
        Map<String, Object> dump = new LinkedHashMap<>();
        dump.put("rocketmq", RocketmqClasses.version());
        dump.put("headers", headers());
        dump.put("requestCodes", numbers("RequestCode"));
        dump.put("responseCodes", numbers("ResponseCode"));
        dump.put("languages", languages());
        dump.put("versions", versions());
        dump.put("properties", texts(RocketmqClasses.constants(MessageConst.class)));
        dump.put("reservedProperties", new ArrayList<>(new TreeSet<>(MessageConst.STRING_HASH_SET)));
        dump.put("messageSysFlags", RocketmqClasses.constants(MessageSysFlag.class));
        dump.put("pullSysFlags", RocketmqClasses.constants(PullSysFlag.class));
        dump.put("topicSysFlags", RocketmqClasses.constants(TopicSysFlag.class));
        dump.put("permissions", integers(RocketmqClasses.constants(RocketmqClasses.find("PermName"))));
        dump.put("enums", enums());
        dump.put("bodies", bodies());
        System.out.println(Output.json(dump));
    }

    private static Map<String, Object> headers() {
        Map<String, Object> headers = new TreeMap<>();
        for (Class<?> type : RocketmqClasses.headers()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            for (Field field : RocketmqClasses.fields(type)) {
                String mark = field.isAnnotationPresent(CFNotNull.class) ? "!" : "";
                fields.put(field.getName(), field.getType().getSimpleName() + mark);
            }
            Map<String, Object> header = new LinkedHashMap<>();
            Integer code = actionCode(type);
            if (code != null) {
                header.put("code", code);
            }
            header.put("fields", fields);
            headers.put(type.getSimpleName(), header);
        }
        return headers;
    }

    /** The request code in the class's annotation RocketMQAction; null if it has none. */
    static Integer actionCode(Class<?> type) {
        for (Annotation annotation : type.getAnnotations()) {
            if (annotation.annotationType().getSimpleName().equals("RocketMQAction")) {
                try {
                    return (Integer) annotation.annotationType().getMethod("value").invoke(annotation);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        return null;
    }

    private static Map<String, Object> numbers(String simpleName) {
        return integers(RocketmqClasses.constants(RocketmqClasses.find(simpleName)));
    }

    private static Map<String, Object> integers(Map<String, Object> constants) {
        constants.values().removeIf(value -> !(value instanceof Integer));
        return constants;
    }

    private static Map<String, Object> texts(Map<String, Object> constants) {
        constants.values().removeIf(value -> !(value instanceof String));
        return constants;
    }

    private static Map<String, Object> languages() {
        Map<String, Object> languages = new LinkedHashMap<>();
        for (LanguageCode language : LanguageCode.values()) {
            languages.put(language.name(), (int) language.getCode());
        }
        return languages;
    }

    private static Map<String, Object> versions() {
        Map<String, Object> versions = new LinkedHashMap<>();
        for (MQVersion.Version version : MQVersion.Version.values()) {
            versions.put(version.name(), version.ordinal());
        }
        return versions;
    }

    private static Map<String, Object> enums() {
        Map<String, Object> enums = new LinkedHashMap<>();
        for (String name : ENUMS) {
            Class<?> type = RocketmqClasses.find(name);
            if (type != null && type.isEnum()) {
                List<Object> names = new ArrayList<>();
                for (Object constant : type.getEnumConstants()) {
                    names.add(((Enum<?>) constant).name());
                }
                enums.put(name, names);
            }
        }
        return enums;
    }

    private static Map<String, Object> bodies() {
        Map<String, Object> bodies = new TreeMap<>();
        for (Class<?> type : RocketmqClasses.bodies()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            for (Field field : RocketmqClasses.fields(type)) {
                fields.put(field.getName(), field.getGenericType().getTypeName().replaceAll("[\\w.]+[.$](\\w+)", "$1"));
            }
            bodies.put(type.getSimpleName(), fields);
        }
        return bodies;
    }
}

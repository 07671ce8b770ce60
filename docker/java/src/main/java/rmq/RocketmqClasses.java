package rmq;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.remoting.CommandCustomHeader;

/** RocketMQ's own classes on the class path, by simple name: packages differ between the generations, names do not. */
final class RocketmqClasses {
    private static final Map<String, Class<?>> PROTOCOL = new TreeMap<>();
    private static final Map<String, Class<?>> OTHERS = new TreeMap<>();

    /** The package of these depends on the generation. */
    private static final List<String> BODIES_ELSEWHERE = List.of("ConsumeStats", "OffsetWrapper", "TopicStatsTable", "TopicOffset", "RollbackStats",
        "TopicConfig", "SubscriptionGroupConfig", "DataVersion", "EpochEntry", "LiteSubscriptionDTO", "AclConfig", "PlainAccessConfig", "MessageQueue");

    static {
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            File file = new File(entry);
            if (file.getName().startsWith("rocketmq-") && file.getName().endsWith(".jar")) {
                scan(file);
            }
        }
    }

    private RocketmqClasses() {
    }

    static String version() {
        return MQVersion.getVersionDesc(MQVersion.CURRENT_VERSION);
    }

    private static void scan(File file) {
        try (JarFile jar = new JarFile(file)) {
            jar.stream().map(entry -> entry.getName()).filter(name -> name.startsWith("org/apache/rocketmq/") && name.endsWith(".class"))
                .map(name -> name.substring(0, name.length() - 6).replace('/', '.')).forEach(RocketmqClasses::add);
        } catch (IOException e) {
            throw new IllegalStateException(file.getName() + " cannot be read", e);
        }
    }

    private static void add(String name) {
        boolean isProtocol = name.contains(".protocol.");
        if (!isProtocol && !name.startsWith("org.apache.rocketmq.common.")) {
            return;
        }
        try {
            Class<?> type = Class.forName(name, false, RocketmqClasses.class.getClassLoader());
            (isProtocol ? PROTOCOL : OTHERS).putIfAbsent(type.getSimpleName(), type);
        } catch (LinkageError | ClassNotFoundException e) {
            // A class for which an optional library is missing is not part of the protocol.
        }
    }

    /** The class of that simple name; null if this generation has none. */
    static Class<?> find(String simpleName) {
        Class<?> type = PROTOCOL.get(simpleName);
        return type != null ? type : OTHERS.get(simpleName);
    }

    /** All classes of custom headers that can be made, by name. */
    static List<Class<?>> headers() {
        return PROTOCOL.values().stream().filter(CommandCustomHeader.class::isAssignableFrom).filter(RocketmqClasses::isConcrete)
            .sorted(Comparator.comparing(Class::getSimpleName)).toList();
    }

    /** All classes of JSON bodies and of their parts. */
    static List<Class<?>> bodies() {
        Map<String, Class<?>> bodies = new TreeMap<>();
        PROTOCOL.values().stream().filter(RocketmqClasses::isBody).forEach(type -> bodies.put(type.getSimpleName(), type));
        for (String name : BODIES_ELSEWHERE) {
            Class<?> type = find(name);
            if (type != null) {
                bodies.put(name, type);
            }
        }
        return bodies.values().stream().filter(type -> isConcrete(type) && !fields(type).isEmpty()).toList();
    }

    private static boolean isBody(Class<?> type) {
        return type.getPackageName().matches(".*\\.protocol\\.(body|heartbeat|route|admin|topic|subscription|statictopic|namesrv)")
            && !type.getSimpleName().matches(".*(Utils?|Selector|MappingContext|MappingOne|Allocator)");
    }

    private static boolean isConcrete(Class<?> type) {
        return !type.isInterface() && !type.isEnum() && !Modifier.isAbstract(type.getModifiers()) && !type.isAnonymousClass()
            && (type.getEnclosingClass() == null || Modifier.isStatic(type.getModifiers())) && !type.getSimpleName().isEmpty();
    }

    /** Fields that hold values, those of the class before those of its ancestors. */
    static List<Field> fields(Class<?> type) {
        Map<String, Field> fields = new LinkedHashMap<>();
        for (Class<?> at = type; at != null && at != Object.class; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                int modifiers = field.getModifiers();
                if (!Modifier.isStatic(modifiers) && !Modifier.isTransient(modifiers) && !field.getName().startsWith("this")) {
                    fields.putIfAbsent(field.getName(), field);
                }
            }
        }
        List<Field> list = new ArrayList<>(fields.values());
        list.forEach(field -> field.setAccessible(field.getDeclaringClass().getName().startsWith("org.apache.rocketmq")));
        return list;
    }

    /** The constants of a class and its ancestors, by name; private ones included. */
    static Map<String, Object> constants(Class<?> type) {
        Map<String, Object> constants = new LinkedHashMap<>();
        for (Class<?> at = type; at != null && at != Object.class; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                boolean isValue = field.getType().isPrimitive() || field.getType() == String.class;
                if (Modifier.isStatic(field.getModifiers()) && Modifier.isFinal(field.getModifiers()) && isValue) {
                    field.setAccessible(true);
                    constants.putIfAbsent(field.getName(), get(field, null));
                }
            }
        }
        return constants;
    }

    static Object get(Field field, Object owner) {
        try {
            return field.get(owner);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}

package rmq;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.remoting.annotation.CFNotNull;

/** Fills instances of any class with values that depend on nothing but field names and the order of the fields. */
final class Samples {
    enum Variant {
        /** What the class itself sets, and the fields of headers that may not be null. */
        minimal,
        /** All fields, plausible values. */
        full,
        /** All fields: bounds of numbers, texts of other scripts, with quotes, control characters and escapes. */
        odd
    }

    /** Texts that stand for one of a few names: plausible and odd. */
    private static final Map<String, List<String>> CHECKED = Map.of(
        "topicFilterType", List.of("SINGLE_TAG", "MULTI_TAG"), "expressionType", List.of("TAG", "SQL92"));
    private static final String[] ODD_TEXTS = {
        "消息", "\"quoted\" \\back/slash", "tab\tline\nreturn\r", "😀𝒜é", "\u0000\u0001\u0002\u001f\u007f", "\u2028\u2029\ufeff", "<a href='x'>&amp;", "{\"a\":1}", " ", "null"};

    private final Variant variant;
    private int count;

    Samples(Variant variant) {
        this.variant = variant;
    }

    /** A new instance, filled as the variant says. */
    Object make(Class<?> type) {
        Object bean = instance(type);
        freezeTimes(bean);
        for (Field field : RocketmqClasses.fields(type)) {
            boolean isWanted = variant != Variant.minimal || field.isAnnotationPresent(CFNotNull.class);
            boolean isData = !Random.class.isAssignableFrom(field.getType()) && field.trySetAccessible();
            if (isWanted && isData) {
                fill(bean, field);
            }
        }
        return bean;
    }

    /** Some classes start with the current time. */
    private static void freezeTimes(Object bean) {
        for (Field field : RocketmqClasses.fields(bean.getClass())) {
            Object value = field.trySetAccessible() ? RocketmqClasses.get(field, bean) : null;
            if (value instanceof Long time && time > 1_600_000_000_000L) {
                set(field, bean, 1_700_000_000_000L);
            } else if (value != null && value.getClass().getName().startsWith("org.apache.rocketmq") && !(value instanceof Enum)) {
                freezeTimes(value);
            }
        }
    }

    private static void set(Field field, Object bean, Object value) {
        try {
            field.set(bean, value);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field.toString(), e);
        }
    }

    private void fill(Object bean, Field field) {
        if (Modifier.isFinal(field.getModifiers()) && RocketmqClasses.get(field, bean) instanceof AtomicLong counter) {
            counter.set(longValue());
        } else {
            set(field, bean, value(field.getGenericType(), field.getName(), 0));
        }
    }

    private Object value(Type type, String name, int depth) {
        if (type instanceof ParameterizedType generic) {
            return container((Class<?>) generic.getRawType(), generic.getActualTypeArguments(), name, depth);
        }
        Class<?> plain = type instanceof Class<?> given ? given : Object.class;
        count++;
        if (plain == String.class) {
            return text(name);
        }
        if (plain == int.class || plain == Integer.class) {
            return intValue();
        }
        if (plain == long.class || plain == Long.class) {
            return longValue();
        }
        if (plain == double.class || plain == Double.class) {
            return variant == Variant.odd ? -1.25e-9 : count + 0.5;
        }
        if (plain == boolean.class || plain == Boolean.class) {
            return variant == Variant.full;
        }
        return other(plain, name);
    }

    private Object other(Class<?> plain, String name) {
        if (plain.isEnum()) {
            List<?> constants = Arrays.stream(plain.getEnumConstants()).filter(constant -> !isDeprecated((Enum<?>) constant)).toList();
            return constants.get(variant == Variant.odd ? constants.size() - 1 : Math.min(1, constants.size() - 1));
        }
        if (plain == AtomicLong.class) {
            return new AtomicLong(longValue());
        }
        if (plain == AtomicInteger.class) {
            return new AtomicInteger(intValue());
        }
        if (plain == BitSet.class) {
            return BitSet.valueOf(new long[] {0b10_0000_1001 + count});
        }
        if (plain == long[].class) {
            return new long[] {longValue(), longValue() + 1};
        }
        if (plain == Properties.class) {
            Properties properties = new Properties();
            properties.setProperty("PROP_" + name, text(name));
            return properties;
        }
        return plain == Object.class ? text(name) : make(plain);
    }

    private static boolean isDeprecated(Enum<?> constant) {
        try {
            boolean isBootFirst = constant.name().endsWith("_WHEN_BOOT_FIRST");
            return isBootFirst || constant.getDeclaringClass().getField(constant.name()).isAnnotationPresent(Deprecated.class);
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(e);
        }
    }

    private Object container(Class<?> type, Type[] of, String name, int depth) {
        int size = depth > 0 ? 1 : 2;
        if (Map.class.isAssignableFrom(type)) {
            Map<Object, Object> map = newMap(type);
            for (int i = 0; i < size; i++) {
                map.put(value(of[0], name + "Key", depth + 1), value(of[1], name, depth + 1));
            }
            return map;
        }
        Collection<Object> items = List.class.isAssignableFrom(type) ? new ArrayList<>()
            : TreeSet.class.isAssignableFrom(type) ? new TreeSet<>() : new LinkedHashSet<>();
        for (int i = 0; i < size; i++) {
            items.add(value(of[0], name, depth + 1));
        }
        return items;
    }

    /** With an order that does not change from run to run. */
    private static Map<Object, Object> newMap(Class<?> type) {
        if (ConcurrentMap.class.isAssignableFrom(type)) {
            return new ConcurrentHashMap<>();
        }
        return TreeMap.class.isAssignableFrom(type) ? new TreeMap<>() : type == HashMap.class || type == Map.class ? new LinkedHashMap<>() : new TreeMap<>();
    }

    private String text(String name) {
        if (CHECKED.containsKey(name)) {
            return CHECKED.get(name).get(variant == Variant.odd ? 1 : 0);
        }
        return variant == Variant.odd ? ODD_TEXTS[count % ODD_TEXTS.length] + count : name + "-" + count;
    }

    private int intValue() {
        return variant == Variant.odd ? (count % 2 == 0 ? Integer.MAX_VALUE : Integer.MIN_VALUE) - (count % 2 == 0 ? count : -count) : 100 + count;
    }

    /** Within what a double holds exactly. */
    private long longValue() {
        long bound = (1L << 53) - 1 - count;
        return variant == Variant.odd ? (count % 2 == 0 ? bound : -bound) : 1_700_000_000_000L + count;
    }

    private static Object instance(Class<?> type) {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (NoSuchMethodException e) {
            return allocate(type);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type.getName() + " cannot be made", e);
        }
    }

    /** Without a constructor, as some classes have none without arguments. */
    private static Object allocate(Class<?> type) {
        try {
            Class<?> unsafe = Class.forName("sun.misc.Unsafe");
            Field instance = unsafe.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            return unsafe.getMethod("allocateInstance", Class.class).invoke(instance.get(null), type);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type.getName() + " cannot be allocated", e);
        }
    }
}

package rmq;

import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A value as plain JSON, read from the fields of its class and not by the library that is tested: beans as objects by field name, maps as lists
 * of [key, value], collections and bit sets as lists, bytes as hex, enums by name; what is null is left out.
 */
final class Neutral {
    private Neutral() {
    }

    static String hex(byte[] bytes) {
        return bytes == null ? "" : HexFormat.of().formatHex(bytes);
    }

    static Object of(Object value) {
        if (value == null || value instanceof String || value instanceof Boolean || value instanceof Integer || value instanceof Long) {
            return value;
        }
        if (value instanceof Number number) {
            boolean isWhole = value instanceof AtomicLong || value instanceof AtomicInteger || value instanceof Short || value instanceof Byte;
            return isWhole ? (Object) number.longValue() : (Object) number.doubleValue();
        }
        if (value instanceof Enum<?> constant) {
            return constant.name();
        }
        if (value instanceof byte[] bytes) {
            return hex(bytes);
        }
        if (value instanceof InetSocketAddress address) {
            return address.getAddress().getHostAddress() + " " + address.getPort();
        }
        return value instanceof Map<?, ?> map ? entries(map) : items(value);
    }

    private static List<Object> entries(Map<?, ?> map) {
        List<Object> entries = new ArrayList<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            List<Object> pair = new ArrayList<>();
            pair.add(of(entry.getKey()));
            pair.add(of(entry.getValue()));
            entries.add(pair);
        }
        return entries;
    }

    private static Object items(Object value) {
        List<Object> items = new ArrayList<>();
        if (value instanceof Collection<?> collection) {
            collection.forEach(item -> items.add(of(item)));
            return items;
        }
        if (value instanceof BitSet bits) {
            bits.stream().forEach(items::add);
            return items;
        }
        if (value instanceof long[] numbers) {
            for (long number : numbers) {
                items.add(number);
            }
            return items;
        }
        return members(value);
    }

    /** The fields of a bean by name. */
    static Map<String, Object> members(Object bean) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (Field field : RocketmqClasses.fields(bean.getClass())) {
            boolean isData = !Random.class.isAssignableFrom(field.getType()) && field.canAccess(bean);
            Object member = isData ? of(RocketmqClasses.get(field, bean)) : null;
            if (member != null) {
                members.put(field.getName(), member);
            }
        }
        return members;
    }
}

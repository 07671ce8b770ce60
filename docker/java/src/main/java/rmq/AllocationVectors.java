package rmq;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.consumer.AllocateMessageQueueStrategy;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMachineRoomNearby;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragelyByCircle;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueByConfig;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueByMachineRoom;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueConsistentHash;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.common.consistenthash.HashFunction;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Asks each of Java's six allocation strategies about random inputs, sorted as RebalanceImpl sorts them, and writes what they answer.
 *
 * Arguments: seed [, inputs per strategy = 400]
 *
 * Output: one JSON object { rocketmq, seed, count, conventions, cases: [one per line] }; a case is
 *   name      what the strategy calls itself
 *   options   virtualNodes and hash | queues | rooms | inner
 *   topic, queues, ids, own   the input; queues as runs [broker, [queue ids]], or [broker, [queue ids], topic] if of another topic
 *   result    the queues given, as runs, or
 *   error     [exception class, message]
 */
public final class AllocationVectors {
    private static final Map<String, Object> CONVENTIONS = Output.object(
        "nearby", "a broker's room is its name up to the first '@', a member's room its id up to the first '-'; without that sign no room",
        "hash", "md5: Java's default; hashCode: String.hashCode(); few: hashCode modulo 16, from 0 up; wide: hashCode times 0x9E3779B97F4A7C15 as long");

    /** Names whose order by UTF-16 code unit, by code point and by locale differ; the last has half a surrogate pair. */
    private static final String[] NAMES = {
        "broker-a", "broker-B", "broker_b", "Broker", "broker-10", "broker-9", "北京", "上海", "é", "z", "ｚ", "\uE000", "😀", "𝒜", "a😀b", "x\uD800y"};
    private static final String[] ROOMS = {"hz", "sh", "Hz", "北京", "😀"};

    private final Random random;

    private AllocationVectors(long seed) {
        this.random = new Random(seed);
    }

    public static void main(String[] args) {
        Output.onlyJson();
        long seed = Long.parseLong(args[0]);
        int count = args.length > 1 ? Integer.parseInt(args[1]) : 400;
        AllocationVectors vectors = new AllocationVectors(seed);
        List<String> cases = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            cases.add(vectors.plain(new AllocateMessageQueueAveragely()));
            cases.add(vectors.plain(new AllocateMessageQueueAveragelyByCircle()));
            cases.add(vectors.consistentHash());
            cases.add(vectors.byConfig());
            cases.add(vectors.byMachineRoom());
            cases.add(vectors.nearby());
        }
        String head = Output.json(Output.object(
            "rocketmq", MQVersion.getVersionDesc(MQVersion.CURRENT_VERSION),
            "seed", seed,
            "count", count,
            "conventions", CONVENTIONS));
        System.out.println(head.substring(0, head.length() - 1) + ",\"cases\":[\n" + String.join(",\n", cases) + "\n]}");
    }

    private String plain(AllocateMessageQueueStrategy strategy) {
        Input input = input(pick(NAMES) + pick(NAMES), members(pick(NAMES) + "@"));
        return ask(strategy, Output.object(), input);
    }

    private String consistentHash() {
        int virtualNodes = random.nextInt(4) > 0 ? 10 : random.nextInt(30);
        String hash = random.nextInt(2) > 0 ? "md5" : pick("hashCode", "few", "wide");
        AllocateMessageQueueStrategy strategy = hash.equals("md5")
            ? new AllocateMessageQueueConsistentHash(virtualNodes)
            : new AllocateMessageQueueConsistentHash(virtualNodes, hashFunction(hash));
        return ask(strategy, Output.object("virtualNodes", virtualNodes, "hash", hash),
            input(pick(NAMES), members(pick(NAMES) + "@")));
    }

    private static HashFunction hashFunction(String name) {
        return switch (name) {
            case "hashCode" -> String::hashCode;
            case "few" -> key -> Math.floorMod(key.hashCode(), 16);
            default -> key -> key.hashCode() * 0x9E3779B97F4A7C15L;
        };
    }

    private String byConfig() {
        Input input = input("topic", members("ip@"));
        List<MessageQueue> fixed = new ArrayList<>(input.queues.subList(0, random.nextInt(input.queues.size() + 1)));
        Collections.shuffle(fixed, random);
        if (random.nextBoolean()) {
            fixed.add(new MessageQueue("another topic", pick(NAMES), random.nextInt(4)));
        }
        AllocateMessageQueueByConfig strategy = new AllocateMessageQueueByConfig();
        strategy.setMessageQueueList(fixed);
        return ask(strategy, Output.object("queues", runs(fixed, input.topic)), input);
    }

    private String byMachineRoom() {
        Set<String> rooms = new LinkedHashSet<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            rooms.add(pick(ROOMS));
        }
        if (random.nextInt(8) == 0) {
            rooms.add("");
        }
        AllocateMessageQueueByMachineRoom strategy = new AllocateMessageQueueByMachineRoom();
        strategy.setConsumeridcs(rooms);
        return ask(strategy, Output.object("rooms", List.copyOf(rooms)), input(null, members("ip@")));
    }

    private String nearby() {
        AllocateMessageQueueByMachineRoom byRoom = new AllocateMessageQueueByMachineRoom();
        byRoom.setConsumeridcs(Set.of(ROOMS[0], ROOMS[1]));
        AllocateMessageQueueStrategy inner = pick(new AllocateMessageQueueAveragely(), new AllocateMessageQueueAveragelyByCircle(),
            new AllocateMessageQueueConsistentHash(), byRoom);
        AllocateMachineRoomNearby strategy = new AllocateMachineRoomNearby(inner, new AllocateMachineRoomNearby.MachineRoomResolver() {
            @Override
            public String brokerDeployIn(MessageQueue queue) {
                return upTo('@', queue.getBrokerName());
            }

            @Override
            public String consumerDeployIn(String clientId) {
                return upTo('-', clientId);
            }
        });
        Object options = Output.object("inner", inner.getName(), "rooms", List.of(ROOMS[0], ROOMS[1]));
        return ask(strategy, options, input(null, members(null)));
    }

    private static String upTo(char sign, String text) {
        return text.substring(0, Math.max(0, text.indexOf(sign)));
    }

    private record Input(String topic, List<MessageQueue> queues, List<String> ids, String own) {
    }

    /** Queues of several brokers; brokers in rooms if there is no topic given. */
    private Input input(String givenTopic, List<String> ids) {
        String topic = givenTopic == null ? "topic" : givenTopic;
        List<MessageQueue> queues = new ArrayList<>();
        int brokers = random.nextInt(25) == 0 ? 0 : 1 + random.nextInt(4);
        for (String broker : some(brokers)) {
            String name = givenTopic == null ? brokerInRoom(broker) : broker;
            int size = random.nextInt(8) == 0 ? 12 : random.nextInt(6);
            queues.addAll(IntStream.range(0, size).filter(id -> random.nextInt(12) > 0)
                .mapToObj(id -> new MessageQueue(topic, name, id)).toList());
        }
        Collections.sort(queues);
        Collections.sort(ids);
        return new Input(topic, queues, ids, own(ids));
    }

    private Set<String> some(int size) {
        Set<String> names = new TreeSet<>();
        while (names.size() < size) {
            names.add(pick(NAMES));
        }
        return names;
    }

    private String brokerInRoom(String broker) {
        return switch (random.nextInt(24)) {
            case 0 -> broker;
            case 1 -> "@" + broker;
            case 2 -> pick(ROOMS) + "@" + broker + "@@";
            case 3 -> pick(ROOMS) + "@" + broker + "@more";
            case 4 -> pick(ROOMS) + "@";
            default -> pick(ROOMS) + "@" + broker;
        };
    }

    /** Few or many, some of them twice; in rooms if there is no prefix given. */
    private List<String> members(String prefix) {
        int size = random.nextInt(30) == 0 ? 0 : random.nextInt(6) == 0 ? 20 : 1 + random.nextInt(6);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            boolean again = !ids.isEmpty() && random.nextInt(8) == 0;
            String front = prefix != null ? prefix : random.nextInt(60) == 0 ? "nowhere" : pick(ROOMS) + "-";
            ids.add(again ? ids.get(random.nextInt(ids.size())) : front + pick(NAMES) + random.nextInt(50));
        }
        return ids;
    }

    private String own(List<String> ids) {
        int chance = random.nextInt(25);
        if (chance == 0) {
            return "";
        }
        return chance == 1 || ids.isEmpty() ? "a stranger" : ids.get(random.nextInt(ids.size()));
    }

    private static String ask(AllocateMessageQueueStrategy strategy, Object options, Input input) {
        Map<String, Object> answer = Output.object(
            "name", strategy.getName(),
            "options", options,
            "topic", input.topic,
            "queues", runs(input.queues, input.topic),
            "ids", input.ids,
            "own", input.own);
        try {
            answer.put("result", runs(strategy.allocate("group", input.own, input.queues, input.ids), input.topic));
        } catch (RuntimeException e) {
            answer.put("error", List.of(e.getClass().getSimpleName(), String.valueOf(e.getMessage())));
        }
        return Output.json(answer);
    }

    /** The same queues in the same order; neighbours on one broker share a run. */
    private static List<Object> runs(List<MessageQueue> queues, String usualTopic) {
        List<Object> runs = new ArrayList<>();
        MessageQueue before = null;
        List<Object> ids = null;
        for (MessageQueue queue : queues) {
            boolean goesOn = before != null && before.getBrokerName().equals(queue.getBrokerName())
                && before.getTopic().equals(queue.getTopic());
            if (!goesOn) {
                ids = new ArrayList<>();
                boolean usual = queue.getTopic().equals(usualTopic);
                runs.add(usual ? List.of(queue.getBrokerName(), ids) : List.of(queue.getBrokerName(), ids, queue.getTopic()));
            }
            ids.add(queue.getQueueId());
            before = queue;
        }
        return runs;
    }

    @SafeVarargs
    private <T> T pick(T... choices) {
        return choices[random.nextInt(choices.length)];
    }
}

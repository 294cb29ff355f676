package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class NamedMapTest {
    private static final long SEED = 20261120L;

    @Test
    void behavesLikeASortedMapUnderEveryEdit() {
        Random random = new Random(SEED);
        NamedMap<NetworkConfig> map = NamedMap.empty();
        TreeMap<String, NetworkConfig> model = new TreeMap<>();

        for (int step = 0; step < 20_000; step++) {
            String name = "n" + random.nextInt(300);
            if (random.nextInt(3) == 0) {
                map = map.remove(name);
                model.remove(name);
            } else {
                NetworkConfig network = network(name, "v" + random.nextInt(4));
                map = map.put(network);
                model.put(name, network);
            }
            if (step % 97 == 0) {
                assertThat(map).as("seed %d, step %d", SEED, step).containsExactlyElementsOf(model.values());
                assertThat(map.size()).isEqualTo(model.size());
                assertThat(list(map.iteratorAfter(name)))
                        .containsExactlyElementsOf(model.tailMap(name, false).values());
                assertThat(map.find(name)).isEqualTo(Optional.ofNullable(model.get(name)));
            }
        }
    }

    @Test
    void tellsExactlyTheDifferencesBetweenAnyTwoMaps() {
        Random random = new Random(SEED);
        for (int round = 0; round < 300; round++) {
            NamedMap<NetworkConfig> before = randomMap(random);
            NamedMap<NetworkConfig> after = round % 2 == 0 ? randomMap(random) : edited(before, random);
            TreeMap<String, NetworkConfig> rebuilt = new TreeMap<>();
            before.forEach(network -> rebuilt.put(network.name(), network));

            List<String> names = new ArrayList<>();
            NamedMap.diff(before, after, (name, old, present) -> {
                names.add(name);
                assertThat(old).isEqualTo(before.find(name).orElse(null)).isNotEqualTo(present);
                if (present == null) {
                    rebuilt.remove(name);
                } else {
                    rebuilt.put(name, present);
                }
            });

            assertThat(after).as("seed %d, round %d", SEED, round).containsExactlyElementsOf(rebuilt.values());
            assertThat(names).isSorted().doesNotHaveDuplicates();
        }
    }

    @Test
    void isEqualWhateverTheOrderOfEdits() {
        List<NetworkConfig> networks = new ArrayList<>(
                IntStream.range(0, 500).mapToObj(i -> network("n" + i, "v")).toList());
        NamedMap<NetworkConfig> one = NamedMap.of(networks);
        Collections.shuffle(networks, new Random(SEED));
        NamedMap<NetworkConfig> other =
                NamedMap.of(networks).put(network("gone", "v")).remove("gone");

        assertThat(other).isEqualTo(one).hasSameHashCodeAs(one);
        assertThat(other.put(network("n7", "changed"))).isNotEqualTo(one);
    }

    @Test
    void isTheSameMapAfterAnEditThatChangesNothing() {
        NamedMap<NetworkConfig> map = NamedMap.of(List.of(network("a", "v")));

        assertThat(map.put(network("a", "v"))).isSameAs(map);
        assertThat(map.remove("b")).isSameAs(map);
        assertThat(map.remove("a")).isSameAs(NamedMap.empty());
    }

    @Nested
    final class WithAHundredThousandResources {
        private static final int SIZE = 100_000;

        // Twice the expected depth of a random search tree, 2 ln n (Seidel and Aragon, 1996).
        private static final int PATH_MAX = (int) (4 * Math.log(SIZE));

        private static final NamedMap<NetworkConfig> BEFORE = NamedMap.of(
                IntStream.range(0, SIZE).mapToObj(i -> network("n" + i, "v")).toList());

        @Test
        void makesOnlyThePathToAnEditAnew() {
            assertThat(newNodes(BEFORE.put(network("n54321", "changed")))).isBetween(1, PATH_MAX);
            assertThat(newNodes(BEFORE.put(network("new", "v")))).isBetween(1, 2 * PATH_MAX);
            assertThat(newNodes(BEFORE.remove("n54321"))).isBetween(0, 2 * PATH_MAX);
        }

        @Test
        void comparesOnlyWhatIsNotShared() {
            NamedMap<NetworkConfig> after =
                    BEFORE.put(network("n54321", "changed")).remove("n777").put(network("new", "v"));
            List<String> names = new ArrayList<>();
            NamedDiff<NetworkConfig> diff = new NamedDiff<>((name, old, present) -> names.add(name));

            diff.walk(BEFORE.root(), after.root());

            assertThat(names).containsExactly("n54321", "n777", "new");
            assertThat(diff.visitedNodes()).isLessThan(3 * 4 * PATH_MAX);
        }

        private int newNodes(NamedMap<NetworkConfig> after) {
            Set<Object> old = Collections.newSetFromMap(new IdentityHashMap<>());
            collect(BEFORE.root(), old);
            Set<Object> present = Collections.newSetFromMap(new IdentityHashMap<>());
            collect(after.root(), present);
            present.removeAll(old);
            return present.size();
        }

        private void collect(@Nullable NamedNode<?> node, Set<Object> into) {
            if (node != null) {
                into.add(node);
                collect(node.left, into);
                collect(node.right, into);
            }
        }
    }

    private static NamedMap<NetworkConfig> randomMap(Random random) {
        NamedMap<NetworkConfig> map = NamedMap.empty();
        int size = random.nextInt(60);
        for (int i = 0; i < size; i++) {
            map = map.put(network("n" + random.nextInt(80), "v" + random.nextInt(3)));
        }
        return map;
    }

    private static NamedMap<NetworkConfig> edited(NamedMap<NetworkConfig> map, Random random) {
        NamedMap<NetworkConfig> after = map;
        for (int i = 0; i < 5; i++) {
            String name = "n" + random.nextInt(80);
            after = random.nextBoolean() ? after.remove(name) : after.put(network(name, "v" + random.nextInt(3)));
        }
        return after;
    }

    private static List<NetworkConfig> list(Iterator<NetworkConfig> iterator) {
        List<NetworkConfig> list = new ArrayList<>();
        iterator.forEachRemaining(list::add);
        return list;
    }

    private static NetworkConfig network(String name, String note) {
        return NetworkConfig.named(name).note(note).build();
    }
}

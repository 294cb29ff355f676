package io.penstock.admin.revision;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.admin.store.ResourceKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LastChangedTest {

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void holdsWhatAPlainMapHoldsAndLeavesOlderVersionsAlone(long seed) {
        Random random = new Random(seed);
        Map<ResourceKey, Long> reference = new HashMap<>();
        LastChanged trie = LastChanged.NONE;
        List<LastChanged> versions = new ArrayList<>();
        List<Map<ResourceKey, Long>> references = new ArrayList<>();

        for (int step = 1; step <= 5000; step++) {
            ResourceKey key = key(random.nextInt(400));
            if (random.nextInt(3) == 0) {
                reference.remove(key);
                trie = trie.without(key);
            } else {
                reference.put(key, (long) step);
                trie = trie.with(key, step);
            }
            if (step % 500 == 0) {
                versions.add(trie);
                references.add(Map.copyOf(reference));
            }
        }

        for (int i = 0; i < versions.size(); i++) {
            for (int name = 0; name < 400; name++) {
                assertThat(versions.get(i).of(key(name)))
                        .as("seed %s, version %s, key %s", seed, i, name)
                        .isEqualTo(optional(references.get(i), key(name)));
            }
        }
    }

    @Test
    void keepsKeysApartWhoseHashesAreEqual() {
        // "Aa" and "BB" have one hash, and so have all names made of them.
        List<ResourceKey> colliding = new ArrayList<>();
        for (String name : List.of("AaAa", "AaBB", "BBAa", "BBBB")) {
            colliding.add(new ResourceKey("routes", name));
        }
        assertThat(colliding)
                .extracting(ResourceKey::hashCode)
                .containsOnly(colliding.getFirst().hashCode());

        LastChanged trie = LastChanged.NONE.with(key(1), 9);
        for (int i = 0; i < colliding.size(); i++) {
            trie = trie.with(colliding.get(i), i + 1);
        }
        trie = trie.with(colliding.get(1), 20).without(colliding.get(2));

        assertThat(trie.of(colliding.get(0))).hasValue(1);
        assertThat(trie.of(colliding.get(1))).hasValue(20);
        assertThat(trie.of(colliding.get(2))).isEmpty();
        assertThat(trie.of(colliding.get(3))).hasValue(4);
        assertThat(trie.of(key(1))).hasValue(9);
    }

    private static ResourceKey key(int name) {
        // Half of them collide with another.
        return new ResourceKey("routes", (name % 2 == 0 ? "Aa" : "BB") + name / 2);
    }

    private static OptionalLong optional(Map<ResourceKey, Long> map, ResourceKey key) {
        Long value = map.get(key);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }
}

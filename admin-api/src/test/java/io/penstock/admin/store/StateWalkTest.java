package io.penstock.admin.store;

import static io.penstock.admin.store.StoreFixture.put;
import static io.penstock.admin.store.StoreFixture.remove;
import static io.penstock.admin.store.StoreFixture.route;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever was done, the store gives back every revision as a plain map would have remembered it. */
final class StateWalkTest {

    @TempDir
    private Path folder;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void everyRevisionReadsAsItWas(long seed) throws Exception {
        Random random = new Random(seed);
        List<SortedMap<ResourceKey, StoredResource>> reference = new ArrayList<>();
        reference.add(new TreeMap<>());

        try (StoreFixture fixture = new StoreFixture(folder).with(StoreFixture.options(10_000, 7))) {
            for (int revision = 1; revision <= 150; revision++) {
                if (random.nextInt(40) == 0) {
                    fixture.reopen();
                }
                SortedMap<ResourceKey, StoredResource> next = new TreeMap<>(reference.getLast());
                Map<String, ResourceWrite> writes = new TreeMap<>();
                for (int i = random.nextInt(1, 5); i > 0; i--) {
                    String name = "r" + random.nextInt(12);
                    writes.put(name, random.nextInt(3) == 0 ? remove(name) : put(name, "v" + random.nextInt(5)));
                }
                for (Map.Entry<String, ResourceWrite> write : writes.entrySet()) {
                    if (write.getValue().after().isPresent()) {
                        next.put(
                                route(write.getKey()),
                                new StoredResource(write.getValue().after().get(), revision));
                    } else {
                        next.remove(route(write.getKey()));
                    }
                }
                fixture.commit(writes.values().toArray(ResourceWrite[]::new));
                reference.add(next);
            }
            Awaitility.await().until(() -> fixture.store().health().exportedRevision() == 150);
            ConfigStore store = fixture.reopen();

            for (int revision = 1; revision <= 150; revision++) {
                assertThat(store.image(revision).orElseThrow().resources())
                        .as("seed %s, revision %s", seed, revision)
                        .isEqualTo(reference.get(revision));
            }
            for (int i = 0; i < 200; i++) {
                int from = random.nextInt(1, 151);
                int to = random.nextInt(1, 151);
                SortedMap<ResourceKey, String> walked =
                        new TreeMap<>(StoreFixture.texts(store.image(from).orElseThrow()));
                for (ResourceChange change : store.diff(from, to).orElseThrow()) {
                    change.after()
                            .ifPresentOrElse(json -> walked.put(change.key(), json), () -> walked.remove(change.key()));
                }
                assertThat(walked)
                        .as("seed %s, from %s to %s", seed, from, to)
                        .isEqualTo(StoreFixture.texts(store.image(to).orElseThrow()));
            }
            assertThat(store.verify()).isEqualTo(ChainVerdict.sound(150));
            assertThat(images(fixture))
                    .as("seed %s: full images were made", seed)
                    .isPositive();
        }
    }

    private static long images(StoreFixture fixture) throws Exception {
        fixture.close();
        try (StoreConnection connection =
                StoreConnection.openForReading(fixture.file(StoreOpening.FILE), StoreFixture.options(10_000, 7))) {
            return connection.number("SELECT COUNT(*) FROM image");
        }
    }
}

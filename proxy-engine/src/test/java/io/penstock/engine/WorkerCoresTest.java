package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ProxyConfig;
import io.penstock.cores.CoreAffinity;
import io.penstock.cores.CorePlan;
import io.penstock.transport.TransportChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the kernel lets the threads of an engine run, as the kernel tells it. */
final class WorkerCoresTest {
    // The kernel keeps 15 characters of a thread's name.
    private static final String WORKER = "penstock-worker";
    private static final Path TASKS = Path.of("/proc/self/task");

    @TempDir
    private Path logs;

    private static Map<Boolean, List<String>> coresByWhetherWorker() throws IOException {
        try (Stream<Path> tasks = Files.list(TASKS)) {
            return tasks.collect(Collectors.partitioningBy(
                    task -> read(task.resolve("comm")).strip().equals(WORKER),
                    Collectors.mapping(WorkerCoresTest::cores, Collectors.toList())));
        }
    }

    private static String cores(Path task) {
        return read(task.resolve("status"))
                .lines()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .map(line -> line.substring(line.indexOf('\t') + 1))
                .findFirst()
                .orElse("");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException ended) {
            return "";
        }
    }

    @Test
    void runOnTheirCoresAndAllElseOnTheOthers() throws Exception {
        CoreAffinity affinity = CoreAffinity.ofThisSystem();
        BitSet all = affinity.allowed();
        CorePlan plan = CorePlan.of("auto", 1, all);
        EngineOptions options =
                EngineOptions.of(1, TransportChoice.NIO, logs, "test").on(plan);
        try (ProxyEngine engine = ProxyEngine.start(options)) {
            // What a worker is told to do comes to it before what it adopts.
            Preparation.Ready ready = (Preparation.Ready) engine.prepare(ProxyConfig.initial());
            engine.publish(ready.prepared(), 1).active().toCompletableFuture().get(20, TimeUnit.SECONDS);

            Map<Boolean, List<String>> cores = coresByWhetherWorker();
            assertThat(cores.get(true))
                    .containsExactly(plan.workers().getFirst().toString());
            if (!plan.others().isEmpty()) {
                assertThat(cores.get(false))
                        .isNotEmpty()
                        .doesNotContain(plan.workers().getFirst().toString());
            }
            assertThat(engine.readings().status().cores()).isEqualTo(plan.text());
        } finally {
            affinity.confineAll(all);
        }
    }
}

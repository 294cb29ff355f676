package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** {@code penstock run} as a process of its own: with this test's classes, or the packaged product by its launcher. */
final class GatewayProcess implements AutoCloseable {
    private static final Duration START_MAX = Duration.ofMinutes(2);
    private static final Duration END_MAX = Duration.ofSeconds(60);

    private static final Path LIB = Path.of("target/lib");

    private final Process process;
    private final Path out;
    private final Path err;
    private final long beganNs;

    private GatewayProcess(Process process, Path out, Path err, long beganNs) {
        this.process = process;
        this.out = out;
        this.err = err;
        this.beganNs = beganNs;
    }

    /** Starts it with these arguments, quick to start; its output goes into files of the folder. */
    static GatewayProcess start(Path folder, String... arguments) throws IOException {
        return start(folder, List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"), arguments);
    }

    /** The same, with this beside the test's own environment. */
    static GatewayProcess startWith(Map<String, String> environment, Path folder, String... arguments)
            throws IOException {
        ProcessBuilder builder = builder(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"), arguments);
        builder.environment().putAll(environment);
        return start(folder, builder);
    }

    /** Starts the packaged product as operators do, by its launcher, with the collector and the compilers of a server. */
    static GatewayProcess serving(Path folder, String heap, String... arguments) throws IOException {
        try (Stream<Path> jars = Files.exists(LIB) ? Files.list(LIB) : Stream.empty()) {
            assertThat(jars.anyMatch(jar -> jar.getFileName().toString().startsWith("appliance-image")))
                    .as("no product in %s: these tests run in \"mvn -Plong verify\", after its package", LIB)
                    .isTrue();
        }
        List<String> command = new ArrayList<>(List.of("bin/penstock", "run"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("PENSTOCK_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("PENSTOCK_JAVA_OPTS", heap);
        return start(folder, builder);
    }

    /** Starts an unpacked distribution, from this folder, with an environment that lets it write nowhere else. */
    static GatewayProcess installed(Path launcher, Path folder, String javaOptions, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher.toString(), "run"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().keySet().removeIf(name -> name.contains("JAVA") || name.contains("JDK"));
        builder.environment().put("HOME", "/proc");
        builder.environment().put("PENSTOCK_JAVA_OPTS", "-Djava.io.tmpdir=/proc " + javaOptions);
        return start(folder, builder);
    }

    /** The native libraries it has mapped. */
    List<Path> nativeLibraries() throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid()), "maps")).stream()
                .filter(line -> line.endsWith(".so") || line.contains(".so."))
                .map(line -> Path.of(line.substring(line.indexOf('/'))))
                .distinct()
                .toList();
    }

    private static GatewayProcess start(Path folder, List<String> jvm, String... arguments) throws IOException {
        return start(folder, builder(jvm, arguments));
    }

    private static ProcessBuilder builder(List<String> jvm, String... arguments) {
        List<String> words = new ArrayList<>(List.of("run"));
        words.addAll(List.of(arguments));
        return command(jvm, words);
    }

    /** Any command of the product, not started yet. */
    static ProcessBuilder command(List<String> jvm, List<String> words) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("src/jvm/jvm.options").toAbsolutePath()));
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.penstock.appliance.Main"));
        command.addAll(words);
        return new ProcessBuilder(command);
    }

    private static GatewayProcess start(Path folder, ProcessBuilder builder) throws IOException {
        Path out = Files.createTempFile(folder, "run", ".out");
        Path err = Files.createTempFile(folder, "run", ".err");
        long beganNs = System.nanoTime();
        Process process =
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        return new GatewayProcess(process, out, err, beganNs);
    }

    /** The line that says that every worker serves. */
    String awaitReady() {
        Awaitility.await()
                .atMost(START_MAX)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> out().lines().anyMatch(line -> line.startsWith("ready")) || !process.isAlive());
        assertThat(out()).as("%s", err()).startsWith("ready");
        return out().lines().findFirst().orElseThrow();
    }

    /** The port that a ready line tells behind this word. */
    static int port(String ready, String before) {
        Matcher found = Pattern.compile(Pattern.quote(before) + "[^,]*?:([0-9]+)(?=,|$)")
                .matcher(ready);
        assertThat(found.find()).as(ready).isTrue();
        return Integer.parseInt(found.group(1));
    }

    long pid() {
        return process.pid();
    }

    /** Since it was started. */
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - beganNs);
    }

    /** What all of its threads have used. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** A figure of {@code /proc/PID/status} in KiB: VmRSS, VmHWM. */
    long statusKib(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status")).stream()
                .filter(line -> line.startsWith(name + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    /** How many descriptors it has open. */
    int descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid()), "fd"))) {
            return (int) open.count();
        }
    }

    /** Bytes of the heap in use after a full collection. */
    long liveHeapBytes() throws IOException, InterruptedException {
        jcmd("GC.run");
        Matcher used = Pattern.compile("used ([0-9]+)K").matcher(jcmd("GC.heap_info"));
        long kib = 0;
        // The generations, not the metaspace that the listing of some releases ends with.
        for (int generation = 0; generation < 2 && used.find(); generation++) {
            kib += Long.parseLong(used.group(1));
        }
        return kib << 10;
    }

    /** Bytes of metaspace in use. */
    long metaspaceBytes() throws IOException, InterruptedException {
        Matcher used = Pattern.compile("Metaspace +used ([0-9]+)K").matcher(jcmd("VM.metaspace"));
        assertThat(used.find()).isTrue();
        return Long.parseLong(used.group(1)) << 10;
    }

    private String jcmd(String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(pid()),
                        command)
                .redirectErrorStream(true)
                .start();
        String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(jcmd.waitFor()).as(said).isZero();
        return said;
    }

    /** Sends a signal by its name. */
    void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    /** Waits for its end. @return its exit status */
    int awaitExit() throws InterruptedException {
        assertThat(process.waitFor(END_MAX.toSeconds(), TimeUnit.SECONDS))
                .as("%s", err())
                .isTrue();
        return process.exitValue();
    }

    String out() {
        return read(out);
    }

    String err() {
        return read(err);
    }

    private static String read(Path file) {
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            return String.join("\n", reader.lines().toList());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

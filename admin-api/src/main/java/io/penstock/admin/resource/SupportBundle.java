package io.penstock.admin.resource;

import io.penstock.admin.revision.CurrentConfig;
import io.penstock.admin.store.RevisionSummary;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import tools.jackson.databind.JsonNode;

/**
 * What somebody needs who is to find out why a gateway does not do what it should, as one zip file, without secrets:
 * {@link Redaction}. Bounded; what cannot be read is told in its place, and the rest comes all the same.
 */
final class SupportBundle {
    private static final int REVISIONS_MAX = 50;
    private static final int REQUESTS_MAX = 100;
    private static final int FRAMES_MAX = 64;
    private static final int TAIL_BYTES_MAX = 256 * 1024;
    private static final int FILES_MAX = 500;
    private static final List<String> FACTS = List.of(
            "/proc/version",
            "/proc/loadavg",
            "/proc/meminfo",
            "/proc/self/limits",
            "/proc/self/status",
            "/proc/net/sockstat",
            "/proc/net/snmp",
            "/proc/net/netstat",
            "/proc/pressure/cpu",
            "/proc/pressure/memory",
            "/proc/pressure/io",
            "/sys/fs/cgroup/memory.max",
            "/sys/fs/cgroup/cpu.max",
            "/etc/os-release");

    private final AdminParts parts;
    private final JsonNode node;

    SupportBundle(AdminParts parts, JsonNode node) {
        this.parts = parts;
        this.node = node;
    }

    /** Text that is made when its turn comes. */
    @FunctionalInterface
    private interface Content {
        String make() throws IOException;
    }

    void write(OutputStream out) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
        put(zip, "README.txt", SupportBundle::readme);
        put(zip, "node.json", () -> Redaction.of(node).toPrettyString());
        put(zip, "config.json", this::config);
        put(zip, "revisions.txt", this::revisions);
        put(
                zip,
                "overrides.txt",
                () -> lines(parts.overrides().inForce().stream()
                        .map(one -> one.kind() + " " + one.upstream() + " " + one.target() + " until " + one.until())));
        put(zip, "metrics.txt", () -> parts.engine().metricsText());
        put(
                zip,
                "counters.txt",
                () -> lines(parts.engine().counters().entrySet().stream()
                        .map(counter -> counter.getKey() + " " + counter.getValue())
                        .sorted()));
        put(zip, "latency.json", () -> array(parts.engine().latencies()));
        put(zip, "dns.json", () -> array(parts.engine().dns()));
        put(zip, "failed-requests.json", () -> array(parts.engine().requests(true, REQUESTS_MAX)));
        put(zip, "threads.txt", SupportBundle::threads);
        put(zip, "log.txt", () -> lines(parts.system().recentLog().stream().map(Redaction::line)));
        put(zip, "access-log.txt", () -> accessLog(parts.system().folder().resolve("log/access.log")));
        put(zip, "process.txt", SupportBundle::process);
        put(zip, "files.txt", () -> files(parts.system().folder()));
        for (String fact : FACTS) {
            put(zip, "system" + fact.replace('/', '-') + ".txt", () -> Files.readString(Path.of(fact)));
        }
        zip.finish();
    }

    private static void put(ZipOutputStream zip, String name, Content content) throws IOException {
        String text;
        try {
            text = content.make();
        } catch (NoSuchFileException absent) {
            text = "not there\n";
        } catch (IOException | RuntimeException failed) {
            text = "could not be read: " + failed.getClass().getSimpleName() + "\n";
        }
        zip.putNextEntry(new ZipEntry(name));
        zip.write(text.getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
    }

    private static String readme() {
        return """
                What a gateway's state was, for who is to find out what is wrong with it.
                Values of secrets, keys, tokens and passwords are not in it; neither are bodies, notes, headers that are set,
                settings of plugins, queries and values of environment variables, since anything may stand there. Names,
                addresses and paths are: read it before you give it away.
                """;
    }

    private String config() throws IOException {
        CurrentConfig current = parts.pipeline().current();
        ByteArrayOutputStream document = new ByteArrayOutputStream();
        DocumentWriter.brief(resource -> true).json(current.config(), document);
        return Redaction.of(JsonText.parse(document.toString(StandardCharsets.UTF_8)))
                .toPrettyString();
    }

    private String revisions() {
        return lines(parts.store().revisions(Optional.empty(), REVISIONS_MAX).items().stream()
                .map(SupportBundle::revision));
    }

    private static String revision(RevisionSummary one) {
        return one.number() + " " + one.timestamp() + " " + one.cause() + " by " + one.actor();
    }

    private static String array(List<? extends Record> records) {
        var array = JsonText.NODES.arrayNode();
        records.forEach(record -> array.add(Redaction.of(ConfigJson.write(record))));
        return array.toPrettyString();
    }

    private static String threads() {
        StringBuilder text = new StringBuilder();
        var threads = ManagementFactory.getThreadMXBean();
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds(), FRAMES_MAX)) {
            if (thread == null) {
                continue;
            }
            text.append('"')
                    .append(thread.getThreadName())
                    .append("\" ")
                    .append(thread.getThreadState())
                    .append('\n');
            for (StackTraceElement frame : thread.getStackTrace()) {
                text.append("    at ").append(frame).append('\n');
            }
        }
        return text.toString();
    }

    // Only lines of JSON, whose members have names: in a format of one's own a secret may stand anywhere.
    private static String accessLog(Path file) throws IOException {
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(0, log.length() - TAIL_BYTES_MAX);
            log.seek(from);
            byte[] tail = new byte[(int) (log.length() - from)];
            log.readFully(tail);
            return lines(new String(tail, StandardCharsets.UTF_8)
                    .lines()
                    .skip(from > 0 ? 1 : 0)
                    .map(SupportBundle::accessLine));
        }
    }

    private static String accessLine(String line) {
        try {
            return JsonText.text(Redaction.of(JsonText.parse(line)));
        } catch (RuntimeException otherFormat) {
            return "(a line of another format)";
        }
    }

    private static String process() {
        var runtime = ManagementFactory.getRuntimeMXBean();
        StringBuilder text = new StringBuilder("java " + Runtime.version() + "\nuptime " + runtime.getUptime()
                + " ms\nprocessors " + Runtime.getRuntime().availableProcessors() + "\n");
        for (var pool : ManagementFactory.getMemoryPoolMXBeans()) {
            text.append("memory ")
                    .append(pool.getName())
                    .append(": ")
                    .append(pool.getUsage())
                    .append('\n');
        }
        for (var collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            text.append("collector ")
                    .append(collector.getName())
                    .append(": ")
                    .append(collector.getCollectionCount())
                    .append(" in ")
                    .append(collector.getCollectionTime())
                    .append(" ms\n");
        }
        runtime.getInputArguments()
                .forEach(argument -> text.append("argument ")
                        .append(Redaction.line(argument))
                        .append('\n'));
        new TreeSet<>(System.getenv().keySet())
                .forEach(name -> text.append("environment has ").append(name).append('\n'));
        return text.toString();
    }

    private static String files(Path folder) throws IOException {
        FileStore disk = Files.getFileStore(folder);
        String room = "disk " + disk.type() + ", free " + disk.getUsableSpace() + " of " + disk.getTotalSpace() + "\n";
        try (Stream<Path> files = Files.walk(folder, 2)) {
            return room + lines(files.limit(FILES_MAX).map(file -> folder.relativize(file) + " " + sizeOf(file)));
        }
    }

    private static String sizeOf(Path file) {
        try {
            return Files.size(file) + " " + Files.getLastModifiedTime(file);
        } catch (IOException gone) {
            return "gone";
        }
    }

    private static String lines(Stream<String> lines) {
        return lines.collect(Collectors.joining("\n")) + "\n";
    }
}

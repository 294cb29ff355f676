package io.penstock.admin.acme;

import io.penstock.admin.store.DataFolder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What failed before the process began: a file in the data folder, so that a process that is started again and again does not order again and
 * again. A file that cannot be read or written costs that, and nothing else.
 */
final class OrderMemory {
    private static final Logger LOG = LoggerFactory.getLogger(OrderMemory.class);
    private static final String FILE = "acme.orders";
    private static final int FIELDS = 5;

    private final Optional<DataFolder> folder;

    private OrderMemory(Optional<DataFolder> folder) {
        this.folder = folder;
    }

    /** One that lasts. */
    static OrderMemory in(DataFolder folder) {
        return new OrderMemory(Optional.of(folder));
    }

    /** One that ends with the process. */
    static OrderMemory none() {
        return new OrderMemory(Optional.empty());
    }

    /**
     * A failure.
     *
     * @param wanted what was ordered, as a text
     */
    record Failure(String wanted, int failures, Instant nextAttempt, String lastError) {}

    /** What failed last, by certificate. */
    Map<String, Failure> read() {
        Map<String, Failure> found = new TreeMap<>();
        try {
            String text = folder.flatMap(from -> from.readSecret(FILE)).orElse("");
            text.lines().forEach(line -> {
                String[] fields = line.split(" ", -1);
                if (fields.length == FIELDS) {
                    found.put(
                            fields[0],
                            new Failure(
                                    decoded(fields[1]),
                                    Integer.parseInt(fields[2]),
                                    Instant.parse(fields[3]),
                                    decoded(fields[4])));
                }
            });
        } catch (RuntimeException unreadable) {
            LOG.warn("what is remembered of orders that failed cannot be read", unreadable);
        }
        return found;
    }

    /** Remembers these in place of those before. */
    void write(Map<String, Failure> failures) {
        StringBuilder text = new StringBuilder();
        failures.forEach((name, each) -> text.append(name)
                .append(' ')
                .append(encoded(each.wanted()))
                .append(' ')
                .append(each.failures())
                .append(' ')
                .append(each.nextAttempt())
                .append(' ')
                .append(encoded(each.lastError()))
                .append('\n'));
        try {
            folder.ifPresent(into -> into.writeSecret(FILE, text.toString()));
        } catch (RuntimeException unwritable) {
            LOG.warn("what failed of orders cannot be remembered over a restart", unwritable);
        }
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }
}

package io.penstock.engine;

import io.penstock.filter.KeySets;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads key sets on a thread of its own, one at a time, and remembers them for all workers. Whatever tokens say, one address
 * is read at most once in ten seconds; what cannot be read is served as it was before.
 */
final class KeySetReader implements KeySets, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeySetReader.class);
    private static final Duration READ_MAX = Duration.ofSeconds(5);
    private static final long PAUSE_NS = 10_000_000_000L;
    private static final int SET_BYTES_MAX = 1 << 20;
    private static final int QUEUE_MAX = 1024;
    private static final int SETS_MAX = 1024;
    private static final long IDLE_SECONDS = 30;

    private final ThreadPoolExecutor executor = new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE_MAX),
            Thread.ofPlatform().name("penstock-keys").daemon().factory());
    // Only the thread's.
    private final Map<URI, Known> sets = new HashMap<>();
    private @Nullable HttpClient client;

    private record Known(String text, long readAtNs, long triedAtNs) {}

    KeySetReader() {
        executor.allowCoreThreadTimeOut(true);
    }

    @Override
    public void ask(URI address, Duration ttl, boolean isMissing, Consumer<String> heard) {
        try {
            executor.execute(() -> heard.accept(text(address, ttl, isMissing)));
        } catch (RejectedExecutionException full) {
            // The next request asks again.
            heard.accept("");
        }
    }

    private String text(URI address, Duration ttl, boolean isMissing) {
        long nowNs = System.nanoTime();
        Known known = sets.get(address);
        if (known != null) {
            boolean isOld = nowNs - known.readAtNs > ttl.toNanos();
            boolean isPausing = nowNs - known.triedAtNs < PAUSE_NS;
            if (isPausing || !(isOld || isMissing || known.text.isEmpty())) {
                return known.text;
            }
        }
        String old = known == null ? "" : known.text;
        try {
            String text = read(address);
            keep(address, new Known(text, nowNs, nowNs));
            return text;
        } catch (IOException | RuntimeException unreadable) {
            LOG.warn(
                    "the key set at {} cannot be read ({}); {}",
                    address,
                    unreadable.toString(),
                    old.isEmpty() ? "its tokens are refused" : "the one read before goes on");
            keep(address, new Known(old, known == null ? nowNs : known.readAtNs, nowNs));
            return old;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return old;
        }
    }

    private void keep(URI address, Known known) {
        if (sets.size() >= SETS_MAX && !sets.containsKey(address)) {
            sets.clear();
        }
        sets.put(address, known);
    }

    private String read(URI address) throws IOException, InterruptedException {
        HttpClient mine = client;
        if (mine == null) {
            mine = HttpClient.newBuilder()
                    .connectTimeout(READ_MAX)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
            client = mine;
        }
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(READ_MAX)
                .header("Accept", "application/jwk-set+json, application/json")
                .build();
        HttpResponse<InputStream> response = mine.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            byte[] bytes = body.readNBytes(SET_BYTES_MAX + 1);
            if (response.statusCode() != 200 || bytes.length > SET_BYTES_MAX) {
                throw new IOException("status " + response.statusCode() + ", " + bytes.length
                        + " bytes, wanted 200 and at" + " most " + SET_BYTES_MAX);
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
        if (client != null) {
            client.shutdownNow();
        }
    }
}

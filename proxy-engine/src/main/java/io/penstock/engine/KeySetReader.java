package io.penstock.engine;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.penstock.filter.KeySets;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads key sets, and other documents that issuers publish, on a thread of its own, one at a time, and remembers them for all workers. Whatever tokens say, one address
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

    private final LongSupplier nowNs;
    private final Duration readMax;

    KeySetReader() {
        this(System::nanoTime, READ_MAX);
    }

    /**
     * One by another clock.
     *
     * @param readMax how long a whole answer may take
     */
    KeySetReader(LongSupplier nowNs, Duration readMax) {
        this.nowNs = nowNs;
        this.readMax = readMax;
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
        long now = nowNs.getAsLong();
        Known known = sets.get(address);
        if (known != null) {
            boolean isOld = now - known.readAtNs > ttl.toNanos();
            boolean isPausing = now - known.triedAtNs < PAUSE_NS;
            if (isPausing || !(isOld || isMissing || known.text.isEmpty())) {
                return known.text;
            }
        }
        String old = known == null ? "" : known.text;
        try {
            String text = read(address);
            keep(address, new Known(text, now, now));
            return text;
        } catch (IOException | RuntimeException unreadable) {
            LOG.warn(
                    "the key set at {} cannot be read ({}); {}",
                    address,
                    unreadable.toString(),
                    old.isEmpty() ? "its tokens are refused" : "the one read before goes on");
            keep(address, new Known(old, known == null ? now : known.readAtNs, now));
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
                    .connectTimeout(readMax)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
            client = mine;
        }
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(readMax)
                .header("Accept", "application/jwk-set+json, application/json")
                .build();
        CompletableFuture<HttpResponse<byte[]>> sent = mine.sendAsync(
                request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), SET_BYTES_MAX));
        try {
            // The client's own timeout ends with the answer's head, and a body may drip for ever.
            HttpResponse<byte[]> response = sent.get(readMax.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() != 200) {
                throw new IOException("status " + response.statusCode() + ", wanted 200");
            }
            return checked(new String(response.body(), StandardCharsets.UTF_8));
        } catch (TimeoutException late) {
            throw new IOException("no complete answer within " + readMax.toMillis() + " ms", late);
        } catch (ExecutionException failed) {
            throw new IOException(String.valueOf(failed.getCause()), failed);
        } finally {
            sent.cancel(true);
        }
    }

    // What is no JSON object at all takes the place of nothing that was read before.
    private static String checked(String text) throws IOException {
        try {
            JSONObjectUtils.parse(text);
            return text;
        } catch (ParseException noObject) {
            throw new IOException("the answer is no JSON object", noObject);
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

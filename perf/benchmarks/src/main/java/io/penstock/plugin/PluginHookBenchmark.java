package io.penstock.plugin;

import io.penstock.config.JsonText;
import io.penstock.config.PluginFilterConfig;
import io.penstock.plugin.js.Hook;
import io.penstock.spi.EndpointView;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PluginLibrary.PluginTrialRequest;
import io.penstock.spi.PluginRefusedException;
import io.penstock.spi.RequestView;
import io.penstock.spi.ResponseView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a hook costs between the call of the filter and its verdict, with everything that is always on: budgets, the
 * watchdog, the meters. The script checks a token and sets a header; the exchange around it is a sample.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 10, time = 2)
@Measurement(iterations = 5, time = 2)
public class PluginHookBenchmark {
    private static final String SCRIPT = """
            export default {
              onRequest(req, ctx) {
                if (req.headers.get('authorization') !== 'Bearer sample-token') return ctx.reject(401, 'no-token');
              },
              onResponse(res) {
                res.headers.set('x-checked', 'yes');
              },
              onUpstreamRequest() {},
            };
            """;
    private static final String MANIFEST =
            "{\"name\": \"sample\", \"version\": \"1.0.0\", \"api\": 1, \"entry\": \"main.mjs\"}";

    private final JavaScriptLibrary library = new JavaScriptLibrary(ScriptOptions.DEFAULT);
    private final Filter filter;
    private final OfflineExchange exchange;
    private final EndpointView endpoint = new OfflineEndpoint("sample", "192.0.2.2:80", 1);
    private final RequestView request;
    private final ResponseView response;

    /** Opens a plugin as a worker would have it. */
    public PluginHookBenchmark() {
        PluginTrialRequest sample = new PluginTrialRequest(
                "",
                "",
                "",
                "{}",
                "GET",
                "/orders/7",
                List.of(
                        Map.entry("host", "shop.example"),
                        Map.entry("accept", "*/*"),
                        Map.entry("authorization", "Bearer sample-token")),
                new byte[0],
                200,
                List.of(Map.entry("content-type", "application/json")),
                new byte[0]);
        filter = opened(library);
        SampleExchange asked = new SampleExchange(new SampleWorker(), sample, Hook.ON_RESPONSE);
        exchange = asked.call();
        request = exchange.request();
        response = Objects.requireNonNull(asked.subject(Hook.ON_RESPONSE).response());
    }

    private static Filter opened(JavaScriptLibrary library) {
        try {
            library.add(library.check(zip(Map.of("plugin.json", MANIFEST, "main.mjs", SCRIPT))));
            PluginFilterConfig entry = new PluginFilterConfig(
                    "sample@1",
                    Optional.empty(),
                    Optional.of(new JsonText("{}")),
                    Optional.empty(),
                    Optional.empty(),
                    true);
            return library.filters().prepare(entry).open(new WorkerId(0, 1));
        } catch (IOException | PluginRefusedException | FilterRefusedException refused) {
            throw new IllegalStateException(refused);
        }
    }

    private static byte[] zip(Map<String, String> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    /** Ends what was opened. */
    @TearDown
    public void close() {
        library.close();
    }

    /** A hook that does nothing: what the way there and back costs, the least that any hook can. */
    @Benchmark
    public Verdict nothing() {
        exchange.attach(null);
        return filter.onUpstreamRequest(request, endpoint, exchange);
    }

    /** A token is checked. */
    @Benchmark
    public Verdict request() {
        exchange.attach(null);
        return filter.onRequest(request, exchange);
    }

    /** A token is checked and a response header set: what a request costs. */
    @Benchmark
    public Verdict requestAndResponse() {
        exchange.attach(null);
        filter.onRequest(request, exchange);
        response.fields().reset();
        return filter.onResponse(response, exchange);
    }
}

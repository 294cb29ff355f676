package io.penstock.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.UpstreamTlsConfig;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Outbound;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Documents of issuers that behave, and of those that do not, as one worker after another asks for them. */
final class IssuerDocumentsTest {
    private static final Duration TTL = Duration.ofMinutes(10);
    private static final String SET = "{\"keys\":[]}";
    private static final URI ADDRESS = URI.create("https://keys.example/set?a=1");

    private final IssuerDocuments documents = new IssuerDocuments();
    private final StandInWorker worker = new StandInWorker(0);
    private final List<KeySets.Document> heard = new ArrayList<>();

    /** A worker whose requests and posted tasks the test lets happen. */
    private static final class StandInWorker implements FilterWorker, Outbound {
        private final WorkerId id;
        private final Queue<Runnable> posted = new ArrayDeque<>();
        private final List<Request> sent = new ArrayList<>();
        private final Queue<Listener> listeners = new ArrayDeque<>();
        private final Map<Class<?>, Object> kept = new HashMap<>();
        private long nowNs = 1;

        StandInWorker(int index) {
            this.id = new WorkerId(index, 2);
        }

        void run() {
            while (!posted.isEmpty()) {
                posted.remove().run();
            }
        }

        void answer(int status, String body) {
            listeners.remove().responded(new Response(status, List.of(), body.getBytes(StandardCharsets.UTF_8)));
            run();
        }

        void fail(String reason, String detail) {
            listeners.remove().failed(reason, detail);
            run();
        }

        void pass(Duration time) {
            nowNs += time.toNanos();
        }

        @Override
        public Call send(Request request, Listener listener) {
            sent.add(request);
            listeners.add(listener);
            return () -> {};
        }

        @Override
        public WorkerId id() {
            return id;
        }

        @Override
        public long nowNs() {
            return nowNs;
        }

        @Override
        public Scheduled schedule(long delayNs, Runnable task) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void resume(long ticket, Verdict verdict) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void post(Runnable task) {
            posted.add(task);
        }

        @Override
        public long epochMs() {
            return nowNs / 1_000_000;
        }

        @Override
        public Outbound outbound() {
            return this;
        }

        @Override
        public <T> T kept(Class<T> type, Supplier<T> make) {
            return type.cast(kept.computeIfAbsent(type, absent -> make.get()));
        }

        @Override
        public long tryAcquire(String limit, String key) {
            throw new UnsupportedOperationException();
        }
    }

    private void ask(boolean isMissing) {
        ask(worker, Optional.of(UpstreamTlsConfig.usual()), isMissing);
    }

    private void ask(StandInWorker asker, Optional<UpstreamTlsConfig> tls, boolean isMissing) {
        int before = heard.size();
        documents.ask(asker, ADDRESS, tls, TTL, isMissing, heard::add);
        assertThat(heard).as("heard inside ask").hasSize(before);
        asker.run();
    }

    private KeySets.Document last() {
        return heard.getLast();
    }

    private void assertRefused(Runnable answer, String code, String why) {
        ask(false);
        answer.run();
        assertThat(last()).isEqualTo(new KeySets.Document("", code, why));
        // Nobody asks it at once again.
        ask(false);
        assertThat(last().fault()).isEqualTo(why);
        assertThat(worker.sent).hasSize(1);
        worker.pass(Duration.ofSeconds(11));
        ask(false);
        worker.answer(200, SET);
        assertThat(last()).isEqualTo(KeySets.Document.read(SET));
    }

    @Test
    void oneThatIsThereIsReadOnceInItsTime() {
        ask(false);
        worker.answer(200, SET);
        assertThat(last()).isEqualTo(KeySets.Document.read(SET));
        worker.pass(Duration.ofMinutes(9));
        ask(false);
        assertThat(heard).hasSize(2);
        assertThat(worker.sent).hasSize(1);

        worker.pass(Duration.ofMinutes(2));
        ask(false);
        assertThat(worker.sent).hasSize(2);
    }

    @Test
    void isAskedForAsItsAddressSays() {
        ask(false);

        Outbound.Request request = worker.sent.getFirst();
        assertThat(request.host()).isEqualTo("keys.example");
        assertThat(request.port()).isEqualTo(443);
        assertThat(request.target()).isEqualTo("/set?a=1");
        assertThat(request.tls()).contains(UpstreamTlsConfig.usual());
    }

    @Test
    void manyWhoAskAreOneRequest() {
        for (int i = 0; i < 5; i++) {
            ask(false);
        }
        assertThat(heard).isEmpty();
        worker.answer(200, SET);

        assertThat(heard).hasSize(5);
        assertThat(worker.sent).hasSize(1);
    }

    @Test
    void isReadByEachWorkerAndByEachWayToSpeakTls() {
        StandInWorker other = new StandInWorker(1);
        ask(false);
        ask(other, Optional.of(UpstreamTlsConfig.usual()), false);
        ask(worker, Optional.of(UpstreamTlsConfig.usual().believing("own")), false);

        assertThat(worker.sent).hasSize(2);
        assertThat(other.sent).hasSize(1);
    }

    @Test
    void anHttpsAddressIsNeverAskedInClearText() {
        ask(worker, Optional.empty(), false);

        assertThat(worker.sent).isEmpty();
        assertThat(last().fault()).contains("cannot be asked");
    }

    @Test
    void aKeyThatIsMissingHasItReadAgainButNotAtOnce() {
        ask(false);
        worker.answer(200, SET);
        for (int i = 0; i < 5; i++) {
            ask(true);
        }
        assertThat(worker.sent).hasSize(1);

        worker.pass(Duration.ofSeconds(11));
        ask(true);
        assertThat(worker.sent).hasSize(2);
    }

    @Test
    void anErrorIsNoSet() {
        assertRefused(() -> worker.answer(500, SET), "wrong-status", "status 500, wanted 200");
    }

    @Test
    void aRedirectIsNotFollowed() {
        assertRefused(() -> worker.answer(302, ""), "wrong-status", "status 302, wanted 200");
    }

    @Test
    void whatIsNoJsonIsNoSet() {
        assertRefused(() -> worker.answer(200, "<html>" + SET), "no-json", "the answer is no JSON object");
    }

    @Test
    void whyThereWasNoAnswerIsTold() {
        assertRefused(
                () -> worker.fail("upstream-tls-name", "The name is another."),
                "upstream-tls-name",
                "The name is another.");
    }

    @Test
    void oneThatIsGoneServesAsItWasUntilItIsBack() {
        ask(false);
        worker.answer(200, SET);
        worker.pass(TTL.plusSeconds(1));
        ask(false);
        worker.answer(503, "");
        assertThat(last()).isEqualTo(new KeySets.Document(SET, "wrong-status", "status 503, wanted 200"));
        for (int i = 0; i < 5; i++) {
            ask(true);
            assertThat(last().text()).isEqualTo(SET);
        }
        assertThat(worker.sent).hasSize(2);

        worker.pass(Duration.ofSeconds(11));
        ask(false);
        worker.answer(200, "{\"keys\":[1]}");
        assertThat(last()).isEqualTo(KeySets.Document.read("{\"keys\":[1]}"));
    }
}

package io.penstock.admin.ocsp;

import io.penstock.admin.acme.Backoff;
import io.penstock.config.CertificateConfig;
import io.penstock.config.CertificateFacts;
import io.penstock.config.PemText;
import io.penstock.config.ProxyConfig;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks authorities for the state of certificates that say {@code fetchOcsp}, one after the other, again at half of an answer's time, and each five
 * days at least. A good
 * answer is kept as long as it counts, whatever comes of the next questions; one that counts no more is not shown.
 */
final class Staples implements StatusPort {
    private static final Logger LOG = LoggerFactory.getLogger(Staples.class);

    /** A responder that answers for years ahead is asked as often all the same: else nobody hears of a revocation. */
    static final Duration PAUSE_MAX = Duration.ofDays(5);

    private final Supplier<ProxyConfig> config;
    private final Responder responder;
    private final Consumer<Map<String, byte[]>> shown;
    private final Clock clock;
    private final RandomGenerator random;

    // Guarded by this; by fingerprint, so that a renewed certificate is another one.
    private final Map<String, State> states = new HashMap<>();

    private static final class State {
        Optional<StatusAnswer> answer = Optional.empty();
        Instant nextAttempt;
        Optional<String> lastError = Optional.empty();
        int failures;

        State(Instant first) {
            nextAttempt = first;
        }
    }

    /** @param shown told of all that is to be stapled, whenever that is something else */
    Staples(
            Supplier<ProxyConfig> config,
            Responder responder,
            Consumer<Map<String, byte[]>> shown,
            Clock clock,
            RandomGenerator random) {
        this.config = config;
        this.responder = responder;
        this.shown = shown;
        this.clock = clock;
        this.random = random;
    }

    /** Asks what is due. Waits for answers; one thread. */
    void look() throws InterruptedException {
        Map<String, CertificateConfig> wanted = new LinkedHashMap<>();
        for (CertificateConfig certificate : config.get().certificates()) {
            if (certificate.fetchOcsp() && certificate.enabled() && certificate.hasPair()) {
                wanted.put(CertificateFacts.of(chain(certificate).getFirst()).fingerprint(), certificate);
            }
        }
        drop(wanted.keySet());
        for (Map.Entry<String, CertificateConfig> each : wanted.entrySet()) {
            // At once: others' responders may have to be waited for.
            if (look(each.getValue().name(), each.getKey(), chain(each.getValue()))) {
                shown.accept(all());
            }
            drop(wanted.keySet());
        }
    }

    /** Forgets what is not wanted any more, and what counts no more. */
    private void drop(Set<String> wanted) {
        boolean isOther;
        synchronized (this) {
            isOther = states.keySet().retainAll(wanted);
            Instant now = clock.instant();
            for (State state : states.values()) {
                if (state.answer.isPresent() && !state.answer.get().until().isAfter(now)) {
                    state.answer = Optional.empty();
                    isOther = true;
                }
            }
        }
        if (isOther) {
            shown.accept(all());
        }
    }

    private static List<X509Certificate> chain(CertificateConfig certificate) {
        try {
            return certificate.chain();
        } catch (PemText.Unreadable unreadable) {
            throw new IllegalStateException("what is served was read before", unreadable);
        }
    }

    /** Whether there is another answer now. */
    private boolean look(String name, String fingerprint, List<X509Certificate> chain) throws InterruptedException {
        Instant now = clock.instant();
        State state;
        synchronized (this) {
            state = states.computeIfAbsent(fingerprint, any -> new State(now));
            if (now.isBefore(state.nextAttempt)) {
                return false;
            }
        }
        try {
            StatusAnswer answer = ask(chain);
            synchronized (this) {
                state.answer = Optional.of(answer);
                state.failures = 0;
                state.lastError = Optional.empty();
                Duration half = Duration.between(now, answer.until()).dividedBy(2);
                state.nextAttempt = now.plus(half.compareTo(PAUSE_MAX) < 0 ? half : PAUSE_MAX);
            }
            return true;
        } catch (StatusUnknown unknown) {
            boolean wasGood;
            synchronized (this) {
                wasGood = state.answer.isPresent() && unknown.isRevoked();
                if (wasGood) {
                    state.answer = Optional.empty();
                }
                state.failures++;
                state.lastError = Optional.of(String.valueOf(unknown.getMessage()));
                state.nextAttempt = now.plus(Backoff.after(state.failures, random));
            }
            LOG.warn(
                    unknown.isRevoked()
                            ? "certificate \"{}\" is not called good by its authority, {}. time in a row; nothing is stapled: {}"
                            : "the state of certificate \"{}\" is not known, {}. time in a row; what was known is shown as long as it counts: {}",
                    name,
                    state.failures,
                    unknown.getMessage());
            return wasGood;
        }
    }

    private StatusAnswer ask(List<X509Certificate> chain) throws StatusUnknown, InterruptedException {
        try {
            StatusQuestion question = StatusQuestion.about(chain);
            return question.read(responder.ask(question.responder(), question.request()), clock.instant());
        } catch (RuntimeException odd) {
            // What a certificate or a URL in it makes a library throw: others' questions have to be asked all the same.
            throw new StatusUnknown("no answer can be had: " + odd, odd);
        }
    }

    private synchronized Map<String, byte[]> all() {
        Map<String, byte[]> all = new HashMap<>();
        states.forEach(
                (fingerprint, state) -> state.answer.ifPresent(answer -> all.put(fingerprint, answer.response())));
        return all;
    }

    @Override
    public Optional<Stapling> of(CertificateConfig certificate) {
        if (!certificate.fetchOcsp() || !certificate.hasPair()) {
            return Optional.empty();
        }
        String fingerprint = CertificateFacts.of(chain(certificate).getFirst()).fingerprint();
        synchronized (this) {
            State state = states.get(fingerprint);
            return Optional.of(
                    state == null
                            ? new Stapling(Optional.empty(), Optional.empty(), Optional.empty())
                            : new Stapling(
                                    state.answer.map(StatusAnswer::until),
                                    Optional.of(state.nextAttempt),
                                    state.lastError));
        }
    }
}

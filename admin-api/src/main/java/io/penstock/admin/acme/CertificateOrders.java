package io.penstock.admin.acme;

import io.penstock.config.AcmeAccountConfig;
import io.penstock.config.CaBundleConfig;
import io.penstock.config.CertificateAcmeConfig;
import io.penstock.config.CertificateConfig;
import io.penstock.config.PemText;
import io.penstock.config.ProxyConfig;
import io.penstock.config.SecretValue;
import io.penstock.metrics.SampleSource;
import io.penstock.spi.CredentialSecrets;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has authorities issue what the configuration wants to be issued, and issue it anew before it ends. One thread looks each second what is
 * due; each order is a virtual thread of its own, at most {@value #ORDERS_MAX} at once. Only whoever has the store orders.
 *
 * <p>What fails is tried again after a while that grows ({@link Backoff}); what is served meanwhile stays.
 */
public final class CertificateOrders implements CertificateIssuance {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateOrders.class);

    /** Orders under way at once. */
    static final int ORDERS_MAX = 4;

    /** How long after an order an operator may ask for the next. */
    static final Duration WISH_PAUSE = Duration.ofSeconds(10);

    private static final Duration REWRITE_PAUSE = Duration.ofSeconds(30);

    /** The longest that an authority is left alone for its own wish: what is served may end meanwhile. */
    static final Duration WISHED_PAUSE_MAX = Duration.ofDays(7);

    private final OrderBook book;
    private final Authority authority;
    private final CredentialSecrets vault;
    private final Function<String, Optional<String>> secrets;
    private final Clock clock;
    private final RandomGenerator random;
    private final Executor threads;
    private final OrderMemory memory;
    private final OrderSamples samples = new OrderSamples(this::failing);

    // Guarded by this.
    private final Map<String, OrderMemory.Failure> remembered;
    private final Map<String, OrderState> states = new HashMap<>();
    private int underWay;
    private boolean isStopped;

    /**
     * None yet.
     *
     * @param secrets the values of secrets by name
     * @param threads runs orders, which wait
     * @param memory what failed before this process, and what does now
     */
    CertificateOrders(
            OrderBook book,
            Authority authority,
            CredentialSecrets vault,
            Function<String, Optional<String>> secrets,
            Clock clock,
            RandomGenerator random,
            Executor threads,
            OrderMemory memory) {
        this.book = book;
        this.authority = authority;
        this.vault = vault;
        this.secrets = secrets;
        this.clock = clock;
        this.random = random;
        this.threads = threads;
        this.memory = memory;
        this.remembered = memory.read();
    }

    /** What is counted of them. */
    public SampleSource samples() {
        return samples;
    }

    /** Begins what is due. */
    void look() {
        ProxyConfig config = book.config();
        Instant now = clock.instant();
        Set<String> wanted = new HashSet<>();
        for (CertificateConfig certificate : config.certificates()) {
            if (certificate.acme().isPresent()) {
                wanted.add(certificate.name());
                look(certificate, certificate.acme().get(), config, now);
            }
        }
        synchronized (this) {
            states.entrySet().removeIf(each -> !wanted.contains(each.getKey()) && !each.getValue().isUnderWay);
            remembered.keySet().retainAll(wanted);
        }
    }

    private synchronized void look(
            CertificateConfig certificate, CertificateAcmeConfig wanted, ProxyConfig config, Instant now) {
        OrderState state = state(certificate.name(), wanted);
        if (state.isUnderWay || isStopped || underWay >= ORDERS_MAX) {
            return;
        }
        if (!state.wanted.equals(wanted)) {
            state.begin(wanted);
        }
        Optional<AcmeAccountConfig> account = account(certificate, config);
        boolean isPaused = state.nextAttempt.isPresent() && now.isBefore(state.nextAttempt.get());
        boolean isDue = state.isAskedFor
                || state.unwritten.isPresent()
                || RenewalTime.of(certificate, wanted).stream().noneMatch(now::isBefore);
        if (account.isEmpty() || !isDue || (isPaused && !state.isAskedFor)) {
            return;
        }
        state.isAskedFor = false;
        state.isUnderWay = true;
        state.lastAttempt = Optional.of(now);
        underWay++;
        String name = certificate.name();
        threads.execute(() -> run(name, state, wanted, account.get(), config));
    }

    private OrderState state(String name, CertificateAcmeConfig wanted) {
        return states.computeIfAbsent(name, any -> {
            OrderState begun = new OrderState(wanted);
            OrderMemory.Failure before = remembered.remove(name);
            if (before != null && before.wanted().equals(wanted.toString())) {
                begun.failures = before.failures();
                begun.nextAttempt = Optional.of(before.nextAttempt());
                begun.lastError = Optional.of(before.lastError());
            }
            return begun;
        });
    }

    private void remember() {
        if (isStopped) {
            // The folder may be another process's by now.
            return;
        }
        // With those that this process has not come to yet.
        Map<String, OrderMemory.Failure> failures = new TreeMap<>(remembered);
        states.forEach((name, state) -> {
            if (state.failures > 0 && state.nextAttempt.isPresent()) {
                failures.put(
                        name,
                        new OrderMemory.Failure(
                                state.wanted.toString(),
                                state.failures,
                                state.nextAttempt.get(),
                                state.lastError.orElse("")));
            }
        });
        memory.write(failures);
    }

    private static Optional<AcmeAccountConfig> account(CertificateConfig certificate, ProxyConfig config) {
        return certificate
                .acme()
                .filter(acme -> certificate.enabled())
                .flatMap(acme -> config.acmeAccounts().find(acme.account()))
                .filter(AcmeAccountConfig::enabled);
    }

    private void run(
            String name,
            OrderState state,
            CertificateAcmeConfig wanted,
            AcmeAccountConfig account,
            ProxyConfig config) {
        boolean isOver = false;
        try {
            Optional<Issued> before;
            synchronized (this) {
                before = state.unwritten;
            }
            Issued issued = before.isPresent() ? before.get() : order(name, wanted, account, config);
            OrderBook.Entry entry = book.write(name, wanted, issued);
            isOver = true;
            ended(name, state, wanted, issued, entry);
        } catch (OrderFailed failed) {
            isOver = true;
            failed(name, state, failed);
        } catch (InterruptedException stopping) {
            // What is under way when the process stops is ordered anew by the next.
            isOver = true;
            ended(state);
        } catch (RuntimeException defect) {
            LOG.error("the order of certificate \"{}\" ended by a fault of ours", name, defect);
            if (!isOver) {
                isOver = true;
                failed(name, state, new OrderFailed("a fault of the gateway: " + defect, defect));
            }
        } finally {
            if (!isOver) {
                // An error of the virtual machine: for ever under way, it would take one of few places.
                failed(name, state, new OrderFailed("a fault of the gateway, told on its standard error"));
            }
        }
    }

    private Issued order(String name, CertificateAcmeConfig wanted, AcmeAccountConfig account, ProxyConfig config)
            throws OrderFailed, InterruptedException {
        LOG.info("certificate \"{}\" is ordered for {} at {}", name, wanted.names(), account.directory());
        return authority.order(name, wanted, opened(account, config));
    }

    private OrderAccount opened(AcmeAccountConfig account, ProxyConfig config) throws OrderFailed {
        try {
            return new OrderAccount(
                    account, AccountKey.read(text(account)), believed(account, config), externalKey(account));
        } catch (PemText.Unreadable unreadable) {
            throw new OrderFailed("account \"" + account.name() + "\": " + unreadable.getMessage(), unreadable);
        }
    }

    private String text(AcmeAccountConfig account) {
        return switch (account.key().orElseThrow()) {
            case SecretValue.Given given -> given.text();
            case SecretValue.Sealed sealed -> vault.open(sealed);
            case SecretValue.Kept kept -> throw new IllegalStateException("the key is not here");
            case SecretValue.Hashed hashed -> throw new IllegalStateException("the key cannot be read back");
        };
    }

    private static List<X509Certificate> believed(AcmeAccountConfig account, ProxyConfig config)
            throws PemText.Unreadable {
        Optional<CaBundleConfig> bundle =
                account.caBundle().flatMap(name -> config.caBundles().find(name));
        return bundle.isPresent() ? bundle.get().authorities() : List.of();
    }

    private Optional<String> externalKey(AcmeAccountConfig account) throws OrderFailed {
        if (account.externalAccount().isEmpty()) {
            return Optional.empty();
        }
        String name = account.externalAccount().get().secret().secret();
        Optional<String> value = secrets.apply(name);
        if (value.isEmpty()) {
            throw new OrderFailed("secret \"" + name + "\" of the external account is disabled");
        }
        return value;
    }

    private synchronized void ended(
            String name, OrderState state, CertificateAcmeConfig wanted, Issued issued, OrderBook.Entry entry) {
        boolean isFirst = state.unwritten.isEmpty();
        if (isFirst) {
            samples.ended(true);
        }
        if (entry == OrderBook.Entry.WRITTEN && isDueAtOnce(name, wanted)) {
            // Ordered again and again, it would soon have the authority refuse everything.
            failed(
                    name,
                    state,
                    new OrderFailed("what the authority issued is due again at once: it is for other names, or counts"
                            + " for too short a time by this machine's clock"));
            return;
        }
        boolean hadFailed = state.failures > 0;
        state.failures = 0;
        state.lastError = Optional.empty();
        state.nextAttempt = Optional.empty();
        state.unwritten = Optional.empty();
        if (entry == OrderBook.Entry.LATER) {
            state.unwritten = Optional.of(issued);
            state.nextAttempt = Optional.of(clock.instant().plus(REWRITE_PAUSE));
            LOG.warn(
                    "certificate \"{}\" is issued and cannot be written now; that is tried again each {} s",
                    name,
                    REWRITE_PAUSE.toSeconds());
        } else {
            LOG.info("certificate \"{}\" is issued for {}", name, wanted.names());
        }
        if (hadFailed) {
            remember();
        }
        ended(state);
    }

    private boolean isDueAtOnce(String name, CertificateAcmeConfig wanted) {
        Instant now = clock.instant();
        return book.config()
                .certificates()
                .find(name)
                .filter(written -> written.acme().equals(Optional.of(wanted)))
                .filter(written -> RenewalTime.of(written, wanted).stream().noneMatch(now::isBefore))
                .isPresent();
    }

    private synchronized void failed(String name, OrderState state, OrderFailed why) {
        if (isStopped) {
            // Cut off by the end of the process, however the library has told of that: no failure of the authority's.
            ended(state);
            return;
        }
        samples.ended(false);
        Instant now = clock.instant();
        state.failures++;
        state.unwritten = Optional.empty();
        state.lastError = Optional.of(String.valueOf(why.getMessage()));
        Instant next = now.plus(Backoff.after(state.failures, random));
        Instant latest = now.plus(WISHED_PAUSE_MAX);
        Instant wished = why.notBefore()
                .map(wish -> wish.isBefore(latest) ? wish : latest)
                .orElse(next);
        state.nextAttempt = Optional.of(wished.isAfter(next) ? wished : next);
        LOG.warn(
                "certificate \"{}\" was not issued, {}. time in a row; next try at {}: {}",
                name,
                state.failures,
                state.nextAttempt.get(),
                why.getMessage());
        remember();
        ended(state);
    }

    private synchronized void ended(OrderState state) {
        state.isUnderWay = false;
        underWay--;
    }

    /** Begins no more. */
    synchronized void stop() {
        isStopped = true;
    }

    private synchronized Map<String, Integer> failing() {
        Map<String, Integer> failing = new TreeMap<>();
        states.forEach((name, state) -> failing.put(name, state.failures));
        return failing;
    }

    // ---- for operators ----

    @Override
    public synchronized Optional<Issuance> of(CertificateConfig certificate) {
        if (certificate.acme().isEmpty()) {
            return Optional.empty();
        }
        CertificateAcmeConfig wanted = certificate.acme().get();
        Optional<Instant> renewAt = RenewalTime.of(certificate, wanted);
        OrderState state = state(certificate.name(), wanted);
        boolean isOrdered = account(certificate, book.config()).isPresent();
        return Optional.of(new Issuance(
                shown(certificate, state, isOrdered),
                state.failures,
                renewAt,
                isOrdered && !state.isUnderWay ? next(state, renewAt) : Optional.empty(),
                state.lastAttempt,
                state.lastError));
    }

    private Optional<Instant> next(OrderState state, Optional<Instant> renewAt) {
        return state.nextAttempt.or(() -> renewAt).or(() -> Optional.of(clock.instant()));
    }

    private static Issuance.State shown(CertificateConfig certificate, OrderState state, boolean isOrdered) {
        if (state.isUnderWay) {
            return Issuance.State.ORDERING;
        }
        if (!isOrdered) {
            return Issuance.State.DISABLED;
        }
        if (state.unwritten.isPresent()) {
            return Issuance.State.UNWRITTEN;
        }
        if (state.failures > 0) {
            return Issuance.State.FAILING;
        }
        return certificate.hasPair() ? Issuance.State.VALID : Issuance.State.PENDING;
    }

    @Override
    public synchronized Renewal renew(CertificateConfig certificate) {
        if (account(certificate, book.config()).isEmpty()) {
            return new Renewal.NotOrdered();
        }
        OrderState state = state(certificate.name(), certificate.acme().orElseThrow());
        if (state.isUnderWay || state.isAskedFor) {
            return new Renewal.UnderWay();
        }
        Duration since = state.lastAttempt
                .map(last -> Duration.between(last, clock.instant()))
                .orElse(WISH_PAUSE);
        if (since.compareTo(WISH_PAUSE) < 0) {
            return new Renewal.TooSoon(WISH_PAUSE.minus(since));
        }
        state.isAskedFor = true;
        return new Renewal.Begins();
    }
}

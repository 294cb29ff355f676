package io.penstock.admin.access;

import io.penstock.admin.store.AuditEvent;
import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.KeptAnswer;
import io.penstock.admin.store.TokenRecord;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may administer this instance: recognises tokens, makes and revokes them.
 *
 * <p>There is no default credential. A process without an active admin token makes a setup token, good for one thing: to be
 * exchanged for the first admin token.
 *
 * <p>Any thread but a worker. {@link #authenticate} never waits for the disk; what changes tokens does, and is durable when
 * it returns, or throws {@link io.penstock.admin.store.StoreRefused}.
 */
public final class AccessControl implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AccessControl.class);
    private static final long USED_FLUSH_NS = Duration.ofMinutes(1).toNanos();
    private static final int SECRET_CHARS_MAX = 512;
    private static final String ORIGIN_ISSUED = "issued";
    private static final String ORIGIN_CLAIMED = "claimed";
    private static final String ORIGIN_FILE = "file";

    private final ConfigStore store;
    private final SetupToken setup;
    private final Roles roles;
    private final Clock clock;
    private final LongSupplier nanoClock;
    private final SecureRandom random;
    private final FailedAttempts failedAttempts = new FailedAttempts();
    private final Map<String, Instant> used = new ConcurrentHashMap<>();

    // Replaced as a whole under the lock; readers see one or the other.
    private volatile Map<String, TokenRecord> byDigest = Map.of();
    private volatile long usedFlushedNs;

    private AccessControl(
            ConfigStore store, SetupToken setup, Clock clock, LongSupplier nanoClock, SecureRandom random) {
        this.store = store;
        this.setup = setup;
        this.roles = Roles.open(store, clock);
        this.clock = clock;
        this.nanoClock = nanoClock;
        this.random = random;
        this.usedFlushedNs = nanoClock.getAsLong();
    }

    /** Reads the tokens of the store. */
    public static AccessControl open(
            ConfigStore store, DataFolder folder, Clock clock, LongSupplier nanoClock, SecureRandom random) {
        AccessControl access = new AccessControl(store, new SetupToken(folder, random), clock, nanoClock, random);
        Map<String, TokenRecord> tokens = new HashMap<>();
        store.tokens().all().forEach(token -> tokens.put(token.digest(), token));
        access.byDigest = Map.copyOf(tokens);
        return access;
    }

    /**
     * Says who presents this token.
     *
     * @param bearer the token, without the word {@code Bearer}; empty if there was none
     * @param source the address it came from
     */
    public AuthResult authenticate(Optional<String> bearer, String source) {
        if (bearer.isEmpty()) {
            return new AuthResult.Refused(AuthResult.Why.MISSING);
        }
        long nowNs = nanoClock.getAsLong();
        String secret = bearer.get();
        boolean possible = secret.length() <= SECRET_CHARS_MAX;
        String digest = possible ? SecretText.digest(secret) : "";
        long waitNs = failedAttempts.waitNs(source, digest, nowNs);
        if (waitNs > 0) {
            return new AuthResult.Throttled(Duration.ofNanos(waitNs));
        }
        TokenRecord token = byDigest.get(digest);
        if (token == null || !SecretText.matches(token, digest)) {
            if (possible && setup.matches(secret)) {
                return new AuthResult.Recognised(new Principal("setup-token", "setup", List.of(), List.of(), true));
            }
            return refuse(AuthResult.Why.UNKNOWN, Optional.empty(), source, nowNs);
        }
        Instant now = clock.instant();
        if (token.revoked().isPresent()) {
            return refuse(AuthResult.Why.REVOKED, Optional.of(token), source, nowNs);
        }
        if (!token.isActive(now)) {
            return refuse(AuthResult.Why.EXPIRED, Optional.of(token), source, nowNs);
        }
        failedAttempts.succeeded(source, digest, nowNs);
        noteUse(token, now, nowNs);
        return new AuthResult.Recognised(principal(token));
    }

    /**
     * Takes over the content of {@code --admin-token-file} as a token that may do everything. It stays valid on later
     * starts, with or without the file, until it is revoked.
     *
     * <p>A secret that is a token already keeps the rights it has: whoever gave it out, perhaps to many, gave no more.
     *
     * @return why not: the process should not start then; empty if it is valid now
     */
    public synchronized Optional<String> adoptTokenFile(String content) {
        String secret = content.strip();
        Optional<String> unfit = AdminTokenFile.unfit(secret);
        if (unfit.isPresent()) {
            return unfit;
        }
        TokenRecord known = byDigest.get(SecretText.digest(secret));
        if (known != null) {
            return AdminTokenFile.whyNoAdmin(known, principal(known).isAdmin(), clock.instant());
        }
        TokenRecord token = new TokenRecord(
                SecretText.makeId(random),
                "admin-token-file",
                SecretText.digest(secret),
                List.of(Role.ADMIN.name()),
                List.of(),
                ORIGIN_FILE,
                Optional.empty(),
                clock.instant(),
                "command",
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        keep(token, event("command", Optional.empty(), "token.adopt", token, "from the admin token file"));
        setup.discard();
        return Optional.empty();
    }

    /**
     * Makes sure that someone can get in: without an active admin token there is a setup token. Call once at start, after
     * {@link #adoptTokenFile}.
     *
     * @return the setup token to be printed, or empty if none is needed
     */
    public synchronized Optional<String> setupToken() {
        if (hasOtherAdmin("")) {
            setup.discard();
            return Optional.empty();
        }
        return Optional.of(setup.readOrMake());
    }

    /** Exchanges the setup token for the first admin token. The setup token dies with it. */
    public synchronized TokenResult claim(String source, NewToken wish) {
        if (!setup.isOpen()) {
            return new TokenResult.NothingToClaim();
        }
        NewToken admin =
                new NewToken(wish.name(), List.of(Role.ADMIN.name()), List.of(), wish.expiresIn(), wish.note());
        TokenResult result =
                make(admin, "setup-token", source, ORIGIN_CLAIMED, "token.claim", issued -> Optional.empty());
        if (result instanceof TokenResult.Issued) {
            setup.discard();
        }
        return result;
    }

    /** Makes a token. */
    public TokenResult issue(Principal by, String source, NewToken wish) {
        return issue(by, source, wish, issued -> Optional.empty());
    }

    /**
     * Makes a token whose answer can be given again.
     *
     * @param keep the answer to store in one transaction with the token
     */
    public synchronized TokenResult issue(
            Principal by, String source, NewToken wish, Function<TokenResult.Issued, Optional<KeptAnswer>> keep) {
        if (!by.tags().isEmpty() && (wish.tags().isEmpty() || !by.tags().containsAll(wish.tags()))) {
            return new TokenResult.Invalid(
                    "/tags", "a token cannot reach further than yours, which has the tags " + by.tags());
        }
        for (String name : wish.roles()) {
            Optional<Role> role = roles.named(name);
            if (role.isPresent() && !by.covers(role.get(), wish.tags())) {
                return new TokenResult.TooWide(name);
            }
        }
        return make(wish, by.actor(), source, ORIGIN_ISSUED, "token.issue", keep);
    }

    /** Revokes a token at once and for good. */
    public synchronized TokenResult revoke(Principal by, String source, String id) {
        Optional<TokenRecord> found = record(id);
        if (found.isEmpty()) {
            return new TokenResult.NotFound(id);
        }
        TokenRecord token = found.get();
        if (token.revoked().isPresent()) {
            return new TokenResult.Revoked(view(token));
        }
        if (principal(token).isAdmin() && token.isActive(clock.instant()) && !hasOtherAdmin(id)) {
            return new TokenResult.LastAdmin(id);
        }
        TokenRecord revoked = token.withRevoked(clock.instant());
        keep(revoked, event(by.actor(), Optional.of(source), "token.revoke", revoked, revoked.name()));
        return new TokenResult.Revoked(view(revoked));
    }

    /** Every token, oldest first. */
    public List<TokenView> tokens() {
        return byDigest.values().stream()
                .sorted(Comparator.comparing(TokenRecord::created).thenComparing(TokenRecord::id))
                .map(this::view)
                .toList();
    }

    public Optional<TokenView> token(String id) {
        return record(id).map(this::view);
    }

    /** Whether a token that was recognised is still good: a stream outlives the moment it was asked for. */
    public boolean isActive(String tokenId) {
        Instant now = clock.instant();
        return record(tokenId).map(token -> token.isActive(now)).orElse(false);
    }

    /** The roles that tokens may have. */
    public List<Role> roles() {
        return roles.all();
    }

    /** Makes a role, with the answer to be given again. */
    public synchronized RoleResult makeRole(Principal by, String source, Role role, Optional<KeptAnswer> answer) {
        return roles.make(by, source, role, answer);
    }

    /** Removes a role that no active token has. */
    public synchronized RoleResult removeRole(Principal by, String source, String name) {
        Instant now = clock.instant();
        List<String> users = byDigest.values().stream()
                .filter(token -> token.isActive(now) && token.roles().contains(name))
                .map(TokenRecord::id)
                .sorted()
                .toList();
        return roles.remove(by, source, name, users);
    }

    /** Notes on the disk when tokens were last used. Close before the store. */
    @Override
    public void close() {
        flushUses();
    }

    private TokenResult make(
            NewToken wish,
            String by,
            String source,
            String origin,
            String action,
            Function<TokenResult.Issued, Optional<KeptAnswer>> keeper) {
        Optional<TokenResult.Invalid> invalid = roles.check(wish, byDigest.size());
        if (invalid.isPresent()) {
            return invalid.get();
        }
        String secret = SecretText.make(SecretText.PREFIX, random);
        // As the store keeps it, so that what is answered now and later is the same.
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        TokenRecord token = new TokenRecord(
                SecretText.makeId(random),
                wish.name(),
                SecretText.digest(secret),
                wish.roles(),
                wish.tags(),
                origin,
                wish.note(),
                now,
                by,
                wish.expiresIn().map(now::plus),
                Optional.empty(),
                Optional.empty());
        TokenResult.Issued issued = new TokenResult.Issued(view(token), secret);
        keep(
                token,
                event(by, Optional.of(source), action, token, wish.name() + ": " + String.join(", ", wish.roles())),
                keeper.apply(issued));
        return issued;
    }

    private void keep(TokenRecord token, AuditEvent event) {
        keep(token, event, Optional.empty());
    }

    private void keep(TokenRecord token, AuditEvent event, Optional<KeptAnswer> answer) {
        store.tokens().put(token, event, answer);
        Map<String, TokenRecord> next = new HashMap<>(byDigest);
        next.put(token.digest(), token);
        byDigest = Map.copyOf(next);
    }

    private AuthResult refuse(AuthResult.Why why, Optional<TokenRecord> token, String source, long nowNs) {
        if (failedAttempts.failed(source, nowNs)) {
            AuditEvent line = new AuditEvent(
                    clock.instant(),
                    token.map(known -> "token:" + known.name()).orElse("anonymous"),
                    Optional.of(source),
                    "access.attempt",
                    token.map(known -> "/tokens/" + known.id()).orElse("/tokens"),
                    AuditEvent.Outcome.REFUSED,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(why.text()),
                    Optional.empty());
            store.audit().append(line).exceptionally(refused -> {
                LOG.error("A failed attempt from {} was not audited: {}", source, refused.getMessage());
                return null;
            });
        }
        return new AuthResult.Refused(why);
    }

    private void noteUse(TokenRecord token, Instant now, long nowNs) {
        used.put(token.id(), now);
        if (nowNs - usedFlushedNs > USED_FLUSH_NS) {
            usedFlushedNs = nowNs;
            flushUses();
        }
    }

    private void flushUses() {
        Map<String, Instant> uses = Map.copyOf(used);
        if (!uses.isEmpty()) {
            store.tokens().used(uses).exceptionally(refused -> {
                LOG.warn("When tokens were last used was not stored: {}", refused.getMessage());
                return null;
            });
        }
    }

    private Optional<TokenRecord> record(String id) {
        return byDigest.values().stream().filter(token -> token.id().equals(id)).findFirst();
    }

    private boolean hasOtherAdmin(String id) {
        Instant now = clock.instant();
        return byDigest.values().stream()
                .anyMatch(token -> !token.id().equals(id)
                        && token.isActive(now)
                        && principal(token).isAdmin());
    }

    // A role that is not there allows nothing.
    private Principal principal(TokenRecord token) {
        List<Role> found = new ArrayList<>();
        token.roles().forEach(name -> roles.named(name).ifPresent(found::add));
        return new Principal("token:" + token.name(), token.id(), found, token.tags(), false);
    }

    private AuditEvent event(String actor, Optional<String> source, String action, TokenRecord token, String detail) {
        return new AuditEvent(
                clock.instant(),
                actor,
                source,
                action,
                "/tokens/" + token.id(),
                AuditEvent.Outcome.APPLIED,
                Optional.empty(),
                token.note(),
                Optional.of(detail),
                Optional.empty());
    }

    private TokenView view(TokenRecord token) {
        return TokenView.of(token, Optional.ofNullable(used.get(token.id())), clock.instant());
    }
}

package io.penstock.filter;

import io.penstock.config.BasicAuthConfig;
import io.penstock.consumer.Base64Text;
import io.penstock.consumer.CredentialDigest;
import io.penstock.consumer.DigestKind;
import io.penstock.consumer.PasswordHash;
import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.spi.AuthenticatorProvider;
import io.penstock.spi.Credential;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The Basic scheme (RFC 7617). A password is compared with its slow hash on a thread of its own while the exchange waits;
 * afterwards the worker knows it by a fast digest, so that no worker ever computes a slow hash, and a user costs one for
 * each worker and password.
 *
 * <p>A name that nobody has takes the same way as one that somebody has, so that the time tells nothing.
 */
@WorkerConfined
public final class BasicAuthenticator implements Filter {
    private static final String AUTHORIZATION = "authorization";
    private static final String SCHEME = "basic ";
    private static final int TEXT_BYTES_MAX = 2048;
    private static final long WRONG_NS = 10_000_000_000L;

    private static final Verdict TWICE =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "there are two Authorization fields");
    private static final Verdict MALFORMED =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "Authorization is no user name and password in base64");
    private static final Verdict WRONG =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "nobody has this name and password");
    private static final Verdict EXPIRED = new Verdict.Failed(Reason.CREDENTIAL_EXPIRED, "the password has expired");
    private static final Verdict BUSY = new Verdict.Failed(Reason.AUTH_BUSY, "too many passwords wait to be checked");

    private final Executor slowly;
    private final boolean isHidden;
    private final String challenge;
    private final CredentialDigest digest;
    private final VerifiedPasswords verified = new VerifiedPasswords();
    private final byte[] pair = new byte[TEXT_BYTES_MAX];
    private final Set<Long> waiting = new HashSet<>();

    private BasicAuthenticator(BasicAuthConfig config, Executor slowly, byte[] processKey) {
        this.slowly = slowly;
        this.isHidden = config.hideCredential();
        this.challenge = "Basic realm=\"" + config.realm() + "\", charset=\"UTF-8\"";
        this.digest = new CredentialDigest(processKey);
    }

    /**
     * The provider of {@code type: basic}.
     *
     * @param slowly runs a check of a tenth of a second on another thread, or rejects it
     * @param processKey chosen by chance at the start, and never stored
     */
    public static AuthenticatorProvider provider(Executor slowly, byte[] processKey) {
        return Authenticator.provider(
                BasicAuthConfig.class, config -> () -> new BasicAuthenticator(config, slowly, processKey));
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        call.challenge(challenge);
        Fields fields = request.fields();
        int at = fields.find(AUTHORIZATION);
        if (at < 0) {
            return Verdict.CONTINUE;
        }
        int offset = fields.valueOffset(at);
        int length = fields.valueLength(at);
        if (!fields.valueStartsWithIgnoreCase(at, SCHEME)) {
            return Verdict.CONTINUE;
        }
        if (fields.find(AUTHORIZATION, at + 1) >= 0) {
            return TWICE;
        }
        int size = Base64Text.decode(fields.bytes(), offset + SCHEME.length(), length - SCHEME.length(), pair);
        int colon = 0;
        while (colon < size && pair[colon] != ':') {
            colon++;
        }
        if (size == Base64Text.MALFORMED || colon == size) {
            return MALFORMED;
        }
        if (isHidden) {
            fields.remove(AUTHORIZATION);
        }
        return check(call, size, colon);
    }

    private Verdict check(FilterCall call, int size, int colon) {
        FilterWorker worker = call.worker();
        Credential credential = worker.credentials().username(pair, 0, colon);
        String id = credential == null ? "" : credential.id();
        digest.digest(DigestKind.USERNAME, pair, 0, size);
        long high = digest.high();
        long low = digest.low();
        return switch (verified.ask(high, low, id, worker.nowNs())) {
            case RIGHT -> credential == null ? WRONG : admit(call, credential);
            case WRONG -> WRONG;
            case UNKNOWN -> {
                byte[] name = Arrays.copyOf(pair, colon);
                byte[] password = Arrays.copyOfRange(pair, colon + 1, size);
                Check check = new Check(call, worker, credential, name, password, high, low, call.suspend());
                try {
                    slowly.execute(check);
                } catch (RejectedExecutionException full) {
                    yield BUSY;
                }
                waiting.add(check.ticket);
                yield Verdict.SUSPENDED;
            }
        };
    }

    private static Verdict admit(FilterCall call, Credential credential) {
        if (credential.isExpired(call.worker().epochMs())) {
            return EXPIRED;
        }
        call.identify(credential);
        return Verdict.CONTINUE;
    }

    @Override
    public void cancelled(long ticket) {
        waiting.remove(ticket);
    }

    /** One password on its way to the slow thread and back. */
    private final class Check implements Runnable {
        private final FilterCall call;
        private final FilterWorker worker;
        private final @Nullable Credential credential;
        private final byte[] name;
        private final byte[] password;
        private final long high;
        private final long low;
        private final long ticket;

        Check(
                FilterCall call,
                FilterWorker worker,
                @Nullable Credential credential,
                byte[] name,
                byte[] password,
                long high,
                long low,
                long ticket) {
            this.call = call;
            this.worker = worker;
            this.credential = credential;
            this.name = name;
            this.password = password;
            this.high = high;
            this.low = low;
            this.ticket = ticket;
        }

        @Override
        public void run() {
            boolean isRight;
            try {
                boolean isSame =
                        PasswordHash.matches(credential == null ? PasswordHash.NOBODY : credential.proof(), password);
                isRight = isSame && credential != null;
            } catch (RuntimeException defect) {
                // Whoever waits must hear something, and what cannot be checked is not right.
                isRight = false;
            }
            Arrays.fill(password, (byte) 0);
            boolean right = isRight;
            worker.post(() -> checked(right));
        }

        // On the worker again. The call is good only as long as its exchange waits for this very check.
        private void checked(boolean isRight) {
            String id = credential == null ? "" : credential.id();
            verified.put(high, low, id, isRight, worker.nowNs() + WRONG_NS);
            if (!waiting.remove(ticket)) {
                return;
            }
            Verdict verdict = WRONG;
            if (isRight) {
                // A revision may have revoked it meanwhile.
                Credential present = worker.credentials().username(name, 0, name.length);
                verdict = present != null && present.id().equals(id) ? admit(call, present) : WRONG;
            }
            worker.resume(ticket, verdict);
        }
    }
}

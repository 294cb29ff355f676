package io.penstock.admin.acme;

import io.penstock.engine.DomainProof;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The proofs that orders under way want to be shown, together. Any thread that may wait. */
final class OpenProofs {
    private static final Duration SHOWN_MAX = Duration.ofSeconds(10);

    private final ProofPort port;

    // Guarded by this, so that what is shown last is what is open.
    private final Map<String, List<DomainProof>> open = new LinkedHashMap<>();

    OpenProofs(ProofPort port) {
        this.port = port;
    }

    /**
     * Shows one more for a certificate, until {@link #withdraw}; it is shown when this returns.
     *
     * @throws OrderFailed if it cannot be
     */
    void show(String certificate, DomainProof proof) throws OrderFailed, InterruptedException {
        CompletionStage<Void> everywhere;
        synchronized (this) {
            open.computeIfAbsent(certificate, any -> new ArrayList<>()).add(proof);
            everywhere = port.prove(all());
        }
        try {
            everywhere.toCompletableFuture().get(SHOWN_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new OrderFailed("the workers did not show the proof within " + SHOWN_MAX.toSeconds() + " s", late);
        } catch (ExecutionException failed) {
            throw new OrderFailed("the proof cannot be shown: " + failed.getCause(), failed);
        }
    }

    /** Shows none for a certificate any more. */
    synchronized void withdraw(String certificate) {
        if (open.remove(certificate) != null) {
            port.prove(all());
        }
    }

    private List<DomainProof> all() {
        return open.values().stream().flatMap(List::stream).toList();
    }
}

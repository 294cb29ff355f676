package io.penstock.admin.acme;

import io.penstock.admin.revision.ChangeAuthority;
import io.penstock.admin.revision.Edit;
import io.penstock.admin.revision.EditOperation;
import io.penstock.admin.revision.EditResult;
import io.penstock.admin.revision.RevisionPipeline;
import io.penstock.config.CertificateAcmeConfig;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ProxyConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** Writes what was issued as a revision, in a name of its own, so that it is served, told and taken back like any other change. */
final class RevisionOrderBook implements OrderBook {
    /** Who writes it. */
    static final String ACTOR = "acme";

    private static final Duration WRITE_MAX = Duration.ofMinutes(2);

    private final RevisionPipeline pipeline;

    RevisionOrderBook(RevisionPipeline pipeline) {
        this.pipeline = pipeline;
    }

    @Override
    public ProxyConfig config() {
        return pipeline.current().config();
    }

    @Override
    public Entry write(String name, CertificateAcmeConfig wanted, Issued issued)
            throws OrderFailed, InterruptedException {
        Edit edit = Edit.of(
                        ACTOR,
                        ChangeAuthority.all(),
                        "acme",
                        "/certificates/" + name,
                        new EditOperation.Transform(
                                before -> new EditOperation.Next<>(with(before, name, wanted, issued))))
                .withNote(Optional.of(
                        "issued for " + String.join(", ", wanted.names()) + " on account " + wanted.account()));
        EditResult result;
        try {
            result = pipeline.submit(edit).toCompletableFuture().get(WRITE_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            return Entry.LATER;
        } catch (ExecutionException bug) {
            throw new IllegalStateException("an edit failed", bug);
        }
        return switch (result) {
            case EditResult.Applied applied -> Entry.WRITTEN;
            case EditResult.Unchanged same -> Entry.WRITTEN;
            case EditResult.Refused refused ->
                throw new OrderFailed("what the authority issued cannot be served: "
                        + refused.problems().stream().map(ConfigProblem::detail).collect(Collectors.joining("; ")));
            // A trial under way, a disk that is full, a queue that is: what is issued is issued.
            case EditResult.Rejected other -> Entry.LATER;
            case EditResult.WouldApply would -> throw new IllegalStateException("it was no dry run");
            case EditResult.Replayed replayed -> throw new IllegalStateException("it had no key");
            case EditResult.Confirmed confirmed -> throw new IllegalStateException("it was no confirmation");
        };
    }

    private static ProxyConfig with(ProxyConfig before, String name, CertificateAcmeConfig wanted, Issued issued) {
        return before.certificates()
                .find(name)
                .filter(certificate -> certificate.acme().equals(Optional.of(wanted)))
                .map(certificate ->
                        before.with(certificate.withPair(Optional.of(issued.chain()), Optional.of(issued.key()))))
                .orElse(before);
    }
}

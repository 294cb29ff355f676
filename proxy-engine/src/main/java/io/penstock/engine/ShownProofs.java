package io.penstock.engine;

import io.penstock.config.TlsPolicyConfig;
import io.penstock.snapshot.DomainProofs;
import io.penstock.transport.tls.ServerContext;
import io.penstock.transport.tls.Staple;
import io.penstock.transport.tls.TlsFacts;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Proofs of names made into what workers show. */
final class ShownProofs {
    private ShownProofs() {}

    /** @throws IllegalArgumentException if a certificate cannot be shown */
    static DomainProofs of(List<DomainProof> proofs) {
        Map<String, byte[]> texts = new HashMap<>();
        Map<String, ServerContext> contexts = new HashMap<>();
        for (DomainProof proof : proofs) {
            switch (proof) {
                case DomainProof.Http http ->
                    texts.put(http.token(), http.text().getBytes(StandardCharsets.US_ASCII));
                case DomainProof.Tls tls -> contexts.put(tls.name(), context(tls));
            }
        }
        return new DomainProofs(texts, contexts);
    }

    private static ServerContext context(DomainProof.Tls proof) {
        try {
            return ServerContext.of(
                    ServerContext.library(),
                    List.of(proof.certificate()),
                    proof.key(),
                    TlsPolicyConfig.INTERMEDIATE,
                    List.of(TlsFacts.ACME_TLS),
                    Optional.empty(),
                    Staple.NONE,
                    List.of(),
                    false);
        } catch (SSLException refused) {
            throw new IllegalArgumentException("the proof of " + proof.name() + " cannot be shown", refused);
        }
    }
}

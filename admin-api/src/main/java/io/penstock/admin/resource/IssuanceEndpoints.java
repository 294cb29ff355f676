package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.acme.CertificateIssuance.Renewal;
import io.penstock.admin.acme.Issuance;
import io.penstock.admin.store.AuditEvent;
import io.penstock.config.CertificateConfig;
import io.penstock.config.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Certificates that authorities issue: the wish for a new one now. What comes of it is a revision of its own. */
final class IssuanceEndpoints {
    private static final String CERTIFICATES = ResourceType.CERTIFICATES.apiName();

    private final AdminParts parts;

    IssuanceEndpoints(AdminParts parts) {
        this.parts = parts;
    }

    List<Endpoint> endpoints() {
        return List.of(Endpoint.of(
                        "POST",
                        "/v1/certificates/{certificate}:renew",
                        "renewCertificate",
                        "Has the authority of a certificate with acme issue it anew, now. The certificate shows what comes of it"
                                + " as issuance, and what is issued is a revision by \"acme\".",
                        this::renew)
                .needs(Verb.OPERATE, CERTIFICATES)
                .answers(
                        202,
                        Schema.members(
                                Map.of(CertificateViews.ISSUANCE, Schema.of(Issuance.class)),
                                List.of(CertificateViews.ISSUANCE))));
    }

    private ApiReply renew(ApiRequest request) {
        String name = request.pathParameter("certificate");
        CertificateConfig certificate = parts.pipeline()
                .current()
                .config()
                .certificates()
                .find(name)
                .filter(found -> request.principal().may(Verb.READ, CERTIFICATES, found.tags()))
                .orElseThrow(() -> ApiProblem.notFound("There is no certificate \"" + Pointers.shown(name) + "\""));
        if (!request.principal().may(Verb.OPERATE, CERTIFICATES, certificate.tags())) {
            throw ApiProblem.of(403, "forbidden", "Your token may not operate this certificate");
        }
        switch (parts.issuance().renew(certificate)) {
            case Renewal.Begins begins ->
                parts.store()
                        .audit()
                        .append(event(request, name))
                        .toCompletableFuture()
                        .join();
            case Renewal.UnderWay underWay ->
                throw ApiProblem.of(409, "order-under-way", "It is being ordered already")
                        .header("Retry-After", "5");
            case Renewal.TooSoon soon ->
                throw ApiProblem.of(
                                429,
                                "too-soon",
                                "It was ordered only just, and authorities count orders",
                                "look at issuance.lastError first")
                        .header("Retry-After", Long.toString(soon.pause().toSeconds() + 1));
            case Renewal.NotOrdered not ->
                throw ApiProblem.of(
                        409,
                        "not-ordered",
                        "No authority issues it: it has no acme, or it or its account is disabled",
                        "write acme into the certificate, or PUT the new pair");
        }
        return ApiReply.json(
                202,
                JsonText.NODES
                        .objectNode()
                        .set(
                                CertificateViews.ISSUANCE,
                                ConfigJson.write(
                                        parts.issuance().of(certificate).orElseThrow())));
    }

    private AuditEvent event(ApiRequest request, String certificate) {
        return new AuditEvent(
                parts.overrides().now(),
                request.principal().actor(),
                Optional.of(request.address()),
                "certificate.renew",
                "/certificates/" + certificate,
                AuditEvent.Outcome.APPLIED,
                Optional.empty(),
                Changes.note(request),
                Optional.empty(),
                Optional.empty());
    }
}

package io.penstock.admin.resource;

import io.penstock.admin.acme.CertificateIssuance;
import io.penstock.admin.acme.Issuance;
import io.penstock.admin.ocsp.Stapling;
import io.penstock.admin.ocsp.StatusPort;
import io.penstock.config.CertificateConfig;
import io.penstock.config.CertificateFacts;
import io.penstock.config.PemText;
import io.penstock.config.ProxyConfig;
import io.penstock.config.References;
import io.penstock.config.ResourceType;
import io.penstock.config.ResourceUse;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is shown of a certificate beside what was written: what it says itself. */
final class CertificateViews {
    private static final String SUBJECT = "subject";
    private static final String ISSUER = "issuer";
    private static final String NAMES = "names";
    private static final String NOT_BEFORE = "notBefore";
    private static final String NOT_AFTER = "notAfter";
    private static final String KEY_TYPE = "keyType";
    private static final String FINGERPRINT = "fingerprint";
    private static final String USED_BY = "usedBy";

    /** How it stands with one that an authority issues. */
    static final String ISSUANCE = "issuance";

    private static final String STAPLING = "stapling";

    /** The members that only this API says. */
    static final List<String> MEMBERS =
            List.of(SUBJECT, ISSUER, NAMES, NOT_BEFORE, NOT_AFTER, KEY_TYPE, FINGERPRINT, USED_BY, ISSUANCE, STAPLING);

    private CertificateViews() {}

    static Schema schema() {
        return Schema.members(
                Map.of(
                        SUBJECT, Schema.text(),
                        ISSUER, Schema.text(),
                        NAMES, Schema.listOf(Schema.text()),
                        NOT_BEFORE, Schema.text(),
                        NOT_AFTER, Schema.text(),
                        KEY_TYPE, Schema.text(),
                        FINGERPRINT, Schema.text(),
                        ISSUANCE, Schema.of(Issuance.class),
                        STAPLING, Schema.of(Stapling.class),
                        USED_BY, Schema.listOf(Schema.object("A resource and the place in it."))),
                List.of());
    }

    static void add(
            CertificateConfig certificate,
            ProxyConfig config,
            CertificateIssuance issuance,
            StatusPort states,
            ObjectNode into) {
        issuance.of(certificate).ifPresent(state -> into.set(ISSUANCE, ConfigJson.write(state)));
        states.of(certificate).ifPresent(state -> into.set(STAPLING, ConfigJson.write(state)));
        ArrayNode uses = into.putArray(USED_BY);
        for (ResourceUse use : References.usedBy(config, ResourceType.CERTIFICATES, certificate.name())) {
            uses.addObject().put("resource", Rejections.path(use.user())).put("pointer", use.pointer());
        }
        if (!certificate.hasPair()) {
            return;
        }
        CertificateFacts facts;
        try {
            facts = CertificateFacts.of(certificate.chain().getFirst());
        } catch (PemText.Unreadable unreadable) {
            throw new IllegalStateException("what is stored was checked before", unreadable);
        }
        into.put(SUBJECT, facts.subject()).put(ISSUER, facts.issuer());
        ArrayNode names = into.putArray(NAMES);
        facts.names().forEach(names::add);
        into.put(NOT_BEFORE, facts.notBefore().toString())
                .put(NOT_AFTER, facts.notAfter().toString())
                .put(KEY_TYPE, facts.keyType())
                .put(FINGERPRINT, facts.fingerprint());
    }
}

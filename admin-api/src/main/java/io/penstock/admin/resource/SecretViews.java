package io.penstock.admin.resource;

import io.penstock.admin.acme.CertificateIssuance;
import io.penstock.admin.ocsp.StatusPort;
import io.penstock.admin.secret.SecretSource;
import io.penstock.config.CertificateConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.References;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;
import io.penstock.config.ResourceUse;
import io.penstock.config.SecretConfig;
import io.penstock.config.SecretValue;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Resources as they are shown: a secret with what is known of its value, a certificate with what it says, all else as it is written. */
final class SecretViews {
    private static final String FINGERPRINT = "fingerprint";
    private static final String CREATED_AT = "createdAt";
    private static final String LAST_READ = "lastRead";
    private static final String USED_BY = "usedBy";

    private final SecretSource secrets;
    private final CertificateIssuance issuance;
    private final StatusPort states;

    SecretViews(AdminParts parts) {
        this.secrets = parts.secrets();
        this.issuance = parts.issuance();
        this.states = parts.states();
    }

    /** The schema of what {@link #of} gives for a type. */
    static Schema schema(ResourceType type) {
        Schema written = Schema.of(type.recordClass().asSubclass(Record.class));
        if (type == ResourceType.CERTIFICATES) {
            return written.and(CertificateViews.schema());
        }
        return type == ResourceType.SECRETS
                ? written.and(Schema.members(
                        Map.of(
                                FINGERPRINT, Schema.text(),
                                CREATED_AT, Schema.text(),
                                LAST_READ, Schema.text(),
                                USED_BY, Schema.listOf(Schema.object("A resource and the place in it."))),
                        List.of()))
                : written;
    }

    ObjectNode of(Resource resource, ProxyConfig config) {
        ObjectNode view = ConfigJson.write((Record) resource);
        if (resource instanceof CertificateConfig certificate) {
            CertificateViews.add(certificate, config, issuance, states, view);
        }
        if (resource instanceof SecretConfig secret && secret.value() instanceof SecretValue.Sealed sealed) {
            view.put(FINGERPRINT, sealed.id()).put(CREATED_AT, sealed.created().toString());
            secrets.lastRead(secret.name()).ifPresent(at -> view.put(LAST_READ, at.toString()));
            ArrayNode uses = view.putArray(USED_BY);
            for (ResourceUse use : References.usedBy(config, ResourceType.SECRETS, secret.name())) {
                uses.addObject().put("resource", Rejections.path(use.user())).put("pointer", use.pointer());
            }
        }
        return view;
    }

    /** What a caller sends, without what only this API says: what was read can be changed and sent back. */
    static JsonNode withoutViews(ResourceType type, JsonNode body) {
        if (type == ResourceType.SECRETS && body instanceof ObjectNode object) {
            object.remove(List.of(FINGERPRINT, CREATED_AT, LAST_READ, USED_BY));
        }
        if (type == ResourceType.CERTIFICATES && body instanceof ObjectNode object) {
            object.remove(CertificateViews.MEMBERS);
        }
        return body;
    }
}

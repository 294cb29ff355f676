package io.penstock.admin.resource;

import io.penstock.admin.access.AccessControl;
import io.penstock.admin.acme.CertificateIssuance;
import io.penstock.admin.ocsp.StatusPort;
import io.penstock.admin.revision.RevisionPipeline;
import io.penstock.admin.secret.SecretSource;
import io.penstock.admin.store.ConfigStore;
import java.time.Duration;
import java.time.Instant;

/**
 * What the endpoints are made of. Whoever gives it closes it, after the API.
 *
 * @param store reads of revisions and the audit log
 * @param pipeline the single door for changes
 * @param access tokens and roles
 * @param engine the running engine
 * @param overrides state beside the configuration
 * @param plugins the versions of plugins
 * @param secrets where values of secrets are read
 * @param system the process around all of this
 * @param issuance certificates that authorities issue
 * @param states what authorities say of certificates
 * @param started when this process started
 * @param activeWait how long a write waits for the workers
 */
public record AdminParts(
        ConfigStore store,
        RevisionPipeline pipeline,
        AccessControl access,
        EnginePort engine,
        Overrides overrides,
        PluginRegistry plugins,
        SecretSource secrets,
        SystemPort system,
        CertificateIssuance issuance,
        StatusPort states,
        Instant started,
        Duration activeWait) {
    /** How long a write waits for the workers, as the contract says. */
    public static final Duration ACTIVE_WAIT_MAX = Duration.ofSeconds(5);
}

package io.penstock.config;

import java.util.Arrays;
import java.util.Optional;

/** The types of resources, in the order of the declarative document. */
public enum ResourceType {
    LISTENERS("listener", "listeners", "listeners", ListenerConfig.class),
    SERVICES("service", "services", "services", ServiceConfig.class),
    ROUTES("route", "routes", "routes", RouteConfig.class),
    UPSTREAMS("upstream", "upstreams", "upstreams", UpstreamConfig.class),
    API_GROUPS("API group", "api-groups", "apiGroups", ApiGroupConfig.class),
    LIMITS("limit", "limits", "limits", LimitConfig.class),
    POLICIES("policy", "policies", "policies", PolicyConfig.class),
    NETWORKS("network", "networks", "networks", NetworkConfig.class),
    BACKEND_GRANTS("backend grant", "backend-grants", "backendGrants", BackendGrantConfig.class),
    ACCESS_LOGS("access log", "access-logs", "accessLogs", AccessLogConfig.class),
    SECRETS("secret", "secrets", "secrets", SecretConfig.class),
    CONSUMER_GROUPS("consumer group", "consumer-groups", "consumerGroups", ConsumerGroupConfig.class),
    CONSUMERS("consumer", "consumers", "consumers", ConsumerConfig.class),
    ERROR_PAGES("error page", "error-pages", "errorPages", ErrorPageConfig.class),
    CERTIFICATES("certificate", "certificates", "certificates", CertificateConfig.class),
    CA_BUNDLES("CA bundle", "ca-bundles", "caBundles", CaBundleConfig.class),
    TLS_POLICIES("TLS policy", "tls-policies", "tlsPolicies", TlsPolicyConfig.class),
    ACME_ACCOUNTS("ACME account", "acme-accounts", "acmeAccounts", AcmeAccountConfig.class);

    private final String singular;
    private final String apiName;
    private final String documentName;
    private final Class<? extends Resource> recordClass;

    ResourceType(String singular, String apiName, String documentName, Class<? extends Resource> recordClass) {
        this.singular = singular;
        this.apiName = apiName;
        this.documentName = documentName;
        this.recordClass = recordClass;
    }

    /** The type of a record. */
    public static ResourceType of(Resource resource) {
        return switch (resource) {
            case ListenerConfig listener -> LISTENERS;
            case ServiceConfig service -> SERVICES;
            case RouteConfig route -> ROUTES;
            case UpstreamConfig upstream -> UPSTREAMS;
            case ApiGroupConfig group -> API_GROUPS;
            case LimitConfig limit -> LIMITS;
            case PolicyConfig policy -> POLICIES;
            case NetworkConfig network -> NETWORKS;
            case BackendGrantConfig grant -> BACKEND_GRANTS;
            case AccessLogConfig log -> ACCESS_LOGS;
            case SecretConfig secret -> SECRETS;
            case ConsumerGroupConfig group -> CONSUMER_GROUPS;
            case ConsumerConfig consumer -> CONSUMERS;
            case ErrorPageConfig page -> ERROR_PAGES;
            case CertificateConfig certificate -> CERTIFICATES;
            case CaBundleConfig bundle -> CA_BUNDLES;
            case TlsPolicyConfig policy -> TLS_POLICIES;
            case AcmeAccountConfig account -> ACME_ACCOUNTS;
        };
    }

    /** The type with this name in the API's paths. */
    public static Optional<ResourceType> byApiName(String apiName) {
        return Arrays.stream(values())
                .filter(type -> type.apiName.equals(apiName))
                .findFirst();
    }

    /** The type with this member in the declarative document. */
    public static Optional<ResourceType> byDocumentName(String documentName) {
        return Arrays.stream(values())
                .filter(type -> type.documentName.equals(documentName))
                .findFirst();
    }

    /** One of it, in words: {@code backend grant}. */
    public String singular() {
        return singular;
    }

    /** Its name in the API's paths: {@code backend-grants}. */
    public String apiName() {
        return apiName;
    }

    /** Its member in the declarative document: {@code backendGrants}. */
    public String documentName() {
        return documentName;
    }

    /** The record, which is a {@link Record}. */
    public Class<? extends Resource> recordClass() {
        return recordClass;
    }
}

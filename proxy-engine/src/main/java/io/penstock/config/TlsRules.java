package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.security.GeneralSecurityException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What certificates, bundles of authorities, TLS policies and https listeners must keep. */
final class TlsRules {
    private static final Pattern SERVER_NAME = Pattern.compile(
            "(?=.{1,253}$)(\\*\\.)?[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");

    private TlsRules() {}

    // ---- each by itself ----

    static void check(CertificateConfig certificate, Scope at) {
        for (int i = 0; i < certificate.snis().size(); i++) {
            String name = certificate.snis().get(i);
            if (!SERVER_NAME.matcher(name).matches()) {
                at.in("snis")
                        .in(i)
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "found name \"" + ValueText.shown(name)
                                        + "\", wanted a name in lower case, or \"*.\" and a suffix",
                                "for example \"shop.example\" or \"*.shop.example\"");
            }
        }
        RouteRules.checkDistinct(certificate.snis(), at.in("snis"));
        certificate
                .clientCertificate()
                .ifPresent(asked -> RouteRules.checkDistinct(
                        asked.ca(), at.in("clientCertificate").in("ca")));
        if (certificate.ocspResponse().isPresent() && !isOcspResponse(certificate)) {
            at.in("ocspResponse")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "found no response that says \"successful\", wanted one in base64",
                            "for example what openssl ocsp -respout wrote, by base64");
        }
        AcmeRules.check(certificate, at);
        if (certificate.certificate().isEmpty()) {
            return;
        }
        try {
            List<X509Certificate> chain = certificate.chain();
            KeyPairCheck.fault(chain)
                    .ifPresent(fault -> at.in("certificate")
                            .add(ConfigProblem.BAD_VALUE, fault, "write the chain as the authority gave it"));
        } catch (PemText.Unreadable unreadable) {
            at.in("certificate")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            String.valueOf(unreadable.getMessage()),
                            "write the chain in PEM, or {file: chain.pem} beside the document");
        }
    }

    // RFC 6960 section 4.2.1: a sequence that begins with the status, an enumeration; 0 is successful.
    private static boolean isOcspResponse(CertificateConfig certificate) {
        try {
            byte[] response = certificate.ocsp();
            int head = response.length > 1 && response[1] < 0 ? 2 + (response[1] & 0x7f) : 2;
            return response.length > head + 3
                    && response[0] == 0x30
                    && response[head] == 0x0a
                    && response[head + 1] == 1
                    && response[head + 2] == 0;
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    static void check(CaBundleConfig bundle, Scope at) {
        List<X509Certificate> authorities = List.of();
        try {
            authorities = bundle.authorities();
        } catch (PemText.Unreadable unreadable) {
            at.in("certificates")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            String.valueOf(unreadable.getMessage()),
                            "write the authorities in PEM, or {file: ca.pem} beside the document");
        }
        try {
            for (X509CRL list : bundle.revoked()) {
                if (!authorities.isEmpty() && authorities.stream().noneMatch(each -> isSignedBy(list, each))) {
                    at.in("revocationLists")
                            .add(
                                    ConfigProblem.BAD_VALUE,
                                    "the list of "
                                            + ValueText.shown(list.getIssuerX500Principal()
                                                    .getName()) + " is signed by none of the bundle's authorities",
                                    "write the authority that signed it into certificates");
                }
            }
        } catch (PemText.Unreadable unreadable) {
            at.in("revocationLists")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            String.valueOf(unreadable.getMessage()),
                            "write the lists in PEM, or {file: crl.pem} beside the document");
        }
    }

    private static boolean isSignedBy(X509CRL list, X509Certificate authority) {
        try {
            list.verify(authority.getPublicKey());
            return list.getIssuerX500Principal().equals(authority.getSubjectX500Principal());
        } catch (GeneralSecurityException not) {
            return false;
        }
    }

    static void check(TlsPolicyConfig policy, Scope at) {
        if (TlsPolicyConfig.BUILT_IN.contains(policy.name())) {
            at.in("name")
                    .add(
                            ConfigProblem.DUPLICATE,
                            "\"" + policy.name() + "\" is there already and cannot be written anew",
                            "give yours another name");
        }
        if (policy.minVersion().compareTo(policy.maxVersion()) > 0) {
            at.in("minVersion")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "found " + policy.minVersion().text() + " to "
                                    + policy.maxVersion().text() + ", wanted a version not above maxVersion",
                            "exchange the two");
        }
        for (int i = 0; i < policy.ciphers().size(); i++) {
            checkCipher(policy.ciphers().get(i), at.in("ciphers").in(i));
        }
        RouteRules.checkDistinct(policy.ciphers(), at.in("ciphers"));
        if (!policy.ciphers().isEmpty() && policy.minVersion() == TlsVersion.TLS_1_3) {
            at.in("ciphers")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "found suites of TLS 1.2 where only TLS 1.3 is spoken",
                            "leave ciphers out, or lower minVersion");
        }
        for (int i = 0; i < policy.groups().size(); i++) {
            String group = policy.groups().get(i);
            if (!TlsPolicyConfig.GROUPS.contains(group)) {
                unknown("group", group, TlsPolicyConfig.GROUPS, at.in("groups").in(i));
            }
        }
        RouteRules.checkDistinct(policy.groups(), at.in("groups"));
    }

    /** Checks the TLS of an upstream by itself. */
    static void check(UpstreamTlsConfig tls, Scope at) {
        RouteRules.checkDistinct(tls.ca(), at.in("ca"));
        RouteRules.checkDistinct(tls.sans(), at.in("sans"));
        tls.sni()
                .filter(name -> !isHostName(name))
                .ifPresent(name -> at.in("sni")
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "found \"" + ValueText.shown(name) + "\", wanted the DNS name of a host in lower case",
                                "for example \"orders.internal\"; leave it out for the target's own host"));
        for (int i = 0; i < tls.sans().size(); i++) {
            String name = tls.sans().get(i);
            if (!isHostName(name) && IpAddress.of(name).isEmpty()) {
                at.in("sans")
                        .in(i)
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "found \"" + ValueText.shown(name)
                                        + "\", wanted a DNS name in lower case without *, or an IP address",
                                "for example \"orders.internal\" or \"10.0.0.7\"");
            }
        }
    }

    static boolean isHostName(String name) {
        return SERVER_NAME.matcher(name).matches()
                && !name.startsWith("*")
                && IpAddress.of(name).isEmpty();
    }

    private static void checkCipher(String cipher, Scope at) {
        if (TlsPolicyConfig.CIPHERS_OF_1_3.contains(cipher)) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "\"" + cipher + "\" is of TLS 1.3, whose three suites are always offered",
                    "leave it out");
        } else if (!TlsPolicyConfig.CIPHERS.contains(cipher)) {
            unknown("cipher suite", cipher, TlsPolicyConfig.CIPHERS, at);
        }
    }

    private static void unknown(String what, String found, List<String> known, Scope at) {
        at.add(
                ConfigProblem.BAD_VALUE,
                what + " \"" + ValueText.shown(found) + "\" is not known; known: \"" + String.join("\", \"", known)
                        + "\"",
                Spelling.nearest(found, known)
                        .map(near -> "did you mean \"" + near + "\"?")
                        .orElse("leave the list out for what is usual"));
    }

    /** Checks the TLS of a listener by itself. */
    static void check(ListenerConfig listener, Scope at) {
        RouteRules.checkDistinct(listener.certificates(), at.in("certificates"));
        listener.clientCertificate()
                .ifPresent(asked -> RouteRules.checkDistinct(
                        asked.ca(), at.in("clientCertificate").in("ca")));
        checkHttp3(listener, at.in("http3"));
        if (listener.protocol() == Protocol.HTTPS) {
            return;
        }
        if (!listener.certificates().isEmpty()) {
            at.in("certificates")
                    .add(ConfigProblem.BAD_VALUE, notHttps("certificates", listener), "write protocol: https");
        }
        if (listener.clientCertificate().isPresent()) {
            at.in("clientCertificate")
                    .add(ConfigProblem.BAD_VALUE, notHttps("client certificates", listener), "write protocol: https");
        }
        if (listener.tlsPolicy().isPresent()) {
            at.in("tlsPolicy")
                    .add(ConfigProblem.BAD_VALUE, notHttps("a TLS policy", listener), "write protocol: https");
        }
    }

    private static void checkHttp3(ListenerConfig listener, Scope at) {
        if (!listener.http3()) {
            return;
        }
        if (listener.protocol() != Protocol.HTTPS) {
            at.add(ConfigProblem.BAD_VALUE, notHttps("HTTP/3", listener), "write protocol: https");
        }
        if (listener.address() instanceof ListenAddress.Unix) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found HTTP/3 on a unix socket, wanted an IP address and port, whose number UDP shares",
                    "give the listener an address such as 0.0.0.0:443");
        }
        if (listener.proxyProtocol() != ProxyProtocolMode.OFF) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found HTTP/3 on a listener whose connections begin with PROXY headers, which QUIC does not have",
                    "leave http3 to a listener that clients reach directly");
        }
    }

    private static String notHttps(String what, ListenerConfig listener) {
        return "found " + what + " on a listener with protocol "
                + listener.protocol().text() + ", which needs none";
    }

    // ---- between them ----

    /** Checks that no name has two certificates, and that each https listener has one. */
    static void checkAll(ProxyConfig config, Problems problems) {
        Map<String, String> holders = new HashMap<>();
        boolean hasAny = false;
        for (CertificateConfig certificate : config.certificates()) {
            if (!certificate.enabled()) {
                continue;
            }
            hasAny = true;
            Set<String> told = new HashSet<>();
            for (String name : names(certificate)) {
                String other = holders.putIfAbsent(name, certificate.name());
                if (other != null && !other.equals(certificate.name()) && told.add(other)) {
                    problems.at(ResourceRef.of(ResourceType.CERTIFICATES, certificate.name()))
                            .in(certificate.snis().isEmpty() ? "certificate" : "snis")
                            .add(
                                    ConfigProblem.DUPLICATE,
                                    "certificate \"" + other + "\" is for \"" + ValueText.shown(name) + "\" too",
                                    "replace that one, disable it, or write snis to divide the names");
                }
            }
        }
        for (ListenerConfig listener : config.listeners()) {
            if (listener.enabled()
                    && listener.http3()
                    && TlsPolicyConfig.of(listener, config).maxVersion() != TlsVersion.TLS_1_3) {
                problems.at(ResourceRef.of(ResourceType.LISTENERS, listener.name()))
                        .in("http3")
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "found HTTP/3 under a TLS policy without TLS 1.3, which QUIC has no other version than",
                                "raise maxVersion of the policy, or leave http3 out");
            }
            if (listener.enabled() && listener.http3()) {
                checkAskings(listener, config, problems);
            }
            if (listener.enabled()
                    && listener.protocol() == Protocol.HTTPS
                    && !hasCertificate(listener, config, hasAny)) {
                problems.at(ResourceRef.of(ResourceType.LISTENERS, listener.name()))
                        .in("certificates")
                        .add(
                                ConfigProblem.REQUIRED,
                                "found no enabled certificate that it could show, wanted at least one",
                                "add one under certificates, or disable the listener");
            }
        }
    }

    // Whether a client is asked is settled before QUIC knows the name that it asks for.
    private static void checkAskings(ListenerConfig listener, ProxyConfig config, Problems problems) {
        for (CertificateConfig certificate : config.certificates()) {
            boolean isShown =
                    listener.certificates().isEmpty() || listener.certificates().contains(certificate.name());
            if (certificate.enabled()
                    && isShown
                    && certificate.clientCertificate().isPresent()) {
                problems.at(ResourceRef.of(ResourceType.LISTENERS, listener.name()))
                        .in("http3")
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "found certificate \"" + certificate.name()
                                        + "\" with a clientCertificate of its own, wanted one way of asking for all names of HTTP/3",
                                "write clientCertificate on the listener, or show that certificate on one without http3");
            }
        }
    }

    private static boolean hasCertificate(ListenerConfig listener, ProxyConfig config, boolean hasAny) {
        if (listener.certificates().isEmpty()) {
            return hasAny;
        }
        // One that is not defined is told of as an unknown reference.
        return listener.certificates().stream()
                .anyMatch(name -> config.certificates()
                        .find(name)
                        .map(CertificateConfig::enabled)
                        .orElse(true));
    }

    private static List<String> names(CertificateConfig certificate) {
        if (!certificate.snis().isEmpty()) {
            return certificate.snis();
        }
        if (!certificate.hasPair()) {
            // Those that it will be for.
            return certificate.acme().map(CertificateAcmeConfig::names).orElse(List.of());
        }
        try {
            return certificate.serverNames(certificate.chain());
        } catch (PemText.Unreadable told) {
            return List.of();
        }
    }

    // ---- warnings ----

    /** A name that the certificate is not for, and that it would be shown for; empty if there is none. */
    static Optional<String> strangeName(CertificateConfig certificate) {
        try {
            List<String> own =
                    CertificateFacts.of(certificate.chain().getFirst()).names();
            return certificate.snis().stream()
                    .filter(name -> !covers(own, name))
                    .findFirst();
        } catch (PemText.Unreadable told) {
            return Optional.empty();
        }
    }

    private static boolean covers(List<String> names, String name) {
        int dot = name.indexOf('.');
        return names.contains(name) || (dot > 0 && names.contains("*" + name.substring(dot)));
    }
}

package io.penstock.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An account at an authority that issues certificates by itself (ACME, RFC 8555). */
public record AcmeAccountConfig(
        @Doc("Unique among its type: letters, digits, dots, underscores and hyphens.")
        String name,

        @Doc("The https URL of the authority's directory.") String directory,

        @Doc("Whom the authority may write to: mail addresses, or mailto: URLs.")
        List<String> contact,

        @Doc("That you agree to the authority's terms of service; nothing is ordered without.")
        boolean termsAgreed,

        @Doc("The CA bundle whose authorities sign the directory's own certificate; those of the platform if absent.")
        Optional<String> caBundle,

        @Doc("Binds the account to one that the authority knows otherwise, where it wants that.")
        Optional<ExternalAccountConfig> externalAccount,

        @Doc(
                "The account's private key in PEM, never given back; made here if absent, {stored: id} keeps the key that is stored.")
        Optional<SecretValue> key,

        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it may be used; certificates of a disabled account are not renewed.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements Resource {
    private static final int CONTACTS_MAX = 16;
    private static final int CHARS_MAX = 2048;

    public AcmeAccountConfig {
        contact = List.copyOf(contact);
        tags = List.copyOf(tags);
        ValueChecks checks = new ValueChecks()
                .resource(name, tags, note, owner)
                .count("contact", "contacts", contact.size(), CONTACTS_MAX)
                .require(
                        isHttps(directory),
                        "directory",
                        "found \"" + ValueText.shown(directory)
                                + "\", wanted an https URL, for example"
                                + " \"https://acme-v02.api.letsencrypt.org/directory\"")
                .require(
                        termsAgreed,
                        "termsAgreed",
                        "found false, wanted true: read the terms that the directory names, and write termsAgreed: true");
        for (int i = 0; i < contact.size(); i++) {
            checks.require(
                    isContact(contact.get(i)),
                    "contact/" + i,
                    "found \"" + ValueText.shown(contact.get(i))
                            + "\", wanted a mail address, for example \"ops@shop.example\"");
        }
        checks.end();
    }

    private static boolean isHttps(String url) {
        try {
            URI uri = new URI(url);
            return "https".equalsIgnoreCase(uri.getScheme())
                    && uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getFragment() == null
                    && url.length() <= CHARS_MAX;
        } catch (URISyntaxException noUri) {
            return false;
        }
    }

    private static boolean isContact(String text) {
        String address = text.startsWith("mailto:") ? text.substring("mailto:".length()) : text;
        return address.matches("[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,253}");
    }

    /** An account at a directory, for whose terms someone has agreed. */
    public static AcmeAccountConfig of(String name, String directory) {
        return RecordDefaults.of(
                AcmeAccountConfig.class, Map.of("name", name, "directory", directory, "termsAgreed", true));
    }

    /** This with the key in another form. */
    public AcmeAccountConfig with(SecretValue other) {
        return new AcmeAccountConfig(
                name,
                directory,
                contact,
                termsAgreed,
                caBundle,
                externalAccount,
                Optional.of(other),
                tags,
                note,
                enabled,
                owner);
    }

    /** This, whose directory is believed by a bundle. */
    public AcmeAccountConfig believing(String bundle) {
        return new AcmeAccountConfig(
                name,
                directory,
                contact,
                termsAgreed,
                Optional.of(bundle),
                externalAccount,
                key,
                tags,
                note,
                enabled,
                owner);
    }
}

package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Headers that tell the upstream who calls. Whatever a client sends under these names goes nowhere, also where nobody is known. A value that is not
 * visible ASCII is percent-encoded.
 */
public record IdentityHeadersConfig(
        @Doc("The header for the consumer's name; not told if absent.")
        Optional<String> consumer,

        @Doc("The header for the groups, joined by commas; not told if absent.")
        Optional<String> groups,

        @Doc(
                "The header for what the credential says of its bearer: the sub of a token, or the consumer's name; not told"
                        + " if absent.")
        Optional<String> subject,

        @Doc("The header for the id of the consumer's credential; not told if absent.")
        Optional<String> credential,

        @Doc("Claims of tokens and the headers that tell them, claim: header.")
        Map<String, String> claims) {
    /** What holds where no level says anything; the subject is told only of callers who are no consumers. */
    public static final IdentityHeadersConfig USUAL = new IdentityHeadersConfig(
            Optional.of("X-Consumer-Name"),
            Optional.of("X-Consumer-Groups"),
            Optional.of("X-Consumer-Subject"),
            Optional.empty(),
            Map.of());

    private static final int CLAIMS_MAX = 32;

    public IdentityHeadersConfig {
        claims = Map.copyOf(claims);
        new ValueChecks().count("claims", "claims", claims.size(), CLAIMS_MAX).end();
    }

    /** Every header's name by the pointer of its place. */
    public Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        consumer.ifPresent(name -> names.put("consumer", name));
        groups.ifPresent(name -> names.put("groups", name));
        subject.ifPresent(name -> names.put("subject", name));
        credential.ifPresent(name -> names.put("credential", name));
        claims.forEach((claim, name) -> names.put("claims/" + claim, name));
        return names;
    }

    void check(Scope at) {
        consumer.ifPresent(name -> FieldGrammar.checkIdentity(name, at.in("consumer")));
        groups.ifPresent(name -> FieldGrammar.checkIdentity(name, at.in("groups")));
        subject.ifPresent(name -> FieldGrammar.checkIdentity(name, at.in("subject")));
        credential.ifPresent(name -> FieldGrammar.checkIdentity(name, at.in("credential")));
        claims.forEach((claim, name) ->
                FieldGrammar.checkIdentity(name, at.in("claims").in(claim)));
        Set<String> seen = new HashSet<>();
        for (String name : names().values()) {
            if (!seen.add(name.toLowerCase(Locale.ROOT))) {
                at.add(
                        ConfigProblem.DUPLICATE,
                        "header \"" + ValueText.shown(name) + "\" is to tell two things",
                        "give each its own");
            }
        }
    }
}

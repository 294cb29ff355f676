package io.penstock.appliance.command;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which gateway a command talks to, as whom, and how it writes what it learns. */
final class GatewayOptions {
    /** Where {@code run} listens if it is not told otherwise. */
    static final String ADMIN_DEFAULT = "http://127.0.0.1:8081";

    @Option(
            names = "--admin",
            paramLabel = "URL",
            description = "The admin API, e.g. http://127.0.0.1:8081. Also PENSTOCK_ADMIN.")
    private Optional<String> admin = Optional.empty();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "A file with the bearer token. Also PENSTOCK_TOKEN_FILE.")
    private Optional<Path> tokenFile = Optional.empty();

    @Option(
            names = "--fingerprint",
            paramLabel = "SHA256",
            description =
                    "Of the only certificate to believe, as the gateway's console and log show it; else what this machine"
                            + " trusts. Also PENSTOCK_FINGERPRINT.")
    private Optional<String> fingerprint = Optional.empty();

    @Option(names = "--context", paramLabel = "NAME", description = "A gateway kept by: penstock context add.")
    private Optional<String> context = Optional.empty();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "text for people (default), json for programs.")
    private OutputFormat output = OutputFormat.text;

    boolean isJson() {
        return output == OutputFormat.json;
    }

    ApiClient client() {
        return client(System.getenv());
    }

    /** The client that options, environment and contexts together ask for. */
    ApiClient client(Map<String, String> environment) {
        Optional<String> wantedAdmin = admin.or(() -> named(environment, "PENSTOCK_ADMIN"));
        Optional<Path> wantedTokenFile =
                tokenFile.or(() -> named(environment, "PENSTOCK_TOKEN_FILE").map(Path::of));
        Optional<Contexts.Context> kept = context.isPresent() || wantedAdmin.isEmpty() || wantedTokenFile.isEmpty()
                ? kept(environment)
                : Optional.empty();
        Optional<String> wantedFingerprint = fingerprint.or(() -> named(environment, "PENSTOCK_FINGERPRINT"));
        String address = context.isPresent() && admin.isEmpty()
                ? kept.orElseThrow().admin()
                : wantedAdmin.or(() -> kept.map(Contexts.Context::admin)).orElse(ADMIN_DEFAULT);
        URI base = AdminAddress.parse(address);
        Optional<String> token = wantedTokenFile.map(TokenFile::read);
        if (token.isEmpty() && kept.isPresent()) {
            // A kept token goes only to the gateway that it was kept for.
            token = AdminAddress.parse(kept.get().admin()).equals(base)
                    ? kept.get().token()
                    : Optional.empty();
        }
        Optional<String> pinned = wantedFingerprint.or(
                () -> kept.filter(known -> AdminAddress.parse(known.admin()).equals(base))
                        .flatMap(Contexts.Context::fingerprint));
        return new ApiClient(base, token, pinned.map(AdminTrust::normal));
    }

    private Optional<Contexts.Context> kept(Map<String, String> environment) {
        Contexts contexts = Contexts.read(Contexts.place(environment));
        return context.isPresent() ? Optional.of(contexts.named(context.get())) : contexts.inUse();
    }

    private static Optional<String> named(Map<String, String> environment, String variable) {
        return Optional.ofNullable(environment.get(variable)).filter(value -> !value.isBlank());
    }
}

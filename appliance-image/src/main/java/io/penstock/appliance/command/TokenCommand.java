package io.penstock.appliance.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code penstock token}. */
@Command(
        name = "token",
        description = "List, make and revoke tokens; claim the first one.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            TokenCommand.ListCommand.class,
            TokenCommand.CreateCommand.class,
            TokenCommand.RevokeCommand.class,
            TokenCommand.ClaimCommand.class
        })
final class TokenCommand extends GroupCommand {
    /** {@code penstock token list}. */
    @Command(name = "list", description = "List the tokens. A secret is never shown again.")
    static final class ListCommand extends GatewayCommand {
        @Override
        int run(ApiClient client) {
            JsonNode page = client.get("/v1/tokens");
            if (isJson()) {
                print(page);
                return ExitCode.OK;
            }
            TextTable table = TextTable.of("ID", "NAME", "STATE", "ROLES", "TAGS", "CREATED", "EXPIRES", "LAST USED");
            for (JsonNode token : page.path("items")) {
                table.row(
                        token.path("id").asString(""),
                        token.path("name").asString(""),
                        token.path("state").asString(""),
                        words(token.path("roles")),
                        words(token.path("tags")),
                        token.path("created").asString(""),
                        token.path("expires").asString("-"),
                        token.path("lastUsed").asString("-"));
            }
            print(table);
            return ExitCode.OK;
        }

        private static String words(JsonNode list) {
            List<String> words = new ArrayList<>();
            list.forEach(each -> words.add(each.asString("")));
            return words.isEmpty() ? "-" : String.join(",", words);
        }
    }

    /** {@code penstock token create}. */
    @Command(name = "create", description = "Make a token and show its secret, once.")
    static final class CreateCommand extends GatewayCommand {
        @Parameters(paramLabel = "NAME", description = "What people call it, e.g. deploy.")
        private String name = "";

        @Option(
                names = "--role",
                paramLabel = "ROLE",
                required = true,
                description = "viewer, operator, editor, plugin-author, admin, or one of /v1/roles. May be repeated.")
        private List<String> roles = new ArrayList<>();

        @Option(
                names = "--tag",
                paramLabel = "TAG",
                description = "Only resources with this tag, e.g. team=shop. May be repeated.")
        private List<String> tags = new ArrayList<>();

        @Option(names = "--expires-in", paramLabel = "TIME", description = "Its life, e.g. 720h; else until revoked.")
        private Optional<String> expiresIn = Optional.empty();

        @Override
        int run(ApiClient client) {
            ObjectNode wish = JsonNodeFactory.instance.objectNode().put("name", name);
            roles.forEach(role -> wish.withArray("roles").add(role));
            tags.forEach(tag -> wish.withArray("tags").add(tag));
            expiresIn.ifPresent(life -> wish.put("expiresIn", life));
            JsonNode issued =
                    client.call("POST", "/v1/tokens").json(wish).send().json();
            if (isJson()) {
                print(issued);
            } else {
                // The secret alone on standard output, so that it can be sent into a file that others cannot read.
                err().println("token " + issued.path("token").path("id").asString("")
                        + "; its secret is shown only now:");
                err().flush();
                say(issued.path("secret").asString(""));
            }
            return ExitCode.OK;
        }
    }

    /** {@code penstock token revoke}. */
    @Command(name = "revoke", description = "Revoke a token, at once and for good.")
    static final class RevokeCommand extends GatewayCommand {
        @Parameters(paramLabel = "ID", description = "As penstock token list shows it, e.g. tok-0a1b2c3d4e5f.")
        private String id = "";

        @Override
        int run(ApiClient client) {
            if (!id.matches("[A-Za-z0-9_-]{1,64}")) {
                throw new CommandFailure(
                        ExitCode.USAGE, "\"" + id + "\" is no token id; penstock token list shows them");
            }
            JsonNode revoked = client.call("DELETE", "/v1/tokens/" + id).send().json();
            if (isJson()) {
                print(revoked);
            } else {
                say("token " + id + " (" + revoked.path("name").asString("") + ") is revoked");
            }
            return ExitCode.OK;
        }
    }

    /** {@code penstock token claim}. */
    @Command(
            name = "claim",
            description = {
                "Exchange the setup token for the first admin token. The setup token dies with it.",
                "Without --context-name the secret is printed; with it, it is kept as a context and used from then on."
            },
            footerHeading = "%nExample:%n",
            footer = "  penstock token claim --token-file /var/lib/penstock/setup-token --context-name home")
    static final class ClaimCommand extends GatewayCommand {
        @Option(
                names = "--name",
                paramLabel = "NAME",
                description = "What to call the token. Default: ${DEFAULT-VALUE}.")
        private String name = "first-admin";

        @Option(names = "--context-name", paramLabel = "NAME", description = "Keep it as the context of this name.")
        private Optional<String> contextName = Optional.empty();

        @Override
        int run(ApiClient client) {
            // Read before the token is made: a secret that could not be kept would be lost.
            Optional<Contexts> contexts = contextName.map(kept -> Contexts.read(Contexts.place(System.getenv())));
            JsonNode issued = client.call("POST", "/v1/setup")
                    .json(JsonNodeFactory.instance.objectNode().put("name", name))
                    .send()
                    .json();
            String secret = issued.path("secret").asString("");
            if (contexts.isPresent()) {
                try {
                    contexts.get()
                            .with(
                                    contextName.orElseThrow(),
                                    new Contexts.Context(
                                            client.base().toString(), Optional.of(secret), client.fingerprint()))
                            .write();
                } catch (CommandFailure notKept) {
                    err().println(notKept.text() + " The secret is printed instead.");
                    say(secret);
                    return ExitCode.FAILED;
                }
                say("token \"" + name + "\" is kept in context \"" + contextName.orElseThrow()
                        + "\", which is in use now");
            } else if (isJson()) {
                print(issued);
            } else {
                err().println("token \"" + name + "\"; its secret is shown only now:");
                err().flush();
                say(secret);
            }
            return ExitCode.OK;
        }
    }
}

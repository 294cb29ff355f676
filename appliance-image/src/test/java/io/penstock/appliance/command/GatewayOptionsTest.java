package io.penstock.appliance.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class GatewayOptionsTest {
    @TempDir
    Path folder;

    @Command(name = "any")
    private static final class AnyCommand {
        @Mixin
        private final GatewayOptions gateway = new GatewayOptions();
    }

    @Test
    void goToTheUsualAddressIfNothingIsSaid() {
        assertThat(client(Map.of()).base()).isEqualTo(URI.create("http://127.0.0.1:8081"));
    }

    @Test
    void goToTheContextInUseWithItsToken() {
        keep("http://127.0.0.1:9001");

        ApiClient client = client(Map.of());

        assertThat(client.base()).isEqualTo(URI.create("http://127.0.0.1:9001"));
        assertThat(client.hasToken()).isTrue();
    }

    @Test
    void neverSendAKeptTokenToAnotherGateway() {
        keep("http://127.0.0.1:9001");

        assertThat(client(Map.of(), "--admin", "http://127.0.0.1:9002").hasToken())
                .isFalse();
        assertThat(client(Map.of(), "--admin", "http://127.0.0.1:9001/").hasToken())
                .isTrue();
        assertThat(client(Map.of("PENSTOCK_ADMIN", "http://127.0.0.1:9002")).hasToken())
                .isFalse();
    }

    @Test
    void preferWhatTheCommandLineSays() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "secret\n");

        ApiClient client = client(
                Map.of("PENSTOCK_ADMIN", "http://127.0.0.1:9002"),
                "--admin",
                "127.0.0.1:9003",
                "--token-file",
                token.toString());

        assertThat(client.base()).isEqualTo(URI.create("http://127.0.0.1:9003"));
        assertThat(client.hasToken()).isTrue();
    }

    @Test
    void refuseWhatIsNoAddressAndWhatWouldShowTheToken() {
        assertThatThrownBy(() -> client(Map.of(), "--admin", "ftp://127.0.0.1"))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("wanted a URL");
        assertThatThrownBy(() -> client(Map.of(), "--admin", "http://10.0.0.1:8081"))
                .hasMessageContaining("plain http sends the token readable");
    }

    private void keep(String admin) {
        Contexts.read(Contexts.place(Map.of("XDG_CONFIG_HOME", folder.toString())))
                .with("home", new Contexts.Context(admin, Optional.of("secret"), Optional.empty()))
                .write();
    }

    private ApiClient client(Map<String, String> more, String... arguments) {
        AnyCommand command = new AnyCommand();
        new CommandLine(command).parseArgs(arguments);
        Map<String, String> environment = new java.util.HashMap<>(more);
        environment.put("XDG_CONFIG_HOME", folder.toString());
        return command.gateway.client(environment);
    }
}

package io.penstock.appliance.demo;

import io.penstock.appliance.Appliance;
import io.penstock.appliance.BootConfig;
import io.penstock.appliance.StartFailure;
import io.penstock.appliance.command.ApiClient;
import io.penstock.appliance.command.CommandFailure;
import io.penstock.appliance.command.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock demo}. */
@Command(
        name = "demo",
        description = {
            "A tour of a real gateway between toy clients and two toy upstreams, all in this process.",
            "It listens on 127.0.0.1:8080 (admin 8081, status 8082), or on the next free ports, and stays up until Ctrl-C.",
            "Everything it tells is measured while you read; a step whose check fails says so."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final int GATEWAY_PORT = 8080;
    private static final int ADMIN_PORT = 8081;
    private static final int STATUS_PORT = 8082;
    private static final int TRIES_MAX = 5;
    private static final int TOKEN_BYTES = 24;

    @Option(names = "--once", description = "End after the tour. Exit status 1 if a check failed.")
    private boolean isOnce;

    @Option(
            names = "--load-seconds",
            paramLabel = "N",
            description = "How long the last step loads the gateway, twice. Default: ${DEFAULT-VALUE}.")
    private int loadSeconds = 5;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private CommandSpec spec;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch gone = new CountDownLatch(1);

    @Override
    public Integer call() throws IOException {
        if (loadSeconds < 1 || loadSeconds > 600) {
            throw new ParameterException(
                    spec.commandLine(), "--load-seconds: found " + loadSeconds + ", wanted 1 to 600");
        }
        PrintWriter out = spec.commandLine().getOut();
        Narrator narrator = new Narrator(out);
        Thread hook = new Thread(this::end, "penstock-demo-end");
        Runtime.getRuntime().addShutdownHook(hook);
        try (DemoFolder folder = new DemoFolder();
                ToyUpstream blue = new ToyUpstream("blue");
                ToyUpstream green = new ToyUpstream("green")) {
            return tour(narrator, folder, blue, green);
        } finally {
            gone.countDown();
        }
    }

    /** On Ctrl-C: what was made goes away before the process does. */
    private void end() {
        asked.countDown();
        try {
            gone.await();
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    private int tour(Narrator narrator, DemoFolder folder, ToyUpstream blue, ToyUpstream green) throws IOException {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        String token = HexFormat.of().formatHex(random);
        Path tokenFile = folder.write("admin-token", token + "\n");
        for (int attempt = 1; ; attempt++) {
            FreePorts ports = new FreePorts();
            InetSocketAddress gateway = ports.from(GATEWAY_PORT);
            BootConfig boot =
                    BootConfig.of(folder.path().resolve("data"), ports.from(ADMIN_PORT), ports.from(STATUS_PORT));
            String yaml = DemoDocument.text(gateway, blue, green);
            Path document = folder.write("demo.yaml", yaml);
            try (Appliance appliance =
                            new Appliance(boot.withDocument(document).withAdminTokenFile(tokenFile), Map.of());
                    ApiClient owner = new ApiClient(appliance.adminUri(), Optional.of(token))) {
                introduce(narrator, appliance, gateway, yaml);
                PluginFiles plugin = PluginFiles.in(folder.path());
                ToldCommands commands = new ToldCommands(narrator, appliance.adminUri(), tokenFile);
                PluginStory plugins = new PluginStory(narrator, gateway, owner, commands, plugin);
                TrafficStory traffic = new TrafficStory(
                        narrator, gateway, owner, commands, blue, green, TrafficFiles.in(folder, blue, green));
                Duration load = Duration.ofSeconds(loadSeconds);
                new Story(narrator, gateway, appliance.adminUri(), owner, blue, green, load, traffic, plugins)
                        .tell(() -> asked.getCount() > 0);
                return outcome(narrator, appliance, gateway, document, tokenFile, plugin);
            } catch (StartFailure failure) {
                // Someone may have taken a port since it was found free.
                if (failure.kind() != StartFailure.Kind.ADDRESS_IN_USE || attempt == TRIES_MAX) {
                    throw new CommandFailure(ExitCode.FAILED, String.valueOf(failure.getMessage()));
                }
            }
        }
    }

    private static void introduce(Narrator narrator, Appliance appliance, InetSocketAddress gateway, String yaml) {
        narrator.plain("Penstock demo: the gateway is on http://127.0.0.1:" + gateway.getPort() + ", its admin API on "
                + appliance.adminUri() + ", its status port on http://127.0.0.1:"
                + appliance.statusAddress().getPort());
        if (gateway.getPort() != GATEWAY_PORT
                || appliance.adminUri().getPort() != ADMIN_PORT
                || appliance.statusAddress().getPort() != STATUS_PORT) {
            narrator.plain("(8080, 8081 and 8082 are not all free here, so these are the next free ports)");
        }
        narrator.plain(appliance.engineStatus().workers().size() + " workers on "
                + appliance.engineStatus().transport() + ". All of its configuration:\n");
        narrator.say(yaml);
    }

    private int outcome(
            Narrator narrator,
            Appliance appliance,
            InetSocketAddress gateway,
            Path document,
            Path tokenFile,
            PluginFiles plugin) {
        narrator.gap();
        narrator.plain(
                narrator.failures() == 0
                        ? "All checks held."
                        : narrator.failures() + " checks did NOT hold; they are marked NOT OK above.");
        if (!isOnce && asked.getCount() > 0) {
            narrator.plain("""

                    It runs on until Ctrl-C. In another terminal:
                      export PENSTOCK_ADMIN=%s PENSTOCK_TOKEN_FILE=%s
                      curl -i http://127.0.0.1:%d/orders/7
                      appliance-image/bin/penstock explain GET http://127.0.0.1:%d/nowhere
                      appliance-image/bin/penstock status
                      curl http://127.0.0.1:%d/metrics
                    The YAML above is %s: copy it, change it, then
                      appliance-image/bin/penstock diff my.yaml
                      appliance-image/bin/penstock apply my.yaml
                    Edit the plugin, %s, and each time you save it, it is live:
                      appliance-image/bin/penstock plugin dev %s
                      curl http://127.0.0.1:%d/welcome""".formatted(
                            appliance.adminUri(),
                            tokenFile,
                            gateway.getPort(),
                            gateway.getPort(),
                            appliance.statusAddress().getPort(),
                            document,
                            plugin.module(),
                            plugin.folder(),
                            gateway.getPort()));
            try {
                asked.await();
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            }
        }
        return narrator.failures() == 0 ? ExitCode.OK : ExitCode.FAILED;
    }
}

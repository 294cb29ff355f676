package io.penstock.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs out of descriptors, in a process of its own. */
final class ExhaustionTest {
    private static final int DESCRIPTORS = 200;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void acceptingRestsAndGoesOnWhenDescriptorsAreBack(TransportChoice choice) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                "ulimit -n " + DESCRIPTORS + "; exec \"$@\"",
                "sh",
                java,
                "-XX:-MaxFDLimit",
                "-Xmx64m",
                "-cp"));
        command.add(System.getProperty("java.class.path"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--"))
                .forEach(argument -> command.add(command.size() - 2, argument));
        command.add(Main.class.getName());
        command.add(choice.name());

        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(output.lines()).as(output).contains("refused connect: EXHAUSTED", "accepted after the pause: true");
        String rests = output.lines()
                .filter(line -> line.startsWith("rests: "))
                .findFirst()
                .orElseThrow();
        // Once in 100 ms, for a second; one that spins comes to thousands.
        assertThat(Integer.parseInt(rests.substring(7))).isBetween(2, 40);
    }

    /** The process that runs out. */
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) throws Exception {
            Rig rig = new Rig(TransportChoice.valueOf(arguments[0]));
            Rig.Listening listening = rig.listen(() -> new Recorder(false));
            // Loads what loading needs descriptors for.
            rig.dial(listening.address);
            listening.next();
            Recorder refused = new Recorder();
            Recorder connected = new Recorder();
            Rig.run(rig.loop, () -> rig.loop.connect(listening.address, TimeUnit.SECONDS.toNanos(5), connected));
            connected.awaitOpened();
            listening.next();
            List<java.io.Closeable> hoard = new ArrayList<>();
            Socket waiting = new Socket();
            try {
                while (true) {
                    hoard.add(new java.io.FileInputStream("/dev/null"));
                }
            } catch (java.io.IOException e) {
                // The last one goes to the connection that cannot be accepted.
                hoard.removeLast().close();
                waiting.connect(listening.address);
            }
            TimeUnit.MILLISECONDS.sleep(1000);
            Rig.run(rig.loop, () -> rig.loop.connect(listening.address, TimeUnit.SECONDS.toNanos(5), refused));
            CloseCause cause = refused.awaitClosed();
            boolean wasEarly = !listening.accepted.isEmpty();
            int rests = Rig.on(rig.loop, () -> listening.exhaustions);
            for (java.io.Closeable closeable : hoard) {
                closeable.close();
            }
            Channel accepted = listening.accepted.poll(5, TimeUnit.SECONDS);
            System.out.println("refused connect: " + cause);
            System.out.println("rests: " + rests);
            System.out.println("accepted after the pause: " + (accepted != null && !wasEarly));
            System.exit(0);
        }
    }
}

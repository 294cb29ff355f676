package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * The commands of documentation, run as its reader runs them: each block marked {@code sh} in one shell, those that keep a
 * terminal busy beside it. A block marked {@code text} holds what was shown since the one before, in this order, among other
 * lines.
 */
final class DocumentedCommands implements AutoCloseable {
    private static final Path SOURCE = Path.of("..").toAbsolutePath().normalize();
    static final Path DOCS = SOURCE.resolve("docs");
    private static final Pattern BLOCK =
            Pattern.compile("^( *)```(sh|text)\n(.*?)^ *```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern LISTENS = Pattern.compile("'127\\.0\\.0\\.1', ([0-9]+)");
    private static final List<String> PORTS = List.of("18080", "18090", "19000", "19001", "8081", "8082");
    private static final String END = "the-block-has-ended";
    private static final Duration WAIT_MAX = Duration.ofMinutes(3);

    private final Path folder;
    private final Map<String, String> replaced = new LinkedHashMap<>();
    private final List<Process> beside = new ArrayList<>();
    // Also of pages that were given up: their loops would go on.
    private final Queue<Shell> shells = new ConcurrentLinkedQueue<>();

    /** A shell that ends at the first command that fails. */
    private static final class Shell implements AutoCloseable {
        private final Process process;
        private final Writer in;
        private final BufferedReader out;

        Shell(ProcessBuilder builder) throws IOException {
            process = builder.start();
            in = process.outputWriter(StandardCharsets.UTF_8);
            out = process.inputReader(StandardCharsets.UTF_8);
        }

        String run(String page, String block) throws IOException {
            in.write(block + "\necho " + END + "\n");
            in.flush();
            StringBuilder shown = new StringBuilder();
            while (true) {
                String line = out.readLine();
                assertThat(line)
                        .as("%s: a command failed in:%n%s%nwhat was shown:%n%s", page, block, shown)
                        .isNotNull();
                // What is shown last may lack its end of line.
                if (line.endsWith(END)) {
                    return shown.append(line, 0, line.length() - END.length())
                            .append('\n')
                            .toString();
                }
                shown.append(line).append('\n');
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    DocumentedCommands(Path folder) throws IOException {
        this.folder = folder;
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path penstock = Files.writeString(bin.resolve("penstock"), """
                #!/bin/sh
                exec '%s/bin/java' '@%s' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx256m -Duser.home="$HOME" -cp '%s' \
                io.penstock.appliance.Main "$@"
                """.formatted(
                        System.getProperty("java.home"),
                        Path.of("src/jvm/jvm.options").toAbsolutePath(),
                        System.getProperty("java.class.path")));
        Files.setPosixFilePermissions(penstock, PosixFilePermissions.fromString("rwxr-xr-x"));
        replaced.put("$PWD/appliance-image/bin", bin.toString());
        replaced.put("/tmp/try", folder.resolve("try").toString());
        for (String port : PORTS) {
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                replaced.put(":" + port, ":" + free.getLocalPort());
                replaced.put("', " + port + ")", "', " + free.getLocalPort() + ")");
            }
        }
    }

    private ProcessBuilder process(Path in, String... command) {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(in.toFile()).redirectErrorStream(true);
        builder.environment().put("HOME", folder.toString());
        builder.environment().remove("XDG_CONFIG_HOME");
        builder.environment().merge("PATH", folder.resolve("bin") + ":", (path, first) -> first + path);
        return builder;
    }

    /** Runs all of a page, and finds what it shows, which is something. */
    void follow(String page) throws IOException {
        Matcher block = BLOCK.matcher(Files.readString(DOCS.resolve(page)));
        StringBuilder shown = new StringBuilder();
        Path ground = folder.resolve("try");
        int compared = 0;
        try (Shell shell =
                new Shell(process(Files.exists(ground) ? ground : SOURCE, "bash", "-eu", "-o", "pipefail"))) {
            shells.add(shell);
            while (block.find()) {
                String text = here(block.group(3).indent(-block.group(1).length()));
                String last = text.strip().lines().reduce("", (before, line) -> line);
                if (block.group(2).equals("text")) {
                    assertShown(page, text, shown.toString());
                    shown.setLength(0);
                    compared++;
                } else if (last.startsWith("penstock run ") || last.startsWith("python3 ")) {
                    runBeside(last);
                } else {
                    shown.append(shell.run(page, text));
                }
            }
        }
        assertThat(compared).as("%s: blocks of what is shown", page).isPositive();
    }

    // As on the reader's machine, but for ports and folders.
    private String here(String text) {
        String result = text;
        for (Map.Entry<String, String> entry : replaced.entrySet()) {
            result = result.replace(entry.getKey(), entry.getValue());
        }
        return result;
    }

    private static void assertShown(String page, String wanted, String shown) {
        String found = shown.replaceAll(" +", " ");
        assertThat(found)
                .as(page)
                .containsSubsequence(wanted.strip()
                        .lines()
                        .map(line -> line.strip().replaceAll(" +", " "))
                        .toList());
    }

    private void runBeside(String command) throws IOException {
        Path ground = folder.resolve("try");
        Path out = Files.createTempFile(folder, "beside", ".out");
        boolean isGateway = command.startsWith("penstock run ");
        // A gateway tells its ports by options; the documentation has those that it takes if nothing is said.
        String whole = "exec "
                + (isGateway
                        ? command + " --admin 127.0.0.1" + replaced.get(":8081") + " --status 127.0.0.1"
                                + replaced.get(":8082")
                        : command);
        Process process = process(ground, "bash", "-c", whole)
                .redirectOutput(out.toFile())
                .start();
        beside.add(process);
        Awaitility.await(command)
                .atMost(WAIT_MAX)
                .failFast(command + " has ended; its output is " + out, () -> !process.isAlive())
                .until(() -> isGateway
                        ? Files.readString(out).lines().anyMatch(line -> line.startsWith("ready"))
                        : listens(Files.readString(ground.resolve(command.substring("python3 ".length())))));
    }

    private static boolean listens(String script) {
        Matcher found = LISTENS.matcher(script);
        assertThat(found.find()).as(script).isTrue();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(found.group(1))));
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    @Override
    public void close() {
        shells.forEach(Shell::close);
        beside.forEach(Process::destroy);
        for (Process process : beside) {
            try {
                if (!process.waitFor(WAIT_MAX)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

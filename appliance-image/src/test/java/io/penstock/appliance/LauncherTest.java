package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher itself, with Java homes that only say how they were called. */
final class LauncherTest {
    private static final List<String> TOOLS =
            List.of("sed", "head", "tail", "grep", "dirname", "readlink", "find", "cat", "sleep", "mkdir");

    @TempDir
    Path folder;

    private final Map<String, String> environment = new TreeMap<>();
    private Path launcher = Path.of("");

    /** What a run of the launcher gave. */
    private record Outcome(int exitCode, long pid, String output) {}

    @BeforeEach
    void makeDistribution() throws IOException {
        Path bin = Files.createDirectories(folder.resolve("dist/bin"));
        Files.createDirectories(folder.resolve("dist/lib"));
        Files.writeString(folder.resolve("dist/lib/appliance-image-1.jar"), "");
        Files.writeString(folder.resolve("dist/jvm.options"), "# none\n");
        // The usual places of this machine hold real Javas, which these tests must not find.
        String text = Files.readString(Path.of("bin/penstock"))
                .replaceAll("(?<= )/(usr|opt)(?=/)", folder.resolve("usual") + "/$1");
        launcher = bin.resolve("penstock");
        executable(launcher, text);
        Path tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : TOOLS) {
            Path real = Path.of("/usr/bin").resolve(tool);
            Path there = Files.exists(real) ? real : Path.of("/bin").resolve(tool);
            executable(tools.resolve(tool), "#!/bin/sh\nexec " + there + " \"$@\"\n");
        }
        environment.put("PATH", tools.toString());
        environment.put("HOME", folder.resolve("home").toString());
    }

    @Test
    void becomesJavaSoThatItsProcessIdIsTheGateways() throws Exception {
        environment.put("JAVA_HOME", java("jdk", "25.0.3").toString());

        Outcome outcome = launch("run", "--data", "some where");

        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.output()).contains("pid " + outcome.pid() + "\n");
    }

    @Test
    void handsTheOptionsFileTheClassPathAndEveryArgumentOn() throws Exception {
        environment.put("JAVA_HOME", java("jdk", "25.0.3").toString());

        Outcome outcome = launch("run", "--data", "some where");

        assertThat(outcome.output())
                .contains("[@" + folder.resolve("dist/jvm.options") + "]")
                .contains("[-cp]\n[" + folder.resolve("dist/lib") + "/*]\n[-Dpenstock.launcher="
                        + folder.resolve("dist/bin/penstock") + "]\n[io.penstock.appliance.Main]\n")
                .endsWith("[run]\n[--data]\n[some where]\n");
    }

    @Test
    void choosesACollectorOnlyIfTheOperatorDoesNot() throws Exception {
        environment.put("JAVA_HOME", java("jdk", "25.0.3").toString());

        String usual = launch("run").output();
        environment.put("PENSTOCK_JAVA_OPTS", "-Xmx1g -XX:+UseZGC");
        String chosen = launch("run").output();

        assertThat(usual).contains("[-XX:+UseParallelGC]");
        assertThat(chosen).contains("[-Xmx1g]\n[-XX:+UseZGC]").doesNotContain("ParallelGC");
    }

    @Test
    void boundsTheYoungGenerationUnlessTheHeapIsChosenByHand() throws Exception {
        environment.put("JAVA_HOME", java("jdk", "25.0.3").toString());

        String usual = launch("run").output();
        String command = launch("export").output();

        assertThat(usual).contains("[-XX:MaxNewSize=256m]");
        assertThat(command).doesNotContain("MaxNewSize");
        for (String chosen : List.of("-Xmx256m", "-XX:MaxRAMPercentage=10", "-XX:+UseZGC")) {
            environment.put("PENSTOCK_JAVA_OPTS", chosen);
            assertThat(launch("run").output()).contains("[" + chosen + "]").doesNotContain("MaxNewSize");
        }
    }

    @Test
    void sharesTheMemoryOutAsItsRowSays() throws Exception {
        environment.put("JAVA_HOME", java("jdk", "25.0.3").toString());
        inAMachineOf(512L << 10);
        for (SizeProfile row : SizeProfile.values()) {
            long kib = row == SizeProfile.TINY ? 512L << 10 : (long) row.fromGib() << 20;
            Files.writeString(folder.resolve("meminfo"), "MemTotal:       " + kib + " kB\nMemFree: 1 kB\n");

            assertThat(launch("run").output())
                    .as(row.text())
                    .contains("[-XX:MaxRAMPercentage=" + row.heapPercent() + "]")
                    .contains("[-XX:MaxDirectMemorySize=" + kib * row.directPercent() / 100 + "k]");
        }
    }

    @Test
    void takesNoMoreThanControlGroupsLeave() throws Exception {
        environment.put("JAVA_HOME", java("jdk", "25.0.3").toString());
        inAMachineOf(64L << 20);
        Path inner = Files.createDirectories(folder.resolve("groups/outer/inner"));
        Files.writeString(folder.resolve("group"), "0::/outer/inner\n");
        Files.writeString(inner.resolve("memory.max"), "max\n");
        Files.writeString(inner.resolveSibling("memory.max"), (2L << 30) + "\n");
        String two = "[-XX:MaxDirectMemorySize=" + (2L << 20) * SizeProfile.SMALL.directPercent() / 100 + "k]";
        assertThat(launch("run").output()).contains(two);

        // A container may see its own group as the root of all.
        Files.writeString(folder.resolve("group"), "0::/\n");
        Files.writeString(folder.resolve("groups/memory.max"), (512L << 20) + "\n");
        assertThat(launch("run").output()).contains("[-XX:MaxRAMPercentage=30]").doesNotContain("MaxNewSize");

        Files.writeString(folder.resolve("group"), "4:memory:/old\n0::/none\n");
        Files.delete(folder.resolve("groups/memory.max"));
        Path old = Files.createDirectories(folder.resolve("groups/memory/old"));
        Files.writeString(old.resolve("memory.limit_in_bytes"), (2L << 30) + "\n");
        Files.writeString(folder.resolve("groups/memory/memory.limit_in_bytes"), "9223372036854771712\n");
        assertThat(launch("run").output()).contains(two);
    }

    @Test
    void leavesDirectMemoryToWhoChoosesTheHeap() throws Exception {
        environment.put("JAVA_HOME", java("jdk", "25.0.3").toString());
        environment.put("PENSTOCK_JAVA_OPTS", "-Xmx1g");

        assertThat(launch("run").output()).doesNotContain("MaxDirectMemorySize");
    }

    private void inAMachineOf(long kib) throws IOException {
        Files.writeString(folder.resolve("meminfo"), "MemTotal: " + kib + " kB\n");
        Files.writeString(folder.resolve("group"), "");
        Files.createDirectories(folder.resolve("groups"));
        executable(
                launcher,
                Files.readString(launcher)
                        .replace("/proc/meminfo", folder.resolve("meminfo").toString())
                        .replace("/proc/self/cgroup", folder.resolve("group").toString())
                        .replace("/sys/fs/cgroup", folder.resolve("groups").toString()));
    }

    @Test
    void takesAJavaThatIsNewEnoughWhereverItIs() throws Exception {
        environment.put("JAVA_HOME", java("old", "17.0.1").toString());
        Path usual = java("usual/usr/lib/jvm/temurin-25", "25.0.1");

        Outcome outcome = launch("run");

        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.output()).contains("home " + usual + "\n");
    }

    @Test
    void prefersTheRuntimeBesideTheDistribution() throws Exception {
        environment.put("JAVA_HOME", java("jdk", "26").toString());
        Path beside = java("dist/runtime", "25.0.3");

        assertThat(launch("run").output()).contains("home " + beside + "\n");
    }

    @Test
    void startsThroughALink() throws Exception {
        environment.put("JAVA_HOME", java("jdk", "25.0.3").toString());
        Path link = folder.resolve("penstock");
        Files.createSymbolicLink(link, Path.of("dist/bin/penstock"));
        launcher = link;

        assertThat(launch("run").exitCode()).isZero();
    }

    @Test
    void saysWhatIsMissingAndWhereItLooked() throws Exception {
        Path old = java("old", "17.0.1");
        environment.put("JAVA_HOME", old.toString());

        Outcome outcome = launch("run");

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.output())
                .contains("no Java 25 or later was found")
                .contains(old + ": Java 17 (JAVA_HOME)")
                .contains("/usr/lib/jvm")
                .contains("PENSTOCK_JAVA_HOME");
    }

    @Test
    void neverReplacesTheJavaThatWasAskedForByName() throws Exception {
        environment.put("JAVA_HOME", java("jdk", "25.0.3").toString());
        environment.put("PENSTOCK_JAVA_HOME", java("old", "21.0.2").toString());

        Outcome outcome = launch("run");

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.output())
                .contains("PENSTOCK_JAVA_HOME is not a Java 25 or later")
                .contains("Java 21");
    }

    @Test
    void unpacksLibrariesOfASourceTreeWhereACleanBuildRemovesThem() throws Exception {
        environment.put("JAVA_HOME", java("jdk", "25.0.3").toString());
        Path image = Files.createDirectories(folder.resolve("source/appliance-image"));
        Files.createDirectories(image.resolve("src/main/java"));
        Files.writeString(folder.resolve("source/pom.xml"), "<project/>");
        Files.createDirectories(image.resolve("target/lib"));
        Files.writeString(image.resolve("target/lib/appliance-image-1.jar"), "");
        launcher = Files.copy(
                launcher, Files.createDirectories(image.resolve("bin")).resolve("penstock"));

        Outcome outcome = launch("run");

        assertThat(outcome.output())
                .contains("[-Dorg.sqlite.tmpdir=" + image.resolve("target/native") + "]\n")
                .contains("[-DZstdTempFolder=" + image.resolve("target/native") + "]\n");
        assertThat(image.resolve("target/native")).isDirectory();
    }

    @Test
    void saysHowToBuildWhatIsNotBuilt() throws Exception {
        environment.put("JAVA_HOME", java("jdk", "25.0.3").toString());
        Path image = Files.createDirectories(folder.resolve("source/appliance-image"));
        Files.createDirectories(image.resolve("src/main/java"));
        Files.writeString(folder.resolve("source/pom.xml"), "<project/>");
        Path bin = Files.createDirectories(image.resolve("bin"));
        launcher = Files.copy(launcher, bin.resolve("penstock"));

        Outcome run = launch("run");
        Outcome demo = launch("demo");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.output())
                .contains("mvn -DskipTests package")
                .contains(folder.resolve("source").toString());
        assertThat(demo.exitCode()).isEqualTo(1);
        assertThat(demo.output()).contains("mvn is not on the PATH");
    }

    /** A Java home whose java says how it was called. */
    private Path java(String name, String version) throws IOException {
        Path home = folder.resolve(name);
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        executable(java, "#!/bin/sh\necho \"pid $$\"\necho \"home " + home + "\"\nprintf '[%s]\\n' \"$@\"\n");
        return home;
    }

    private static void executable(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Outcome launch(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(launcher.toString()).redirectErrorStream(true);
        builder.command().addAll(List.of(arguments));
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), process.pid(), output);
    }
}

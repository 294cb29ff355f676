package io.penstock.appliance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How this gateway was started, so that it can be started again: the launcher by the name it was called by, which may be a newer one
 * by now, or java itself where there was no launcher.
 *
 * @param program what comes before {@code run}
 * @param arguments of {@code run}
 * @param folder in which it is to be started
 */
record Relaunch(List<String> program, List<String> arguments, Path folder) {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final String RUN = "run";
    private static final String APPLY = "--apply";

    Relaunch {
        program = List.copyOf(program);
        arguments = List.copyOf(arguments);
    }

    /**
     * As this process was started.
     *
     * @throws IOException if the kernel does not tell how
     */
    static Relaunch ofThisProcess() throws IOException {
        @Nullable String launcher = System.getProperty("penstock.launcher");
        String folder = System.getProperty("penstock.folder", System.getProperty("user.dir"));
        List<String> words =
                Arrays.asList(new String(Files.readAllBytes(COMMAND_LINE), StandardCharsets.UTF_8).split("\0", -1));
        // The last word ends with a zero too.
        return of(words.subList(0, words.size() - 1), Optional.ofNullable(launcher), Path.of(folder));
    }

    static Relaunch of(List<String> words, Optional<String> launcher, Path folder) throws IOException {
        int main = words.indexOf(Main.class.getName());
        if (main < 0 || main + 1 >= words.size() || !words.get(main + 1).equals(RUN)) {
            throw new IOException("this gateway was not started by \"penstock run\"");
        }
        List<String> program = launcher.map(List::of).orElseGet(() -> words.subList(0, main + 1));
        return new Relaunch(program, words.subList(main + 2, words.size()), folder);
    }

    /**
     * The command that starts the next gateway. The document that this one was told to apply is left out: what is stored now may
     * be newer, and is served.
     *
     * @param otherProgram to start in place of this one
     * @param otherArguments of {@code run}, in place of this one's and taken as they are; empty for this one's
     */
    List<String> command(Optional<String> otherProgram, List<String> otherArguments) {
        List<String> command = new ArrayList<>(otherProgram.map(List::of).orElse(program));
        command.add(RUN);
        command.addAll(otherArguments.isEmpty() ? withoutDocument(arguments) : otherArguments);
        return command;
    }

    private static List<String> withoutDocument(List<String> arguments) {
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            if (arguments.get(i).equals(APPLY)) {
                i++;
            } else if (!arguments.get(i).startsWith(APPLY + "=")) {
                kept.add(arguments.get(i));
            }
        }
        return kept;
    }
}

package io.penstock.appliance.command;

import io.penstock.admin.backup.Backup;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/** What a backup is sealed with: the first line of a file, or typed where somebody sits. Never an argument, which all could see. */
public final class Passphrase {
    private static final long FILE_BYTES_MAX = 4096;

    private Passphrase() {}

    /**
     * Reads it.
     *
     * @param isNew asked for twice if typed, as a slip would lose the backup
     */
    public static char[] read(Optional<Path> file, boolean isNew) {
        char[] found = file.isPresent() ? ofFile(file.get()) : typed(isNew);
        if (isNew && found.length < Backup.PASSPHRASE_CHARS_MIN) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "the passphrase has " + found.length + " characters, wanted at least " + Backup.PASSPHRASE_CHARS_MIN
                            + ". Make one with: openssl rand -base64 24");
        }
        return found;
    }

    private static char[] ofFile(Path file) {
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new CommandFailure(ExitCode.USAGE, "passphrase file " + file + ": found more than a line in it");
            }
            return Files.readString(file, StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("")
                    .toCharArray();
        } catch (IOException unreadable) {
            throw FileTrouble.unread("passphrase file " + file, unreadable);
        }
    }

    private static char[] typed(boolean isNew) {
        // Never null since JDK 22, which its annotation does not say.
        Console console = Objects.requireNonNull(System.console());
        if (!console.isTerminal()) {
            throw new CommandFailure(
                    ExitCode.USAGE, "nobody is there to type a passphrase; name a file with --passphrase-file");
        }
        char[] first = Optional.ofNullable(console.readPassword("Passphrase: ")).orElse(new char[0]);
        if (isNew && !Arrays.equals(first, console.readPassword("Again: "))) {
            throw new CommandFailure(ExitCode.USAGE, "the two differ; nothing was done");
        }
        return first;
    }
}

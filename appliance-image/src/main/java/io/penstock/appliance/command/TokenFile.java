package io.penstock.appliance.command;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/** A file with a bearer token in it. */
public final class TokenFile {
    private static final long BYTES_MAX = 4096;
    private static final String USER_ID = "unix:uid";

    private TokenFile() {}

    /** What is unwise about the file, if anything: a token that others can read is theirs too. */
    public static Optional<String> warning(Path file) {
        try {
            Set<PosixFilePermission> found = Files.getPosixFilePermissions(file);
            return found.contains(PosixFilePermission.OTHERS_READ)
                            || (found.contains(PosixFilePermission.GROUP_READ) && isOwn(file))
                    ? Optional.of("token file " + file + " has the mode " + PosixFilePermissions.toString(found)
                            + ": others than its owner can read it; chmod 600 " + file)
                    : Optional.empty();
        } catch (IOException | UnsupportedOperationException unknown) {
            // Reading it says what is wrong; a file system without modes has nothing to warn of.
            return Optional.empty();
        }
    }

    // Another's file comes to this process by its group, and "chmod 600" would take it away: root's below
    // /etc/penstock, a Secret
    // in a pod.
    private static boolean isOwn(Path file) throws IOException {
        return Files.getAttribute(file, USER_ID).equals(Files.getAttribute(Path.of("/proc/self"), USER_ID));
    }

    /** Its content without blanks around it. Never shown in a message. */
    public static String read(Path file) {
        try {
            if (Files.isRegularFile(file) && Files.size(file) > BYTES_MAX) {
                throw new CommandFailure(ExitCode.USAGE, "token file " + file + ": found more than a token in it");
            }
            String token = Files.readString(file).strip();
            if (token.isEmpty()) {
                throw new CommandFailure(
                        ExitCode.USAGE, "token file " + file + " is empty. Make a token with: openssl rand -base64 32");
            }
            if (token.chars().anyMatch(character -> character <= ' ' || character > '~')) {
                throw new CommandFailure(
                        ExitCode.USAGE, "token file " + file + ": wanted one line of visible ASCII characters");
            }
            return token;
        } catch (MalformedInputException binary) {
            throw new CommandFailure(
                    ExitCode.USAGE, "token file " + file + ": wanted one line of visible ASCII characters");
        } catch (IOException unreadable) {
            throw FileTrouble.unread("token file " + file, unreadable);
        }
    }
}

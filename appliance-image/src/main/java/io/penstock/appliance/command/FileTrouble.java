package io.penstock.appliance.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Locale;

/** What is wrong with a file, in words for who named it: none of the names by which Java knows it. */
public final class FileTrouble {
    private static final String DIRECTORY = "Is a directory";
    private static final String FULL = "No space left on device";

    private FileTrouble() {}

    /**
     * Of a file that was to be read.
     *
     * @param file as it was named, with what it is for before it if that helps: {@code token file t.txt}
     */
    public static CommandFailure unread(String file, IOException failed) {
        return new CommandFailure(ExitCode.USAGE, file + why(failed, " does not exist", " wanted a file"));
    }

    /**
     * Opens a file to be read, or says what is wrong with it. The caller closes it.
     *
     * @param use what it is for, with a blank behind it, such as {@code "backup "}
     */
    public static InputStream opened(String use, Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw new IOException(DIRECTORY);
            }
            return Files.newInputStream(file);
        } catch (IOException unreadable) {
            throw unread(use + file, unreadable);
        }
    }

    /** Of a file that was to be written. */
    public static CommandFailure unwritten(Path file, IOException failed) {
        return new CommandFailure(
                ExitCode.FAILED,
                file + why(failed, " cannot be written: its folder does not exist", " name a file in it"));
    }

    /** Of anything else that wanted a disk or a connection; for the middle of a sentence. */
    public static String reason(IOException failed) {
        return failed instanceof FileSystemException named && named.getFile() != null
                ? named.getFile() + why(failed, " does not exist", " wanted a file")
                : told(failed);
    }

    private static String why(IOException failed, String ifAbsent, String ifFolder) {
        return switch (failed) {
            case NoSuchFileException absent -> ifAbsent;
            case AccessDeniedException denied -> ": permission denied, for the user " + System.getProperty("user.name");
            case FileAlreadyExistsException there -> " exists already";
            case NotDirectoryException file -> " is no folder";
            case CharacterCodingException binary -> " is not UTF-8 text";
            default -> DIRECTORY.equals(system(failed)) ? " is a folder," + ifFolder : ": " + told(failed);
        };
    }

    private static String told(IOException failed) {
        String said = system(failed);
        if (said.equals(FULL)) {
            return "there is no room left on its disk";
        }
        return said.isEmpty() || said.contains("Exception")
                ? "it failed (" + failed + ")"
                : said.substring(0, 1).toLowerCase(Locale.ROOT) + said.substring(1);
    }

    /** What the operating system said, without the file's name before it. */
    private static String system(IOException failed) {
        return failed instanceof FileSystemException named
                ? String.valueOf(named.getReason() == null ? "" : named.getReason())
                : String.valueOf(failed.getMessage() == null ? "" : failed.getMessage());
    }
}

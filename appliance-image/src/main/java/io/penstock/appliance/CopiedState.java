package io.penstock.appliance;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A state that is looked at in a copy: what is told of it names the folder or the backup that the copy was made of, since nobody finds the
 * copy afterwards.
 *
 * @param original the folder or the backup, as it was given
 * @param isBackup whether its files are inside one
 * @param copy the folder of the copy
 */
record CopiedState(Path original, boolean isBackup, Path copy) {
    // What a restore makes in the folder that it restores to, and the name of a file.
    private static final String INSIDE = "(?:/restore\\.(?:new|ready))?(?:/([\\w.-]*\\w))?";

    /** A message about the copy, as one about the original. */
    String told(String message) {
        Matcher found = Pattern.compile(Pattern.quote(copy.toString()) + INSIDE).matcher(message);
        return found.replaceAll(place -> Matcher.quoteReplacement(name(place.group(1))));
    }

    private String name(@Nullable String file) {
        if (file == null) {
            return original.toString();
        }
        return isBackup ? file + " of " + original : original.resolve(file).toString();
    }
}

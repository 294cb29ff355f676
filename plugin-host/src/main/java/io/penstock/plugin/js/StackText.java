package io.penstock.plugin.js;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.SourceSection;
import org.jspecify.annotations.Nullable;

/** Makes a stack what its author reads: frames of the author's files with their own lines, and no others. */
public final class StackText {
    private static final Pattern FRAME = Pattern.compile("\\s+at (.*?)\\s*\\(?([^()\\s]+):([0-9]+):([0-9]+)\\)?\\s*");
    private static final Pattern FOREIGN_FRAME = Pattern.compile("\\s+at .*");
    private static final int FRAMES_MAX = 20;

    private final String entry;
    private final @Nullable SourceMap map;

    /**
     * Makes one for a package.
     *
     * @param entry the module that the source map is of
     */
    public StackText(String entry, @Nullable SourceMap map) {
        this.entry = entry;
        this.map = map;
    }

    /** Rewrites what {@code error.stack} says. */
    public String of(String stack) {
        StringBuilder text = new StringBuilder();
        int frames = 0;
        for (String line : stack.split("\n", -1)) {
            Matcher matcher = FRAME.matcher(line);
            if (!matcher.matches()) {
                if (!FOREIGN_FRAME.matcher(line).matches() && !line.isBlank()) {
                    text.append(text.isEmpty() ? "" : "\n").append(line);
                }
            } else if (!matcher.group(2).startsWith(Prelude.PREFIX) && frames++ < FRAMES_MAX) {
                text.append("\n    at ").append(matcher.group(1).isEmpty() ? "" : matcher.group(1) + " ");
                text.append('(')
                        .append(position(
                                matcher.group(2),
                                Integer.parseInt(matcher.group(3)),
                                Integer.parseInt(matcher.group(4))))
                        .append(')');
            }
        }
        return text.toString();
    }

    /** What an exception that left a context says. */
    public String of(PolyglotException exception) {
        StringBuilder text = new StringBuilder(String.valueOf(exception.getMessage()));
        SourceSection at = exception.getSourceLocation();
        int frames = 0;
        for (PolyglotException.StackFrame frame : exception.getPolyglotStackTrace()) {
            SourceSection where = frame.isGuestFrame() ? frame.getSourceLocation() : null;
            if (where != null && !where.getSource().isInternal() && frames++ < FRAMES_MAX) {
                text.append("\n    at ").append(frame.getRootName()).append(" (");
                text.append(position(name(where), where.getStartLine(), where.getStartColumn()))
                        .append(')');
            }
        }
        if (frames == 0 && at != null && !at.getSource().isInternal()) {
            text.append("\n    at (")
                    .append(position(name(at), at.getStartLine(), at.getStartColumn()))
                    .append(')');
        }
        return text.toString();
    }

    private static String name(SourceSection section) {
        String path = section.getSource().getPath();
        return path == null ? section.getSource().getName() : path;
    }

    private String position(String file, int line, int column) {
        String path = file.startsWith(PackageFileSystem.ROOT) ? file.substring(PackageFileSystem.ROOT.length()) : file;
        SourceMap known = map;
        // Engines name a module by its path or by its last part.
        boolean isEntry = path.equals(entry) || entry.endsWith("/" + path);
        Optional<SourceMap.Position> source = known != null && isEntry ? known.find(line, column) : Optional.empty();
        return source.map(found -> found.source() + ":" + found.line() + ":" + found.column())
                .orElse(path + ":" + line + ":" + column);
    }
}

package io.penstock.admin.store;

import java.time.Instant;
import java.util.Optional;

/**
 * Something that an actor did or tried, as it enters the audit log.
 *
 * @param actor who, e.g. {@code token:deploy}; {@code anonymous} when nobody was recognised
 * @param source the address it came from
 * @param action what, e.g. {@code config.edit}, {@code token.issue}
 * @param target what it was about, as a path of the API, e.g. {@code /routes/orders}
 * @param outcome how it ended
 * @param revision the revision it made
 * @param note the operator's words
 * @param detail why it was refused, and the like
 * @param changes before and after as a JSON array, bounded by {@link #CHANGES_CHARS_MAX}
 */
public record AuditEvent(
        Instant timestamp,
        String actor,
        Optional<String> source,
        String action,
        String target,
        Outcome outcome,
        Optional<Long> revision,
        Optional<String> note,
        Optional<String> detail,
        Optional<String> changes) {

    /** The most characters that {@code changes} may have; the revision itself holds all of them. */
    public static final int CHANGES_CHARS_MAX = 16 * 1024;

    /** The most characters of any other text; what is longer is cut, so that a line stays a line. */
    public static final int TEXT_CHARS_MAX = 1024;

    /** How an attempt ended. */
    public enum Outcome {
        APPLIED("applied"),
        UNCHANGED("unchanged"),
        DRY_RUN("dryRun"),
        REFUSED("refused"),
        FAILED("failed");

        private final String text;

        Outcome(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }

        static Outcome of(String text) {
            for (Outcome outcome : values()) {
                if (outcome.text.equals(text)) {
                    return outcome;
                }
            }
            throw new IllegalArgumentException("unknown audit outcome \"" + text + "\"");
        }
    }

    public AuditEvent {
        actor = cut(actor);
        source = source.map(AuditEvent::cut);
        action = cut(action);
        target = cut(target);
        note = note.map(AuditEvent::cut);
        detail = detail.map(AuditEvent::cut);
        if (changes.isPresent() && changes.get().length() > CHANGES_CHARS_MAX) {
            throw new IllegalArgumentException("changes of an audit line have "
                    + changes.get().length() + " characters, at most " + CHANGES_CHARS_MAX + " are allowed");
        }
    }

    private static String cut(String text) {
        return text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX - 1) + "…";
    }
}

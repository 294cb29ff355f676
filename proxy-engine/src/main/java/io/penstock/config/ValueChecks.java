package io.penstock.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Gathers the faults of one record's components in its compact constructor, and throws them together. */
final class ValueChecks {
    /** No timeout is longer: beyond a week an operator meant something else. */
    private static final Duration TIMEOUT_MAX = Duration.ofDays(7);

    private static final int NOTE_LENGTH_MAX = 4096;
    private static final int TAGS_MAX = 64;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
    private static final Pattern TAG = Pattern.compile("[\\x21-\\x7e&&[^,=]]{1,128}(=[\\x21-\\x7e&&[^,]]{0,128})?");

    private final List<ValueFault> faults = new ArrayList<>();

    /** What every resource has. */
    ValueChecks resource(String name, List<String> tags, Optional<String> note, Optional<String> owner) {
        name("name", name);
        require(tags.size() <= TAGS_MAX, "tags", "found " + tags.size() + " tags, wanted at most " + TAGS_MAX);
        for (int i = 0; i < tags.size(); i++) {
            require(
                    TAG.matcher(tags.get(i)).matches(),
                    "tags/" + i,
                    "found tag \"" + ValueText.shown(tags.get(i)) + "\", wanted key=value without spaces or commas");
        }
        note.ifPresent(text -> require(
                text.length() <= NOTE_LENGTH_MAX,
                "note",
                "found " + text.length() + " characters, wanted at most " + NOTE_LENGTH_MAX));
        owner.ifPresent(text -> name("owner", text));
        return this;
    }

    ValueChecks name(String member, String name) {
        return require(
                NAME.matcher(name).matches(),
                member,
                "found \"" + ValueText.shown(name)
                        + "\", wanted 1 to 128 letters, digits, '.', '_' or '-', not starting with '.' or '-'");
    }

    ValueChecks timeout(String member, Duration timeout) {
        return require(
                timeout.compareTo(Duration.ofMillis(1)) >= 0 && timeout.compareTo(TIMEOUT_MAX) <= 0,
                member,
                "found " + DurationText.format(timeout) + ", wanted 1ms to " + DurationText.format(TIMEOUT_MAX));
    }

    ValueChecks between(String member, long value, long min, long max) {
        return require(value >= min && value <= max, member, "found " + value + ", wanted " + min + " to " + max);
    }

    ValueChecks between(String member, Duration value, Duration min, Duration max) {
        return require(
                value.compareTo(min) >= 0 && value.compareTo(max) <= 0,
                member,
                "found " + DurationText.format(value) + ", wanted " + DurationText.format(min) + " to "
                        + DurationText.format(max));
    }

    ValueChecks between(String member, ByteSize value, ByteSize min, ByteSize max) {
        return require(
                value.compareTo(min) >= 0 && value.compareTo(max) <= 0,
                member,
                "found " + value + ", wanted " + min + " to " + max);
    }

    ValueChecks count(String member, String what, int count, int max) {
        return require(count <= max, member, "found " + count + " " + what + ", wanted at most " + max);
    }

    ValueChecks require(boolean holds, String member, String detail) {
        if (!holds) {
            faults.add(new ValueFault("/" + member, ConfigProblem.OUT_OF_RANGE, detail, Optional.empty()));
        }
        return this;
    }

    /** Throws what was gathered. */
    void end() {
        if (!faults.isEmpty()) {
            throw new InvalidValueException(faults);
        }
    }
}

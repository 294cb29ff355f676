package io.penstock.admin.machine;

import io.penstock.config.ConfigProblem;
import io.penstock.config.InvalidValueException;
import io.penstock.config.IpAddress;
import io.penstock.config.ValueFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Gathers the faults of one record of settings, and throws them together. The machine checks everything again by the same rules: what
 * passes here only to be refused there is answered as the machine says it.
 */
final class SettingChecks {
    static final int LIST_MAX = 64;

    private static final int SHOWN_CHARS_MAX = 80;

    // RFC 1123 section 2.1.
    private static final Pattern NAME = Pattern.compile(
            "(?=.{1,253}$)(?i)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");
    private static final Pattern DIGITS = Pattern.compile("[0-9.]+");

    private final List<ValueFault> faults = new ArrayList<>();

    SettingChecks require(boolean holds, String place, String found, String wanted) {
        if (!holds) {
            fault(place, ConfigProblem.BAD_VALUE, "found " + shown(found) + ", wanted " + wanted);
        }
        return this;
    }

    SettingChecks fault(String place, String code, String detail) {
        faults.add(new ValueFault(place.isEmpty() ? "" : "/" + place, code, detail, Optional.empty()));
        return this;
    }

    SettingChecks each(String member, List<String> values, Predicate<String> isGood, String wanted) {
        count(member, values.size());
        for (int i = 0; i < values.size(); i++) {
            require(isGood.test(values.get(i)), member + "/" + i, values.get(i), wanted);
        }
        return this;
    }

    SettingChecks count(String member, int count) {
        return require(count <= LIST_MAX, member, count + " entries", "at most " + LIST_MAX);
    }

    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    static boolean isAddress(String text) {
        return IpAddress.of(text).isPresent();
    }

    /** "10.0.0.300" is a mistyped address, not a name. */
    static boolean isNameOrAddress(String text) {
        return isAddress(text) || (isName(text) && !DIGITS.matcher(text).matches());
    }

    static String shown(String text) {
        String line = text.length() <= SHOWN_CHARS_MAX ? text : text.substring(0, SHOWN_CHARS_MAX) + "...";
        return "\"" + line.replaceAll("\\p{Cntrl}", "?") + "\"";
    }

    /** Throws what was gathered. */
    void end() {
        if (!faults.isEmpty()) {
            throw new InvalidValueException(faults);
        }
    }
}

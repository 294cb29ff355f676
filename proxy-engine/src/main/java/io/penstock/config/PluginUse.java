package io.penstock.config;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A plugin and a range of its versions, as an entry of {@code filters} names them: {@code token-guard@1}.
 *
 * <p>Versions are those of semver.org 2.0.0. {@code 1} and {@code 1.2} are all versions that begin so, {@code 1.2.3} is that
 * one; {@code ^1.2} is 1.2.0 and what is compatible with it (the leftmost number that is not 0 stays), {@code ~1.2} is 1.2.0
 * and what has the same minor number. A pre-release is in no range but its own full text.
 *
 * @param name the plugin's name
 * @param range what stands behind the {@code @}
 */
public record PluginUse(String name, String range) {
    private static final String NAME = "[a-z0-9][a-z0-9-]{0,62}";
    private static final String NUMBER = "(?:0|[1-9][0-9]{0,8})";
    private static final String FULL = NUMBER + "\\." + NUMBER + "\\." + NUMBER;
    private static final String PRERELEASE = "-[0-9A-Za-z-]{1,32}(?:\\.[0-9A-Za-z-]{1,32}){0,4}";
    private static final Pattern TEXT = Pattern.compile(
            "(" + NAME + ")@([\\^~]?" + NUMBER + "(?:\\." + NUMBER + "){0,2}|" + FULL + PRERELEASE + ")");
    private static final Pattern VERSION = Pattern.compile(FULL + "(?:" + PRERELEASE + ")?");
    private static final Pattern NUMERIC = Pattern.compile("[0-9]+");

    /** Versions, older first. Both must be versions by {@link #isVersion}. */
    public static final Comparator<String> ORDER = PluginUse::compare;

    /** Reads a use; empty if it is none. */
    public static Optional<PluginUse> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches() ? Optional.of(new PluginUse(matcher.group(1), matcher.group(2))) : Optional.empty();
    }

    /** Whether a text is a plugin's name. */
    public static boolean isName(String text) {
        return text.matches(NAME);
    }

    /** Whether a text is one version. */
    public static boolean isVersion(String text) {
        return VERSION.matcher(text).matches();
    }

    /** Whether a version is in the range. */
    public boolean admits(String version) {
        if (!isVersion(version)) {
            return false;
        }
        if (version.indexOf('-') >= 0 || range.indexOf('-') >= 0) {
            return version.equals(range);
        }
        long[] found = numbers(version);
        long[] wanted = numbers(bare());
        // How many leading numbers must be the same.
        int fixed = wanted.length;
        if (range.startsWith("~")) {
            fixed = Math.min(2, wanted.length);
        } else if (range.startsWith("^")) {
            int leading = 0;
            while (leading < wanted.length - 1 && wanted[leading] == 0) {
                leading++;
            }
            fixed = leading + 1;
        }
        for (int i = 0; i < fixed; i++) {
            if (found[i] != wanted[i]) {
                return false;
            }
        }
        for (int i = fixed; i < wanted.length; i++) {
            if (found[i] != wanted[i]) {
                return found[i] > wanted[i];
            }
        }
        return true;
    }

    /** The newest of these versions that is in the range. */
    public Optional<String> newestOf(List<String> versions) {
        return versions.stream().filter(this::admits).max(ORDER);
    }

    /** A use that admits a version, as alike to this one as can be: {@code guard@1} becomes {@code guard@2} for 2.1.0. */
    public PluginUse movedTo(String version) {
        if (admits(version)) {
            return this;
        }
        if (version.indexOf('-') >= 0 || range.indexOf('-') >= 0) {
            return new PluginUse(name, version);
        }
        String sign = bare().equals(range) ? "" : range.substring(0, 1);
        String[] parts = version.split("\\.", -1);
        int precision = numbers(bare()).length;
        return new PluginUse(name, sign + String.join(".", Arrays.copyOf(parts, precision)));
    }

    @Override
    public String toString() {
        return name + "@" + range;
    }

    private String bare() {
        return range.startsWith("^") || range.startsWith("~") ? range.substring(1) : range;
    }

    private static long[] numbers(String text) {
        return Arrays.stream(text.split("\\.", -1)).mapToLong(Long::parseLong).toArray();
    }

    private static int compare(String left, String right) {
        int leftHyphen = left.indexOf('-');
        int rightHyphen = right.indexOf('-');
        int order = Arrays.compare(
                numbers(leftHyphen < 0 ? left : left.substring(0, leftHyphen)),
                numbers(rightHyphen < 0 ? right : right.substring(0, rightHyphen)));
        if (order != 0 || (leftHyphen < 0 && rightHyphen < 0)) {
            return order;
        }
        if (leftHyphen < 0 || rightHyphen < 0) {
            return leftHyphen < 0 ? 1 : -1;
        }
        String[] lefts = left.substring(leftHyphen + 1).split("\\.", -1);
        String[] rights = right.substring(rightHyphen + 1).split("\\.", -1);
        return Arrays.compare(lefts, rights, PluginUse::compareIdentifiers);
    }

    // semver.org 2.0.0, 11.4: numbers by value and below words.
    private static int compareIdentifiers(String left, String right) {
        boolean isLeftNumber = NUMERIC.matcher(left).matches();
        boolean isRightNumber = NUMERIC.matcher(right).matches();
        if (isLeftNumber && isRightNumber) {
            int byLength = Integer.compare(left.length(), right.length());
            return byLength != 0 ? byLength : left.compareTo(right);
        }
        return isLeftNumber != isRightNumber ? (isLeftNumber ? -1 : 1) : left.compareTo(right);
    }
}

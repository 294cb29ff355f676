package io.penstock.plugin;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version as semver.org 2.0.0 writes it; build metadata takes no part in the order.
 *
 * @param prerelease what stands behind the hyphen, empty for a release
 */
record SemVer(int major, int minor, int patch, String prerelease) implements Comparable<SemVer> {
    private static final Pattern TEXT = Pattern.compile(
            "(0|[1-9][0-9]{0,8})\\.(0|[1-9][0-9]{0,8})\\.(0|[1-9][0-9]{0,8})"
                    + "(?:-((?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*))?");
    private static final int CHARS_MAX = 64;
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    static boolean isValid(String text) {
        return text.length() <= CHARS_MAX && TEXT.matcher(text).matches();
    }

    /** Parses a text that {@link #isValid}. */
    static SemVer parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("version \"" + text + "\" is not of the form 1.2.3");
        }
        String prerelease = matcher.group(4);
        return new SemVer(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3)),
                prerelease == null ? "" : prerelease);
    }

    /** The version as a text, without build metadata. */
    String text() {
        return major + "." + minor + "." + patch + (prerelease.isEmpty() ? "" : "-" + prerelease);
    }

    /** Whether it is in a range such as 1, 1.2 or 1.2.3; a pre-release is in no range but its own release's full text. */
    boolean isIn(String range) {
        String release = major + "." + minor + "." + patch;
        if (!prerelease.isEmpty()) {
            return range.equals(release + "-" + prerelease);
        }
        return range.equals(release) || range.equals(major + "." + minor) || range.equals(Integer.toString(major));
    }

    @Override
    public int compareTo(SemVer other) {
        int order = Integer.compare(major, other.major);
        order = order != 0 ? order : Integer.compare(minor, other.minor);
        order = order != 0 ? order : Integer.compare(patch, other.patch);
        return order != 0 ? order : comparePrerelease(prerelease, other.prerelease);
    }

    private static int comparePrerelease(String left, String right) {
        if (left.isEmpty() || right.isEmpty()) {
            return Boolean.compare(left.isEmpty(), right.isEmpty());
        }
        String[] lefts = left.split("\\.", -1);
        String[] rights = right.split("\\.", -1);
        for (int i = 0; i < Math.min(lefts.length, rights.length); i++) {
            int order = compareIdentifier(lefts[i], rights[i]);
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(lefts.length, rights.length);
    }

    private static int compareIdentifier(String left, String right) {
        boolean leftIsNumber = DIGITS.matcher(left).matches();
        boolean rightIsNumber = DIGITS.matcher(right).matches();
        if (leftIsNumber && rightIsNumber) {
            int order = Integer.compare(left.length(), right.length());
            return order != 0 ? order : left.compareTo(right);
        }
        return leftIsNumber != rightIsNumber ? (leftIsNumber ? -1 : 1) : left.compareTo(right);
    }
}

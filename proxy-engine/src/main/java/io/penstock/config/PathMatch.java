package io.penstock.config;

/** Which paths a route takes. */
public record PathMatch(
        @Doc("How the value is compared.") @Default("prefix")
        PathType type,

        @Doc("The path, template or expression, canonical: escapes only where needed.") @Default("/")
        String value) {
    /** What holds when nothing is written. */
    public static final PathMatch DEFAULTS = RecordDefaults.of(PathMatch.class);

    /** The path is equal. */
    public static PathMatch exact(String path) {
        return new PathMatch(PathType.EXACT, path);
    }

    /** The path begins with these whole segments. */
    public static PathMatch prefix(String path) {
        return new PathMatch(PathType.PREFIX, path);
    }

    /** The path fits the template. */
    public static PathMatch template(String template) {
        return new PathMatch(PathType.TEMPLATE, template);
    }

    /** The whole path matches the RE2 expression. */
    public static PathMatch regex(String expression) {
        return new PathMatch(PathType.REGEX, expression);
    }
}

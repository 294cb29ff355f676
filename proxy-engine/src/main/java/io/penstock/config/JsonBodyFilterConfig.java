package io.penstock.config;

/** Changes JSON bodies by JSON Pointer (RFC 6901), without code; or makes JSON of XML. */
@TypeTag("jsonBody")
public record JsonBodyFilterConfig(
        @Doc("Changes of the request's body.") JsonBodyEdits request,

        @Doc("Changes of the response's body, of answers with a status below 300.")
        JsonBodyEdits response,

        @Doc("The longest body that is read, decoded.") @Default("1MiB")
        ByteSize bodyMax,

        @Doc(
                "What becomes of a longer body: `refuse`, or `pass` as it came; one that comes in chunks is refused all the same.")
        @Default("refuse")
        BodyMisfit onTooLarge,

        @Doc("What becomes of a body that is no acceptable JSON or XML: `refuse`, or `pass` as it came.")
        @Default("refuse")
        BodyMisfit onMalformed,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements FilterConfig {
    private static final ByteSize BODY_MAX = ByteSize.parse("4MiB");

    public JsonBodyFilterConfig {
        new ValueChecks()
                .between("bodyMax", bodyMax, ByteSize.parse("1"), BODY_MAX)
                .end();
    }
}

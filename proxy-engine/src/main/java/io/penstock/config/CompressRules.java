package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.HashSet;
import java.util.Locale;
import java.util.regex.Pattern;

/** What compression must keep. */
final class CompressRules {
    private static final int TYPES_MAX = 64;
    private static final Pattern TYPE = Pattern.compile("\\*/\\*\\+[a-z0-9.-]+|[a-z0-9.+-]+/(\\*|[a-z0-9.+_-]+)");

    private CompressRules() {}

    static void check(CompressFilterConfig compress, Scope at) {
        if (compress.codings().isEmpty()) {
            at.in("codings")
                    .add(
                            ConfigProblem.REQUIRED,
                            "no coding is named, so nothing is compressed",
                            "leave codings out for all");
        }
        if (new HashSet<>(compress.codings()).size() < compress.codings().size()) {
            at.in("codings").add(ConfigProblem.DUPLICATE, "a coding is named twice");
        }
        if (compress.types().size() > TYPES_MAX) {
            at.in("types")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "found " + compress.types().size() + " types, wanted at most " + TYPES_MAX);
        }
        for (int i = 0; i < compress.types().size(); i++) {
            String type = compress.types().get(i);
            if (!TYPE.matcher(type.toLowerCase(Locale.ROOT)).matches()) {
                at.in("types")
                        .in(i)
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "found \"" + ValueText.shown(type) + "\", wanted type/subtype, type/* or */*+suffix",
                                "for example \"text/*\" or \"*/*+json\"");
            }
        }
    }
}

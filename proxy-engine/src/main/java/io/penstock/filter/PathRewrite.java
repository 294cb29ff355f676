package io.penstock.filter;

import io.penstock.config.PathEdit;
import io.penstock.config.PrefixReplacement;
import io.penstock.spi.RequestView;
import java.util.ArrayList;
import java.util.List;

/**
 * One change of a path, compiled. Gives a path that still has to be normalised and checked; prefixes are whole segments,
 * so that {@code /orders} is no prefix of {@code /orders2}.
 */
public sealed interface PathRewrite {
    /** Compiles what the operator wrote; the validator has seen that exactly one member is there. */
    static PathRewrite of(PathEdit edit) {
        if (edit.stripPrefix().isPresent()) {
            return new Replace(edit.stripPrefix().get(), "");
        }
        if (edit.replacePrefix().isPresent()) {
            PrefixReplacement replacement = edit.replacePrefix().get();
            return new Replace(replacement.from(), replacement.to());
        }
        return Template.of(edit.set().orElseThrow());
    }

    /** The new path of a request; the present one where the rewrite does not apply. */
    String apply(RequestView request);

    /**
     * Another prefix, or none, in the place of one.
     *
     * @param from canonical, as whole segments
     * @param to empty to take the prefix away
     */
    record Replace(String from, String to) implements PathRewrite {
        public Replace {
            from = withoutFinalSlash(from);
            to = withoutFinalSlash(to);
        }

        @Override
        public String apply(RequestView request) {
            String path = request.path();
            if (!path.startsWith(from) || (path.length() > from.length() && path.charAt(from.length()) != '/')) {
                return path;
            }
            String changed = to + path.substring(from.length());
            return changed.isEmpty() ? "/" : changed;
        }

        private static String withoutFinalSlash(String prefix) {
            return prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
        }
    }

    /**
     * A whole new path with parts taken from the route's template.
     *
     * @param literals one more than names; literal, name, literal, ...
     * @param names template parameters
     */
    record Template(List<String> literals, List<String> names) implements PathRewrite {
        public Template {
            literals = List.copyOf(literals);
            names = List.copyOf(names);
        }

        static Template of(String text) {
            List<String> literals = new ArrayList<>();
            List<String> names = new ArrayList<>();
            int from = 0;
            for (int open = text.indexOf('{'); open >= 0; open = text.indexOf('{', from)) {
                int close = text.indexOf('}', open);
                if (close < 0) {
                    break;
                }
                literals.add(text.substring(from, open));
                names.add(text.substring(open + 1, close));
                from = close + 1;
            }
            literals.add(text.substring(from));
            return new Template(literals, names);
        }

        @Override
        public String apply(RequestView request) {
            StringBuilder path = new StringBuilder(64).append(literals.get(0));
            for (int i = 0; i < names.size(); i++) {
                path.append(request.parameter(names.get(i))).append(literals.get(i + 1));
            }
            return path.toString();
        }
    }
}

package io.penstock.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Gathers the problems of one validation, up to a bound: nobody reads more, and a hostile document must not fill memory. */
final class Problems {
    static final int COUNT_MAX = 1000;

    private final List<ConfigProblem> found = new ArrayList<>();

    /** The problems of one resource. */
    Scope at(ResourceRef resource) {
        return new Scope(this, resource, "");
    }

    boolean isFull() {
        return found.size() >= COUNT_MAX;
    }

    List<ConfigProblem> toList() {
        return List.copyOf(found);
    }

    private void add(ConfigProblem problem) {
        if (!isFull()) {
            found.add(problem);
        }
    }

    /** A place in a resource: what is reported here points below it. */
    record Scope(Problems problems, ResourceRef resource, String pointer) {
        Scope in(String member) {
            return new Scope(
                    problems,
                    resource,
                    pointer + "/" + member.replace("~", "~0").replace("/", "~1"));
        }

        Scope in(int index) {
            return in(Integer.toString(index));
        }

        void add(String code, String detail) {
            problems.add(new ConfigProblem(resource, pointer, code, detail, Optional.empty()));
        }

        void add(String code, String detail, String hint) {
            problems.add(new ConfigProblem(resource, pointer, code, detail, Optional.of(hint)));
        }
    }
}

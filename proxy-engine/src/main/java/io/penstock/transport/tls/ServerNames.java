package io.penstock.transport.tls;

import io.penstock.mark.SharedByWorkers;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is chosen by the name that a client asks for: the exact name, then a wildcard of its first label (RFC 9525 section 6.3), then what stands
 * for any name and for none. Immutable.
 *
 * @param exact by name, in lower case
 * @param wildcards by what follows {@code *.}, in lower case
 * @param any for all others; null for nothing
 * @param <T> what is chosen
 */
@SharedByWorkers
public record ServerNames<T>(
        Map<String, T> exact,
        Map<String, T> wildcards,
        @Nullable T any) {
    public ServerNames {
        exact = Map.copyOf(exact);
        wildcards = Map.copyOf(wildcards);
    }

    /**
     * What serves a name; null for nothing.
     *
     * @param name in lower case; null where the client named none
     */
    public @Nullable T of(@Nullable String name) {
        if (name == null) {
            return any;
        }
        T found = exact.get(name);
        if (found == null) {
            int dot = name.indexOf('.');
            found = dot > 0 ? wildcards.get(name.substring(dot + 1)) : null;
        }
        return found == null ? any : found;
    }
}

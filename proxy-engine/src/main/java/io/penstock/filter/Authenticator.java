package io.penstock.filter;

import io.penstock.config.AuthConfig;
import io.penstock.spi.AuthenticatorProvider;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.WorkerId;
import java.util.function.Supplier;

/**
 * What all built-in authenticators are to the chain: named by their type, with a request hook and little else.
 *
 * @param name the text of the member {@code type}
 * @param hasResponseHook whether they see answers too
 * @param instances makes the instance of one worker
 */
record Authenticator(String name, boolean hasResponseHook, Supplier<Filter> instances) implements PreparedFilter {
    /** Checks an entry, and gives what makes its instances. */
    @FunctionalInterface
    interface Preparing<C> {
        Supplier<Filter> prepare(C config) throws FilterRefusedException;
    }

    /** The provider of one type. */
    static <C extends AuthConfig> AuthenticatorProvider provider(Class<C> type, Preparing<C> prepare) {
        return provider(type, false, prepare);
    }

    /** The provider of one type that sees answers too. */
    static <C extends AuthConfig> AuthenticatorProvider withResponses(Class<C> type, Preparing<C> prepare) {
        return provider(type, true, prepare);
    }

    private static <C extends AuthConfig> AuthenticatorProvider provider(
            Class<C> type, boolean seesResponses, Preparing<C> prepare) {
        return new AuthenticatorProvider() {
            @Override
            public Class<? extends AuthConfig> configType() {
                return type;
            }

            @Override
            public PreparedFilter prepare(AuthConfig config) throws FilterRefusedException {
                return new Authenticator(config.type(), seesResponses, prepare.prepare(type.cast(config)));
            }
        };
    }

    @Override
    public FilterPhase phase() {
        return FilterPhase.AUTH;
    }

    @Override
    public boolean hasRequestHook() {
        return true;
    }

    @Override
    public Filter open(WorkerId worker) {
        return instances.get();
    }
}

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
 * What all built-in authenticators are to the chain: named by their type, with a request hook and nothing else.
 *
 * @param name the text of the member {@code type}
 * @param instances makes the instance of one worker
 */
record Authenticator(String name, Supplier<Filter> instances) implements PreparedFilter {
    /** Checks an entry, and gives what makes its instances. */
    @FunctionalInterface
    interface Preparing<C> {
        Supplier<Filter> prepare(C config) throws FilterRefusedException;
    }

    /** The provider of one type. */
    static <C extends AuthConfig> AuthenticatorProvider provider(Class<C> type, Preparing<C> prepare) {
        return new AuthenticatorProvider() {
            @Override
            public Class<? extends AuthConfig> configType() {
                return type;
            }

            @Override
            public PreparedFilter prepare(AuthConfig config) throws FilterRefusedException {
                return new Authenticator(config.type(), prepare.prepare(type.cast(config)));
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
    public boolean hasResponseHook() {
        return false;
    }

    @Override
    public Filter open(WorkerId worker) {
        return instances.get();
    }
}

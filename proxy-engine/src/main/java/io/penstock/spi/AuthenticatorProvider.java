package io.penstock.spi;

import io.penstock.config.AuthConfig;

/** Makes the built-in authenticators of one type. Called on the control thread only. */
public interface AuthenticatorProvider {
    /** The record of the config that this provider understands. */
    Class<? extends AuthConfig> configType();

    /**
     * Checks an entry's config and prepares what its instances share: a filter of {@link FilterPhase#AUTH} that opens quickly.
     *
     * @throws FilterRefusedException if this config cannot run; nothing is kept then
     */
    PreparedFilter prepare(AuthConfig config) throws FilterRefusedException;
}

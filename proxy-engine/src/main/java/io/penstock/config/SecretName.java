package io.penstock.config;

/**
 * Names a secret whose value is used here, written {@code {secret: NAME}}.
 *
 * @param secret its name; in what is prepared, with the id of its value behind an at sign
 */
public record SecretName(@Doc("Name of a secret.") String secret) {}

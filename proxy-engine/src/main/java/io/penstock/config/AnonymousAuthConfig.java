package io.penstock.config;

/** Lets requests pass that nobody before it has identified; only last in its list. */
@TypeTag("anonymous")
public record AnonymousAuthConfig() implements AuthConfig {}

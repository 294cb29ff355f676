package io.penstock.config;

/** What a level says in a member of its own and a filter carries out, without standing in a list of {@code filters}. */
public sealed interface LevelFilterConfig extends FilterConfig
        permits AccessConfig, CorsConfig, MaintenanceConfig, UpstreamErrorPages {}

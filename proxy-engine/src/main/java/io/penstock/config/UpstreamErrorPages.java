package io.penstock.config;

import java.util.List;

/** The error pages of a route that take the place of upstreams' errors; made of what its levels name. */
public record UpstreamErrorPages(List<ErrorPageConfig> pages) implements LevelFilterConfig {
    public UpstreamErrorPages {
        pages = List.copyOf(pages);
    }

    @Override
    public String type() {
        return "errorPages";
    }
}

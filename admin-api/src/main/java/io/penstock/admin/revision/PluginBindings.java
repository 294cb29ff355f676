package io.penstock.admin.revision;

import io.penstock.config.Defaults;
import io.penstock.config.FilterConfig;
import io.penstock.config.PluginFilterConfig;
import io.penstock.config.PolicyConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.RouteConfig;
import io.penstock.config.ServiceConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The entries of a configuration that run plugins: in the defaults, in policies, services and routes. */
public final class PluginBindings {

    private static final List<ResourceType> TYPES =
            List.of(ResourceType.POLICIES, ResourceType.SERVICES, ResourceType.ROUTES);

    private PluginBindings() {}

    /**
     * One entry.
     *
     * @param holder what it is an entry of
     * @param tags the holder's
     * @param index its place in the holder's {@code filters}
     */
    public record Binding(ResourceRef holder, List<String> tags, int index, PluginFilterConfig entry) {
        public Binding {
            tags = List.copyOf(tags);
        }

        /** JSON Pointer relative to the holder. */
        public String pointer() {
            return "/filters/" + index;
        }
    }

    /** Gives what is to stand in an entry's place. */
    @FunctionalInterface
    public interface Change {
        PluginFilterConfig of(Binding binding);
    }

    /** Every entry of a configuration. */
    public static List<Binding> of(ProxyConfig config) {
        List<Binding> all = new ArrayList<>(
                of(ResourceRef.DEFAULTS, List.of(), config.defaults().filters()));
        for (ResourceType type : TYPES) {
            for (Resource resource : config.all(type)) {
                all.addAll(of(resource));
            }
        }
        return all;
    }

    /** The entries of one part of a configuration; none if it has no such part. */
    static List<Binding> of(ProxyConfig config, ResourceRef holder) {
        return holder.type().isEmpty()
                ? of(ResourceRef.DEFAULTS, List.of(), config.defaults().filters())
                : config.find(holder.type().get(), holder.name())
                        .map(PluginBindings::of)
                        .orElse(List.of());
    }

    /** The entries of those parts of a configuration that another does not have as they are. */
    static List<Binding> changed(ProxyConfig before, ProxyConfig after) {
        List<Binding> changed = new ArrayList<>();
        for (PartChange change : ConfigParts.diff(before, after)) {
            if (change.after().isPresent()) {
                switch (change.after().get()) {
                    case Defaults defaults -> changed.addAll(of(ResourceRef.DEFAULTS, List.of(), defaults.filters()));
                    case Resource resource -> changed.addAll(of(resource));
                    default -> {}
                }
            }
        }
        return changed;
    }

    private static List<Binding> of(Resource resource) {
        return of(ResourceRef.of(ResourceType.of(resource), resource.name()), resource.tags(), filters(resource));
    }

    private static List<Binding> of(ResourceRef holder, List<String> tags, List<FilterConfig> filters) {
        List<Binding> found = new ArrayList<>();
        for (int i = 0; i < filters.size(); i++) {
            if (filters.get(i) instanceof PluginFilterConfig plugin) {
                found.add(new Binding(holder, tags, i, plugin));
            }
        }
        return found;
    }

    /** The same configuration with some of its entries changed; what does not change stays the same object. */
    public static ProxyConfig with(ProxyConfig config, List<Binding> bindings, Change change) {
        ProxyConfig next = config;
        for (Binding binding : bindings) {
            PluginFilterConfig entry = change.of(binding);
            if (!entry.equals(binding.entry())) {
                next = with(next, binding, entry);
            }
        }
        return next;
    }

    private static ProxyConfig with(ProxyConfig config, Binding binding, PluginFilterConfig entry) {
        Optional<ResourceType> type = binding.holder().type();
        if (type.isEmpty()) {
            Defaults defaults = config.defaults();
            return config.withDefaults(new Defaults(
                    defaults.timeouts(),
                    defaults.body(),
                    defaults.limits(),
                    replaced(defaults.filters(), binding.index(), entry)));
        }
        Resource holder = config.find(type.get(), binding.holder().name()).orElseThrow();
        FilterConfig[] filters =
                replaced(filters(holder), binding.index(), entry).toArray(FilterConfig[]::new);
        return config.with(
                switch (holder) {
                    case PolicyConfig policy ->
                        policy.toBuilder().filters(filters).build();
                    case ServiceConfig service ->
                        service.toBuilder().filters(filters).build();
                    case RouteConfig route -> route.toBuilder().filters(filters).build();
                    default -> throw new IllegalArgumentException(binding.holder() + " has no filters");
                });
    }

    private static List<FilterConfig> replaced(List<FilterConfig> filters, int index, FilterConfig entry) {
        List<FilterConfig> next = new ArrayList<>(filters);
        next.set(index, entry);
        return next;
    }

    private static List<FilterConfig> filters(Resource resource) {
        return switch (resource) {
            case PolicyConfig policy -> policy.filters();
            case ServiceConfig service -> service.filters();
            case RouteConfig route -> route.filters();
            default -> List.of();
        };
    }
}

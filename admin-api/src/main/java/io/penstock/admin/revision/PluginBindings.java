package io.penstock.admin.revision;

import io.penstock.config.AllOfAuthConfig;
import io.penstock.config.AuthConfig;
import io.penstock.config.Defaults;
import io.penstock.config.FilterConfig;
import io.penstock.config.LevelConfig;
import io.penstock.config.PluginAuthConfig;
import io.penstock.config.PluginFilterConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The entries of {@code filters} and {@code auth} that run plugins: in the defaults, in policies, API groups, services and routes. */
public final class PluginBindings {

    static final String FILTERS = "filters";
    static final String AUTH = "auth";

    private static final List<ResourceType> TYPES =
            List.of(ResourceType.POLICIES, ResourceType.API_GROUPS, ResourceType.SERVICES, ResourceType.ROUTES);

    private PluginBindings() {}

    /**
     * One entry.
     *
     * @param holder what it is an entry of
     * @param tags the holder's
     * @param list the member of the holder that it stands in, {@code filters} or {@code auth}
     * @param index its place there
     * @param member its place in the {@code allOf} that stands at that place; -1 if it stands there itself
     * @param entry in the words of filters, wherever it stands
     */
    public record Binding(
            ResourceRef holder, List<String> tags, String list, int index, int member, PluginFilterConfig entry) {
        public Binding {
            tags = List.copyOf(tags);
        }

        /** JSON Pointer relative to the holder. */
        public String pointer() {
            return "/" + list + "/" + index + (member < 0 ? "" : "/allOf/" + member);
        }
    }

    /** Gives what is to stand in an entry's place. */
    @FunctionalInterface
    public interface Change {
        PluginFilterConfig of(Binding binding);
    }

    /** Every entry of a configuration. */
    public static List<Binding> of(ProxyConfig config) {
        List<Binding> all = new ArrayList<>(of(config.defaults()));
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
                ? of(config.defaults())
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
                    case Defaults defaults -> changed.addAll(of(defaults));
                    case Resource resource -> changed.addAll(of(resource));
                    default -> {}
                }
            }
        }
        return changed;
    }

    private static List<Binding> of(Defaults defaults) {
        return of(ResourceRef.DEFAULTS, List.of(), defaults.filters(), defaults.auth());
    }

    /** The entries of one resource. */
    public static List<Binding> of(Resource resource) {
        return of(
                ResourceRef.of(ResourceType.of(resource), resource.name()),
                resource.tags(),
                resource instanceof LevelConfig level ? level.filters() : List.of(),
                resource instanceof LevelConfig level ? level.auth() : List.of());
    }

    private static List<Binding> of(
            ResourceRef holder, List<String> tags, List<FilterConfig> filters, List<AuthConfig> auth) {
        List<Binding> found = new ArrayList<>();
        for (int i = 0; i < filters.size(); i++) {
            if (filters.get(i) instanceof PluginFilterConfig plugin) {
                found.add(new Binding(holder, tags, FILTERS, i, -1, plugin));
            }
        }
        for (int i = 0; i < auth.size(); i++) {
            if (auth.get(i) instanceof PluginAuthConfig plugin) {
                found.add(new Binding(holder, tags, AUTH, i, -1, plugin.asFilter()));
            }
            if (auth.get(i) instanceof AllOfAuthConfig all) {
                for (int member = 0; member < all.allOf().size(); member++) {
                    if (all.allOf().get(member) instanceof PluginAuthConfig plugin) {
                        found.add(new Binding(holder, tags, AUTH, i, member, plugin.asFilter()));
                    }
                }
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
            return config.withDefaults(config.defaults()
                    .with(
                            filters(config.defaults().filters(), binding, entry),
                            auth(config.defaults().auth(), binding, entry)));
        }
        Resource holder = config.find(type.get(), binding.holder().name()).orElseThrow();
        if (holder instanceof LevelConfig level
                && level.with(filters(level.filters(), binding, entry), auth(level.auth(), binding, entry))
                        instanceof Resource next) {
            return config.with(next);
        }
        throw new IllegalArgumentException(binding.holder() + " has no filters");
    }

    private static List<FilterConfig> filters(List<FilterConfig> present, Binding binding, PluginFilterConfig entry) {
        return binding.list().equals(FILTERS) ? replaced(present, binding.index(), entry) : present;
    }

    private static List<AuthConfig> auth(List<AuthConfig> present, Binding binding, PluginFilterConfig entry) {
        if (!binding.list().equals(AUTH)) {
            return present;
        }
        AuthConfig next = new PluginAuthConfig(entry.use(), entry.resolved(), entry.config(), entry.enabled());
        if (present.get(binding.index()) instanceof AllOfAuthConfig all) {
            next = new AllOfAuthConfig(replaced(all.allOf(), binding.member(), next), all.enabled());
        }
        return replaced(present, binding.index(), next);
    }

    private static <T> List<T> replaced(List<T> present, int index, T entry) {
        List<T> next = new ArrayList<>(present);
        next.set(index, entry);
        return next;
    }
}

package io.penstock.admin.revision;

import io.penstock.config.Defaults;
import io.penstock.config.NetworkConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A declarative document with its defaults filled in. Immutable.
 *
 * <p>A section that is not written means what a new instance starts with: a document without {@code backendGrants} keeps
 * the grant that opens the first network, one with {@code backendGrants: []} denies. The first network always exists.
 *
 * @param defaults absent if the document does not say
 * @param resources what the document holds, each type and name once
 * @param sections the types whose section is written, empty ones included
 * @param owner who the document says it is
 */
public record ConfigDocument(
        Optional<Defaults> defaults, List<Resource> resources, Set<ResourceType> sections, Optional<String> owner) {

    private static final String DEFAULT_NETWORK = "default";

    public ConfigDocument {
        resources = List.copyOf(resources);
        sections = Set.copyOf(sections);
        Set<Object> names = new HashSet<>();
        for (Resource resource : resources) {
            if (!names.add(ConfigParts.key(resource))) {
                throw new IllegalArgumentException(ConfigParts.key(resource) + " stands twice in the document");
            }
        }
    }

    /** This document with another laid over it: by name, the other wins. */
    public ConfigDocument overlaidBy(ConfigDocument other) {
        Map<Object, Resource> merged = new LinkedHashMap<>();
        resources.forEach(resource -> merged.put(ConfigParts.key(resource), resource));
        other.resources().forEach(resource -> merged.put(ConfigParts.key(resource), resource));
        Set<ResourceType> written = EnumSet.noneOf(ResourceType.class);
        written.addAll(sections);
        written.addAll(other.sections());
        return new ConfigDocument(
                other.defaults().or(this::defaults),
                List.copyOf(merged.values()),
                written,
                other.owner().or(this::owner));
    }

    /** The configuration that this document alone describes: what {@code PUT /v1/config} makes. */
    public ProxyConfig toConfig() {
        ProxyConfig config = ProxyConfig.empty().withDefaults(defaults.orElse(Defaults.DEFAULTS));
        for (Resource resource : presupposed()) {
            config = config.with(resource);
        }
        for (Resource resource : resources) {
            config = config.with(stamped(resource));
        }
        return config;
    }

    /** What holds without being written. */
    List<Resource> presupposed() {
        List<Resource> presupposed = new ArrayList<>();
        ProxyConfig initial = ProxyConfig.initial();
        for (ResourceType type : ResourceType.values()) {
            if (!sections.contains(type)) {
                initial.all(type).forEach(presupposed::add);
            }
        }
        if (sections.contains(ResourceType.NETWORKS)) {
            presupposed.add(initial.networks()
                    .find(DEFAULT_NETWORK)
                    .orElseGet(() -> NetworkConfig.named(DEFAULT_NETWORK).build()));
        }
        return presupposed;
    }

    /** The resource with the document's owner, unless it names one itself. */
    Resource stamped(Resource resource) {
        return owner.isPresent() && resource.owner().isEmpty() ? OwnerStamp.on(resource, owner) : resource;
    }
}

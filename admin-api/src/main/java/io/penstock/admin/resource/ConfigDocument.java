package io.penstock.admin.resource;

import io.penstock.admin.revision.EditOperation;
import io.penstock.config.ConfigProblem;
import io.penstock.config.Defaults;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a declarative document says: what is written, and what is left unsaid.
 *
 * @param owner stamped on what the document creates
 * @param defaults the instance's defaults, if the document has them
 * @param resources in the order written, each stamped with the owner
 * @param types the types whose lists the document has, empty ones too
 * @param plugins versions that must be stored for it
 * @param pointers where in the document each resource stands
 */
public record ConfigDocument(
        Optional<String> owner,
        Optional<Defaults> defaults,
        List<Resource> resources,
        Set<ResourceType> types,
        List<DocumentPlugin> plugins,
        Map<ResourceRef, String> pointers) {
    /** What stands first in every document of this format. */
    public static final String API_VERSION = "penstock/v1";

    public ConfigDocument {
        resources = List.copyOf(resources);
        types = Set.copyOf(types);
        plugins = List.copyOf(plugins);
        pointers = Map.copyOf(pointers);
    }

    /**
     * The whole configuration that the document alone describes. Types that a new instance has something of, such as the
     * network {@code default}, keep it where the document has no list of them; an empty list means none.
     */
    public ProxyConfig toConfig() {
        ProxyConfig config = ProxyConfig.empty();
        for (ResourceType type : ResourceType.values()) {
            if (!types.contains(type)) {
                config = config.with(ProxyConfig.initial().all(type).stream()
                        .map(Resource.class::cast)
                        .toList());
            }
        }
        return config.withDefaults(defaults.orElse(Defaults.DEFAULTS)).with(resources);
    }

    /** Makes this document the whole configuration: what {@code PUT /v1/config} does. */
    public EditOperation replacement() {
        return new EditOperation.Transform(before -> new EditOperation.Next<>(DocumentApply.replace(before, this)));
    }

    /** Where a problem of the checked configuration stands: in this document if it holds the resource, else by name. */
    public Fault locate(ConfigProblem problem) {
        String known = pointers.get(problem.resource());
        return Fault.of(known == null ? problem.resource().documentPointer() : known, problem);
    }
}

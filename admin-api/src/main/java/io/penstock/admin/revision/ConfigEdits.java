package io.penstock.admin.revision;

import io.penstock.config.NamedMap;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Edits of the whole configuration, made into operations. */
public final class ConfigEdits {

    private ConfigEdits() {}

    /** Replace-whole: afterwards there is what the document describes and nothing else. */
    public static EditOperation replaceAll(ConfigDocument document) {
        return new EditOperation.Transform(before -> new EditOperation.Next<>(sharing(before, document.toConfig())));
    }

    /**
     * Declarative apply: what the document holds is put, what it does not hold stays, unless pruned.
     *
     * @param prune removes what the document could hold and does not: only its own, that is, resources with its owner, or
     *     without any if it has none
     * @param select narrows both to resources with this tag
     * @param take puts what belongs to other documents too, and makes it this document's
     */
    public static EditOperation apply(ConfigDocument document, boolean prune, Optional<String> select, boolean take) {
        return new EditOperation.Transform(before -> apply(before, document, prune, select, take));
    }

    private static EditOperation.Outcome<ProxyConfig> apply(
            ProxyConfig before, ConfigDocument document, boolean prune, Optional<String> select, boolean take) {
        ProxyConfig next = select.isEmpty() && document.defaults().isPresent()
                ? ConfigParts.with(before, document.defaults().get())
                : before;
        List<EditResult.OwnedPart> owned = new ArrayList<>();
        for (Resource wanted : document.resources()) {
            if (!isSelected(wanted, select)) {
                continue;
            }
            Optional<Resource> present = before.find(ResourceType.of(wanted), wanted.name());
            Optional<String> owner = present.flatMap(Resource::owner);
            Optional<String> claim = wanted.owner().or(document::owner);
            boolean isOthers = owner.isPresent() && !owner.equals(claim);
            Resource put;
            if (present.isEmpty() || take) {
                put = OwnerStamp.on(wanted, claim);
            } else {
                // What exists keeps its owner: a document stamps what it creates.
                put = wanted.owner().isPresent() && !isOthers ? wanted : OwnerStamp.on(wanted, owner);
            }
            if (present.isPresent() && put.equals(present.get())) {
                continue;
            }
            if (isOthers && !take) {
                owned.add(new EditResult.OwnedPart(ConfigParts.key(wanted), owner.get()));
                continue;
            }
            next = next.with(put);
        }
        if (!owned.isEmpty()) {
            return new EditOperation.Not<>(new EditResult.OwnedBy(owned));
        }
        return new EditOperation.Next<>(prune ? prune(next, document, select) : next);
    }

    private static ProxyConfig prune(ProxyConfig config, ConfigDocument document, Optional<String> select) {
        Set<Object> kept = new HashSet<>();
        document.presupposed().forEach(resource -> kept.add(ConfigParts.key(resource)));
        document.resources().forEach(resource -> kept.add(ConfigParts.key(resource)));
        ProxyConfig next = config;
        for (ResourceType type : ResourceType.values()) {
            for (Resource resource : config.all(type)) {
                if (resource.owner().equals(document.owner())
                        && isSelected(resource, select)
                        && !kept.contains(ConfigParts.key(resource))) {
                    next = next.without(type, resource.name());
                }
            }
        }
        return next;
    }

    private static boolean isSelected(Resource resource, Optional<String> select) {
        return select.isEmpty() || resource.tags().contains(select.get());
    }

    /** What is wanted, made out of what is there: equal parts stay the same objects, and what follows costs the difference. */
    private static ProxyConfig sharing(ProxyConfig before, ProxyConfig wanted) {
        ProxyConfig next = ConfigParts.with(before, wanted.defaults());
        for (ResourceType type : ResourceType.values()) {
            NamedMap<? extends Resource> target = wanted.all(type);
            for (Resource present : before.all(type)) {
                if (!target.contains(present.name())) {
                    next = next.without(type, present.name());
                }
            }
            for (Resource resource : target) {
                next = next.with(resource);
            }
        }
        return next;
    }
}

package io.penstock.admin.resource;

import io.penstock.admin.revision.ConfigParts;
import io.penstock.admin.revision.EditOperation;
import io.penstock.admin.revision.EditResult;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.Spelling;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Lays a document over the configuration.
 *
 * <p>What the document creates is stamped with its owner. What belongs to nobody stays nobody's when the document changes
 * it. What belongs to another is not changed, unless it is taken.
 *
 * @param document what is wanted
 * @param prune whether what is not in the document goes: only the document's own, or nobody's if it has no owner
 * @param select the tags that resources must have to be touched at all; empty means all
 * @param take whether what belongs to others may be changed, and then belongs to this document
 */
record DocumentApply(ConfigDocument document, boolean prune, List<String> select, boolean take) {
    DocumentApply {
        select = List.copyOf(select);
    }

    /** The configuration becomes what the document alone describes; resources that are equal stay the same objects. */
    static ProxyConfig replace(ProxyConfig before, ConfigDocument document) {
        ProxyConfig wanted = document.toConfig();
        ProxyConfig next = before.withDefaults(wanted.defaults());
        for (ResourceType type : ResourceType.values()) {
            for (Resource old : before.all(type)) {
                if (wanted.find(type, old.name()).isEmpty()) {
                    next = next.without(type, old.name());
                }
            }
            for (Resource resource : wanted.all(type)) {
                next = next.with(resource);
            }
        }
        return next;
    }

    EditOperation.Outcome<ProxyConfig> apply(ProxyConfig before) {
        List<EditResult.OwnedPart> conflicts = new ArrayList<>();
        Set<ResourceRef> written = new HashSet<>();
        ProxyConfig next = document.defaults().map(before::withDefaults).orElse(before);
        for (Resource wanted : document.resources()) {
            ResourceType type = ResourceType.of(wanted);
            written.add(ResourceRef.of(type, wanted.name()));
            if (isSelected(wanted)) {
                Optional<Resource> old = before.find(type, wanted.name());
                Resource kept = old.map(present -> overlaid(present, wanted)).orElse(wanted);
                old.filter(present -> !take && isForeign(present, wanted) && !present.equals(kept))
                        .ifPresent(present -> conflicts.add(owned(type, present)));
                next = next.with(kept);
            }
        }
        if (prune) {
            for (ResourceType type : ResourceType.values()) {
                for (Resource old : before.all(type)) {
                    if (!written.contains(ResourceRef.of(type, old.name())) && isPruned(type, old)) {
                        next = next.without(type, old.name());
                    }
                }
            }
        }
        return conflicts.isEmpty()
                ? new EditOperation.Next<>(next)
                : new EditOperation.Not<>(new EditResult.OwnedBy(conflicts));
    }

    /** What is probably not meant by how far it reaches: tags that nothing has, where nothing was changed. */
    List<ConfigWarning> warnings(Changes.Outcome outcome) {
        if (select.isEmpty() || !outcome.changes().isEmpty()) {
            return List.of();
        }
        Set<String> known = new TreeSet<>();
        document.resources().forEach(resource -> known.addAll(resource.tags()));
        for (ResourceType type : ResourceType.values()) {
            outcome.config().all(type).forEach(resource -> known.addAll(resource.tags()));
        }
        return select.stream()
                .filter(tag -> !known.contains(tag))
                .map(tag -> new ConfigWarning(
                        ResourceRef.DEFAULTS,
                        "",
                        ConfigWarning.FITS_NOBODY,
                        "select=" + tag
                                + ": no resource has this tag, neither of the document nor of the configuration",
                        Spelling.nearest(tag, known)
                                .map(near -> "did you mean \"" + near + "\"?")
                                .or(() -> Optional.of("tags are written key=value, on each resource"))))
                .toList();
    }

    /** What is left of a resource when the document is laid over it: all that is wanted, and whose it is. */
    private Resource overlaid(Resource old, Resource wanted) {
        if (take) {
            return wanted;
        }
        boolean isStamped = wanted.owner().equals(document.owner());
        boolean keepsOwner = old.owner().isEmpty() ? isStamped : wanted.owner().isEmpty();
        return keepsOwner ? Members.with(wanted, "owner", old.owner()) : wanted;
    }

    private static boolean isForeign(Resource old, Resource wanted) {
        return old.owner().isPresent() && !old.owner().equals(wanted.owner());
    }

    private boolean isPruned(ResourceType type, Resource old) {
        // A list that is not written says nothing about what a new instance starts with.
        boolean isInitial = !document.types().contains(type)
                && ProxyConfig.initial().find(type, old.name()).isPresent();
        return isSelected(old) && !isInitial && old.owner().equals(document.owner());
    }

    private boolean isSelected(Resource resource) {
        return resource.tags().containsAll(select);
    }

    private static EditResult.OwnedPart owned(ResourceType type, Resource resource) {
        return new EditResult.OwnedPart(
                ConfigParts.key(type, resource.name()), resource.owner().orElse(""));
    }
}

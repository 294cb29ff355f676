package io.penstock.admin.resource;

import io.penstock.admin.revision.ConfigParts;
import io.penstock.admin.revision.CurrentConfig;
import io.penstock.admin.revision.EditOperation;
import io.penstock.admin.revision.EditResult;
import io.penstock.admin.revision.Precondition;
import io.penstock.admin.store.ResourceKey;
import io.penstock.config.Defaults;
import io.penstock.config.ProxyConfig;
import io.penstock.config.References;
import io.penstock.config.Resource;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.ResourceUse;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gives a resource another name, and every place that names it with it.
 *
 * @param precondition on the resource under its old name
 */
record Renaming(ResourceType type, String from, String to, Precondition precondition) {
    EditOperation.Outcome<ProxyConfig> apply(ProxyConfig before, CurrentConfig current) {
        ResourceKey key = ConfigParts.key(type, from);
        Optional<Resource> found = before.find(type, from);
        if (found.isEmpty()) {
            return new EditOperation.Not<>(new EditResult.NotFound(key));
        }
        long lastChanged = current.lastChanged(key).orElse(0);
        switch (precondition) {
            case Precondition.NotGiven missing -> {
                return new EditOperation.Not<>(new EditResult.PreconditionRequired(Optional.of(key), lastChanged));
            }
            case Precondition.ChangedBy changedBy -> {
                if (!changedBy.revisions().contains(lastChanged)) {
                    return new EditOperation.Not<>(new EditResult.Stale(Optional.of(key), lastChanged));
                }
            }
            case Precondition.Absent absent -> {
                return new EditOperation.Not<>(new EditResult.Exists(key, lastChanged));
            }
            case Precondition.Existing any -> {}
            case Precondition.Unconditional any -> {}
        }
        if (before.find(type, to).isPresent()) {
            ResourceKey taken = ConfigParts.key(type, to);
            return new EditOperation.Not<>(
                    new EditResult.Exists(taken, current.lastChanged(taken).orElse(0)));
        }
        return renamed(before, found.get());
    }

    private EditOperation.Outcome<ProxyConfig> renamed(ProxyConfig before, Resource resource) {
        Resource next;
        try {
            next = Members.with(resource, "name", to);
        } catch (IllegalArgumentException badName) {
            Fault fault = Fault.of(
                    "/to",
                    "bad-value",
                    "found \"" + Pointers.shown(to) + "\", wanted 1 to 128 letters, digits, '.', '_' or '-'");
            return new EditOperation.Not<>(Patching.refused(ResourceRef.of(type, to), List.of(fault)));
        }
        ProxyConfig config = before.without(type, from).with(next);
        for (ResourceUse use : References.usedBy(before, type, from)) {
            config = pointed(config, use);
        }
        return new EditOperation.Next<>(config);
    }

    private ProxyConfig pointed(ProxyConfig config, ResourceUse use) {
        if (use.user().type().isEmpty()) {
            ObjectNode json = ConfigJson.write(config.defaults());
            set(json, use.pointer());
            return config.withDefaults(
                    ConfigJson.bind(Defaults.class, json).found().orElseThrow());
        }
        ResourceType userType = use.user().type().get();
        // A resource that names itself is already in the configuration under its new name.
        String userName = userType == type && use.user().name().equals(from)
                ? to
                : use.user().name();
        ObjectNode json =
                ConfigJson.write((Record) config.find(userType, userName).orElseThrow());
        set(json, use.pointer());
        return config.with(
                ConfigJson.bindResource(userType, userName, json).found().orElseThrow());
    }

    private void set(ObjectNode json, String pointer) {
        int last = pointer.lastIndexOf('/');
        String token = Pointers.tokens(pointer).getLast();
        JsonNode holder = json.at(pointer.substring(0, last));
        switch (holder) {
            case ObjectNode object -> object.put(token, to);
            case ArrayNode array -> array.set(Integer.parseInt(token), JsonText.NODES.stringNode(to));
            default -> throw new IllegalStateException(pointer + " names nothing");
        }
    }
}

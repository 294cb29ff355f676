package io.penstock.admin.resource;

import io.penstock.admin.revision.EditOperation;
import io.penstock.admin.revision.EditResult;
import io.penstock.config.ConfigProblem;
import io.penstock.config.Resource;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Changes of JSON as the pipeline's changes of records. */
final class Patching {
    private Patching() {}

    /** A patch of one resource's JSON. */
    static EditOperation.Patcher of(ResourceType type, String name, JsonEdit edit) {
        ResourceRef ref = ResourceRef.of(type, name);
        return before -> switch (edit.apply(ConfigJson.write((Record) before))) {
            case ConfigJson.Bad<JsonNode>(List<Fault> faults) -> new EditOperation.Not<>(refused(ref, faults));
            case ConfigJson.Good<JsonNode>(JsonNode after) -> outcome(ref, ConfigJson.bindResource(type, name, after));
        };
    }

    private static EditOperation.Outcome<Resource> outcome(ResourceRef ref, ConfigJson.Bound<Resource> bound) {
        return switch (bound) {
            case ConfigJson.Good<Resource>(Resource resource) -> new EditOperation.Next<>(resource);
            case ConfigJson.Bad<Resource>(List<Fault> faults) -> new EditOperation.Not<>(refused(ref, faults));
        };
    }

    /** Faults in the words of the pipeline. */
    static EditResult.Refused refused(ResourceRef ref, List<Fault> faults) {
        return new EditResult.Refused(faults.stream()
                .map(fault -> new ConfigProblem(ref, fault.pointer(), fault.code(), fault.detail(), fault.hint()))
                .toList());
    }
}

package io.penstock.admin.resource;

import io.penstock.admin.revision.CurrentConfig;
import io.penstock.admin.store.StoreHealth;
import io.penstock.config.ResourceType;
import java.lang.management.ManagementFactory;
import tools.jackson.databind.node.ObjectNode;

/** How this instance stands, as {@code GET /v1/node} tells it. */
final class NodeView {
    private NodeView() {}

    static ObjectNode of(AdminParts parts) {
        CurrentConfig current = parts.pipeline().current();
        ObjectNode body =
                JsonText.NODES.objectNode().put("started", parts.started().toString());
        body.put("uptimeSeconds", ManagementFactory.getRuntimeMXBean().getUptime() / 1000);
        body.put("java", Runtime.version().toString());
        body.put("appliance", parts.system().machine().isPresent());
        parts.system().size().ifPresent(size -> body.set("size", ConfigJson.write(size)));
        ObjectNode config = body.putObject("config").put("revision", current.revision());
        for (ResourceType type : ResourceType.values()) {
            config.put(type.documentName(), current.config().all(type).size());
        }
        parts.pipeline()
                .trial()
                .ifPresent(trial -> config.put("confirmBy", trial.deadline().toString()));
        body.set("engine", ConfigJson.write(parts.engine().engine()));
        StoreHealth health = parts.store().health();
        ObjectNode store = body.putObject("store")
                .put("healthy", health.isHealthy())
                .put("exportedRevision", health.exportedRevision())
                .put("waitingWrites", health.waitingWrites())
                .put("writesRefused", health.writesRefused());
        health.lastProblem().ifPresent(problem -> store.put("problem", problem.what() + ". " + problem.wayOut()));
        health.exportProblem()
                .ifPresent(problem -> store.put("exportProblem", problem.what() + ". " + problem.wayOut()));
        return body;
    }
}

package io.penstock.appliance;

import io.penstock.admin.store.StoreRecovery;
import java.util.Locale;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What a start would do about a damaged store, found at a copy of it: nothing has been done yet. */
record RecoveryText(StoreRecovery recovery, CopiedState state) {
    private String detail() {
        return state.told(recovery.detail());
    }

    private String source() {
        return switch (recovery.source()) {
            case SALVAGED -> "read whole from the damaged store";
            case SNAPSHOT -> "from the last good snapshot";
        };
    }

    String text() {
        return "the store is not sound: " + detail() + " A start would serve revision " + recovery.revision() + ", "
                + source()
                + (recovery.historyLost()
                        ? "; older revisions and audit lines would stay only in files that it moves aside"
                        : "")
                + ". Nothing was changed in " + state.original();
    }

    ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("fault", recovery.fault().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .put("detail", detail())
                .put("source", recovery.source().name().toLowerCase(Locale.ROOT))
                .put("revision", recovery.revision())
                .put("historyLost", recovery.historyLost());
    }
}

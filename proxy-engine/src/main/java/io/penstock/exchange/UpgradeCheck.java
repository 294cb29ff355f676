package io.penstock.exchange;

import io.penstock.http.Fields;
import io.penstock.http.Method;
import io.penstock.http.RequestHead;
import io.penstock.http.UpgradeField;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.TunnelPlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which changes of protocol may be asked for, and which may be made (RFC 9110 section 7.8). */
final class UpgradeCheck {
    private UpgradeCheck() {}

    /** Why a request that asks for another protocol is refused; null if it may go on. */
    static @Nullable Reason refusal(RequestHead request, TunnelPlan plan) {
        List<String> protocols = UpgradeField.protocols(request.fields());
        // A body would have to end before the tunnel begins, and both ends would have to agree on where.
        boolean hasBody = request.isChunked() || request.contentLength() > 0;
        boolean isWebSocket = protocols.contains(UpgradeField.WEBSOCKET);
        if (protocols.isEmpty() || hasBody || (isWebSocket && request.method() != Method.GET)) {
            return Reason.BAD_UPGRADE;
        }
        return plan.upgrades().containsAll(protocols) ? null : Reason.UPGRADE_REFUSED;
    }

    /** What is told of it. */
    static String detail(Reason refusal, RequestHead request, String route, TunnelPlan plan) {
        if (refusal == Reason.BAD_UPGRADE) {
            return refusal.meaning();
        }
        return "the request asks for " + String.join(", ", UpgradeField.protocols(request.fields())) + "; route \""
                + route
                + "\" allows "
                + (plan.upgrades().isEmpty() ? "no upgrade" : String.join(", ", plan.upgrades()))
                + ", by its member upgrades";
    }

    /** Whether a 101 changes to what was asked for, and to nothing else. */
    static boolean isAsked(Fields answer, Fields request) {
        List<String> chosen = UpgradeField.protocols(answer);
        return !chosen.isEmpty() && UpgradeField.protocols(request).containsAll(chosen);
    }
}

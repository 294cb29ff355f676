package io.penstock.perf.load;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.bodyString;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;
import static io.gatling.javaapi.http.HttpDsl.ws;

import io.gatling.javaapi.core.PopulationBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** WebSockets that are opened at a steady rate, say nothing while the configuration changes, and are still there at the end. */
public final class WebSocketIdle extends Suite {
    private static final String TEXT = "still there";
    private static final int ANSWER_S = 30;

    private final AtomicInteger edits = new AtomicInteger();

    public WebSocketIdle() {
        String opened = name(PROXIED, "open");
        String echoed = name(PROXIED, "echo");
        PopulationBuilder idle = scenario("idle")
                .exec(ws(opened).connect(proxiedUrl("/websocket").replaceFirst("^http", "ws")))
                .exitHereIfFailed()
                .pause(Duration.ofSeconds(plan.seconds()))
                .exec(ws("send")
                        .sendText(TEXT)
                        .await(ANSWER_S)
                        .on(ws.checkTextMessage(echoed).check(bodyString().is(TEXT))))
                .exec(ws("close").close())
                .injectOpen(constantUsersPerSec(plan.rate()).during(plan.seconds()));
        gate("open");
        gate("echo");
        run(http, idle, edits());
    }

    // Changes of a route that none of them came by.
    private PopulationBuilder edits() {
        return scenario("edits")
                .exec(http("edit")
                        .post(plan.admin()
                                        .orElseThrow(() -> new IllegalArgumentException("WebSocketIdle needs --admin"))
                                + "/v1/config:edit")
                        .header("Authorization", "Bearer " + plan.token())
                        .header("Content-Type", "application/json")
                        .header("If-Match", "*")
                        .body(StringBody(session -> {
                            Box.Resource changed = other(edits.incrementAndGet());
                            return "{\"ops\":[{\"put\":\"" + changed.path() + "\",\"value\":" + changed.json() + "}]}";
                        }))
                        .check(status().in(200, 202)))
                .injectOpen(constantUsersPerSec(plan.editsPerSecond()).during(2L * plan.seconds()));
    }

    @Override
    void setUpBox(Box gateway) {
        gateway.put(List.of(other(0)));
    }

    private static Box.Resource other(int turn) {
        return route("other", "/other", ",\"note\":\"turn " + turn + "\"");
    }
}

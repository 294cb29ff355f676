package io.penstock.appliance.demo;

import java.io.IOException;
import java.nio.file.Path;

/** The demo's second document, which its operator applies while the first one serves: what traffic control needs. */
final class TrafficFiles {
    static final int PLACES = 4;
    static final int QUEUE = 32;
    static final int BUDGET_PERCENT = 20;
    static final int CANARY_PERCENT = 10;
    static final int QUOTA = 5;

    private TrafficFiles() {}

    /** Writes the document into the demo's folder. */
    static Path in(DemoFolder folder, ToyUpstream blue, ToyUpstream green) throws IOException {
        return folder.write("traffic.yaml", text(blue, green));
    }

    private static String text(ToyUpstream blue, ToyUpstream green) {
        String both = "[{address: \"%s\", name: %s}, {address: \"%s\", name: %s}]"
                .formatted(blue.authority(), blue.name(), green.authority(), green.name());
        return """
                apiVersion: penstock/v1
                upstreams:
                  - name: reviews
                    targets: %s
                    health: {passive: {consecutiveFailures: 5, ejectFor: 2s}}
                  - name: stock
                    targets: %s
                    retries: {attempts: 1, when: [5xx], budget: %d%%}
                  - {name: now, targets: [{address: "%s"}]}
                  - {name: next, targets: [{address: "%s"}]}
                services:
                  - {name: reviews, upstream: reviews}
                  - {name: stock, upstream: stock}
                  - {name: now, upstream: now}
                  - {name: next, upstream: next}
                limits:
                  - {name: trial, key: [consumer], quota: {requests: %d, window: month}}
                routes:
                  - name: tickets
                    matches: [{path: {type: prefix, value: /tickets}}]
                    service: now
                    admission:
                      concurrency: %d
                      queue: {max: %d, timeout: 1s}
                      priorities: [{name: vip, headers: [{name: X-Vip, type: present}]}]
                  - {name: reviews, service: reviews, matches: [{path: {type: prefix, value: /reviews}}]}
                  - {name: stock, service: stock, matches: [{path: {type: prefix, value: /stock}}]}
                  - name: partners
                    matches: [{path: {type: prefix, value: /partners}}]
                    service: shop
                    auth: [{type: apiKey}]
                  - name: pay
                    matches: [{path: {type: prefix, value: /pay}}]
                    backends:
                      - {service: now, weight: %d}
                      - {service: next, weight: %d, when: {headers: [{name: X-Beta, value: "1"}]}}
                """.formatted(
                        both,
                        both,
                        BUDGET_PERCENT,
                        blue.authority(),
                        green.authority(),
                        QUOTA,
                        PLACES,
                        QUEUE,
                        100 - CANARY_PERCENT,
                        CANARY_PERCENT);
    }
}

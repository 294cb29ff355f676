package io.penstock.appliance.demo;

import java.net.InetSocketAddress;

/** The configuration that the demo runs: small enough to be read, and to be a first one of one's own. */
final class DemoDocument {
    /** Requests that pass at once from idle. */
    static final int BURST = 20;

    /** Requests a second beyond that. */
    static final int RATE = 5;

    private DemoDocument() {}

    static String text(InetSocketAddress gateway, ToyUpstream blue, ToyUpstream green) {
        return """
                apiVersion: penstock/v1
                listeners:
                  - {name: web, address: "127.0.0.1:%d", protocol: http}
                upstreams:
                  - name: shop
                    balancer: leastRequests
                    targets:
                      - {address: "%s", name: %s}
                      - {address: "%s", name: %s}
                services:
                  - {name: shop, upstream: shop}
                limits:
                  - {name: per-client, key: [clientAddress], rate: %d/s, burst: %d}
                routes:
                  - name: hello
                    matches: [{path: {type: exact, value: /hello}}]
                    respond: {status: 200, body: "hello from Penstock"}
                  - name: orders
                    matches: [{path: {type: prefix, value: /orders}, methods: [GET, POST]}]
                    service: shop
                  - name: beta
                    matches: [{path: {type: prefix, value: /beta}, headers: [{name: x-beta, value: "1"}]}]
                    service: shop
                  - name: sale
                    matches: [{path: {type: prefix, value: /sale}}]
                    service: shop
                    limits: [per-client]
                """.formatted(
                        gateway.getPort(), blue.authority(), blue.name(), green.authority(), green.name(), RATE, BURST);
    }
}

package io.penstock.discovery;

import io.penstock.config.ActiveHealthConfig;
import io.penstock.config.ProxyVersion;
import io.penstock.config.UpstreamProtocol;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Asks one endpoint whether it is well. */
public interface HealthCheck {
    /**
     * Asks, within the time that the check allows. Never blocks.
     *
     * @return the answer, on any thread; never an exception
     */
    CompletionStage<Answer> ask(Question question);

    /**
     * What to ask whom.
     *
     * @param upstream whose endpoint it is
     * @param authority the target as written, the value of {@code Host} where the check names none
     * @param protocol what the endpoint speaks
     * @param proxyProtocol how a connection begins that no client is behind; empty for at once
     */
    record Question(
            String upstream,
            InetSocketAddress address,
            String authority,
            ActiveHealthConfig check,
            UpstreamProtocol protocol,
            Optional<ProxyVersion> proxyProtocol) {}

    /**
     * What came of it.
     *
     * @param detail for people: the status, or what went wrong
     */
    record Answer(boolean isGood, String detail) {}
}

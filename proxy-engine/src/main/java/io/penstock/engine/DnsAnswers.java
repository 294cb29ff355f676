package io.penstock.engine;

import io.penstock.discovery.DnsAnswer;
import io.penstock.discovery.DnsLookup;
import io.penstock.transport.DnsAddress;
import io.penstock.transport.DnsClient;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The transport's DNS client as discovery asks it: those two rooms do not know each other. */
final class DnsAnswers implements DnsLookup {
    private final DnsClient client;

    DnsAnswers(DnsClient client) {
        this.client = client;
    }

    @Override
    public CompletionStage<DnsAnswer> lookup(String name) {
        return client.resolve(name).thenCompose(answer -> switch (answer) {
            case io.penstock.transport.DnsAnswer.Found found -> CompletableFuture.completedFuture(answerOf(found));
            case io.penstock.transport.DnsAnswer.NoSuchName none ->
                failed("the name server says that there is no such name");
            case io.penstock.transport.DnsAnswer.NoAddress none ->
                failed("the name has neither an A nor an AAAA record");
            case io.penstock.transport.DnsAnswer.TimedOut late -> failed("no name server answered in time");
            case io.penstock.transport.DnsAnswer.Failed failure -> failed(failure.detail());
        });
    }

    private static DnsAnswer answerOf(io.penstock.transport.DnsAnswer.Found found) {
        List<InetAddress> addresses = new ArrayList<>();
        long ttlSeconds = Long.MAX_VALUE;
        for (DnsAddress address : found.addresses()) {
            addresses.add(address.address());
            ttlSeconds = Math.min(ttlSeconds, address.ttlSeconds());
        }
        return new DnsAnswer(addresses, Duration.ofSeconds(ttlSeconds));
    }

    private static CompletionStage<DnsAnswer> failed(String why) {
        return CompletableFuture.failedFuture(new UnknownHostException(why));
    }
}

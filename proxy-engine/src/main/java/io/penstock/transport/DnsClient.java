package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.penstock.mark.SharedByWorkers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the addresses of names, on a thread of its own and never on a loop's. It keeps no answers: how long one is good is in
 * the answer.
 *
 * <p>Any thread. Closed by whoever opened it.
 */
@SharedByWorkers
public final class DnsClient implements AutoCloseable {
    /** How long one server may take to answer, before the next one is asked. */
    public static final Duration QUERY_TIMEOUT = Duration.ofSeconds(2);

    private static final int QUERIES_PER_NAME_MAX = 8;
    private static final int PAYLOAD_BYTES_MAX = 4096;
    private static final long HOSTS_FILE_TTL_SECONDS = TimeUnit.DAYS.toSeconds(1);

    private final MultiThreadIoEventLoopGroup thread;
    private final DnsNameResolver resolver;

    private DnsClient(List<InetSocketAddress> servers, Duration queryTimeout) {
        thread = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("penstock-dns", true), NioIoHandler.newFactory());
        DnsNameResolverBuilder builder = new DnsNameResolverBuilder(thread.next())
                .datagramChannelType(NioDatagramChannel.class)
                // For answers that do not fit in a datagram.
                .socketChannelType(NioSocketChannel.class)
                // A port of its own for each question: one more thing that a forged answer has to guess.
                .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                .queryTimeoutMillis(queryTimeout.toMillis())
                .maxQueriesPerResolve(QUERIES_PER_NAME_MAX)
                .maxPayloadSize(PAYLOAD_BYTES_MAX);
        if (!servers.isEmpty()) {
            builder.nameServerProvider(new SequentialDnsServerAddressStreamProvider(servers))
                    .searchDomains(List.of());
        }
        resolver = builder.build();
    }

    /** A client of the servers, search domains and hosts that this machine is configured with (resolv.conf, hosts). */
    public static DnsClient open() {
        return new DnsClient(List.of(), QUERY_TIMEOUT);
    }

    /** A client of these servers, asked in this order; no search domains. */
    public static DnsClient open(List<InetSocketAddress> servers, Duration queryTimeout) {
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("no DNS server given; give at least one, for example 127.0.0.1:53");
        }
        return new DnsClient(servers, queryTimeout);
    }

    /**
     * Asks for the IPv4 and IPv6 addresses of a name. An address as text is its own answer.
     *
     * @return completed on this client's thread (do not block it), never exceptionally
     */
    public CompletionStage<DnsAnswer> resolve(String name) {
        InetAddress literal = NetUtil.createInetAddressFromIpAddressString(name);
        if (literal != null) {
            return CompletableFuture.completedFuture(
                    new DnsAnswer.Found(List.of(new DnsAddress(literal, HOSTS_FILE_TTL_SECONDS))));
        }
        CompletableFuture<DnsAnswer> ipv4 = ask(name, DnsRecordType.A);
        CompletableFuture<DnsAnswer> ipv6 = ask(name, DnsRecordType.AAAA);
        return ipv4.thenCombine(ipv6, DnsClient::both);
    }

    private CompletableFuture<DnsAnswer> ask(String name, DnsRecordType type) {
        CompletableFuture<DnsAnswer> answer = new CompletableFuture<>();
        try {
            resolver.resolveAll(new DefaultDnsQuestion(name, type))
                    .addListener((Future<List<DnsRecord>> records) -> answer.complete(
                            records.isSuccess() ? addresses(records.getNow(), type) : failure(records.cause())));
        } catch (RuntimeException e) {
            // Not a name, or the client is closed.
            answer.complete(new DnsAnswer.Failed(String.valueOf(e.getMessage())));
        }
        return answer;
    }

    private static DnsAnswer addresses(List<DnsRecord> records, DnsRecordType type) {
        List<DnsAddress> addresses = new ArrayList<>(records.size());
        int length = type.equals(DnsRecordType.A) ? 4 : 16;
        try {
            for (DnsRecord record : records) {
                if (record.type().equals(type) && record instanceof DnsRawRecord raw) {
                    ByteBuf content = raw.content();
                    if (content.readableBytes() == length) {
                        addresses.add(new DnsAddress(
                                InetAddress.getByAddress(ByteBufUtil.getBytes(content)), record.timeToLive()));
                    }
                }
            }
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of 4 or 16 bytes", e);
        } finally {
            records.forEach(ReferenceCountUtil::release);
        }
        return addresses.isEmpty() ? new DnsAnswer.NoAddress() : new DnsAnswer.Found(addresses);
    }

    private static DnsAnswer failure(@Nullable Throwable failure) {
        String detail = "no answer";
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof DnsNameResolverTimeoutException) {
                return new DnsAnswer.TimedOut();
            }
            if (t instanceof DnsErrorCauseException error) {
                return error.getCode().equals(DnsResponseCode.NXDOMAIN)
                        ? new DnsAnswer.NoSuchName()
                        : new DnsAnswer.Failed("the server answered " + error.getCode());
            }
            detail = String.valueOf(t.getMessage());
            // Netty has no type for an answer without error that lacks a record of the wanted type: it fails without a
            // cause.
            if (t instanceof UnknownHostException && t.getCause() == null && !detail.contains("Exceeded max queries")) {
                return new DnsAnswer.NoAddress();
            }
            if (detail.startsWith("No matching record type") || detail.startsWith("No matching CNAME")) {
                return new DnsAnswer.NoAddress();
            }
        }
        return new DnsAnswer.Failed(detail);
    }

    /** One answer out of those for the two families. What is known beats what is not; a name without address beats none at all. */
    private static DnsAnswer both(DnsAnswer ipv4, DnsAnswer ipv6) {
        if (ipv4 instanceof DnsAnswer.Found first && ipv6 instanceof DnsAnswer.Found second) {
            List<DnsAddress> all = new ArrayList<>(first.addresses());
            all.addAll(second.addresses());
            return new DnsAnswer.Found(all);
        }
        return weight(ipv4) >= weight(ipv6) ? ipv4 : ipv6;
    }

    private static int weight(DnsAnswer answer) {
        return switch (answer) {
            case DnsAnswer.Found found -> 4;
            case DnsAnswer.TimedOut timedOut -> 3;
            case DnsAnswer.Failed failed -> 2;
            case DnsAnswer.NoAddress noAddress -> 1;
            case DnsAnswer.NoSuchName noSuchName -> 0;
        };
    }

    @Override
    public void close() {
        resolver.close();
        thread.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}

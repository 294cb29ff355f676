package io.penstock.metrics;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ships lines of logs to a collector: syslog messages (RFC 5424) with their length before them, over TLS (RFC 5425).
 *
 * <p>Whoever offers a line never waits: it goes into a queue of bounded bytes, and is dropped and counted when that is full. A
 * thread of its own connects, sends, and connects again after a failure, each time after a longer wait. A collector that takes
 * nothing for half a minute is a failure as well. The protocol has no
 * acknowledgement: what a collector that dies had not read yet is lost without a count, and a batch whose sending failed is
 * sent again, so that lines may come twice. Whoever made it closes it.
 */
public final class SyslogShipper implements AccessLogTap, SampleSource, AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(SyslogShipper.class);
    static final int QUEUE_BYTES_MAX = 8 << 20;
    private static final int MESSAGE_BYTES_MAX = 64 * 1024;
    private static final int BATCH_MAX = 256;
    private static final int HOST_CHARS_MAX = 255;
    private static final int KIND_CHARS_MAX = 32;
    private static final int CONNECT_MS_MAX = 5_000;
    private static final long WAIT_MS_MIN = 500;
    private static final long WAIT_MS_MAX = 30_000;
    private static final long CLOSE_MS_MAX = 2_000;
    private static final long WRITE_NS_MAX = Duration.ofSeconds(30).toNanos();

    // As long as this without being cut, a collector counts as one that reads.
    private static final long WELL_NS_MIN = 10 * WRITE_NS_MAX;

    // Facilities "local0" for requests and "daemon" for what the program says of itself (RFC 5424, 6.2.1).
    private static final int LOCAL0 = 16;
    private static final int DAEMON = 3;
    private static final int INFORMATIONAL = 6;

    private static final MetricEntry SENT =
            MetricEntry.counter("penstock_syslog_sent_total", "Lines given to the collector's connection.");
    private static final MetricEntry DROPPED = MetricEntry.counter(
            "penstock_syslog_dropped_total", "Lines dropped because too many waited for the collector.");
    private static final MetricEntry WAITING =
            MetricEntry.gauge("penstock_syslog_waiting_bytes", "Bytes that wait for the collector.");
    private static final MetricEntry CONNECTED =
            MetricEntry.gauge("penstock_syslog_connected", "1 while there is a connection to the collector.");
    private static final MetricEntry STALLED = MetricEntry.counter(
            "penstock_syslog_stalled_total", "Connections given up because the collector took nothing for 30 seconds.");
    static final List<MetricEntry> ENTRIES = List.of(SENT, DROPPED, WAITING, CONNECTED, STALLED);

    private final String host;
    private final int port;
    private final SSLContext tls;
    private final String origin;
    private final Clock clock;
    private final LongSupplier nanoClock;
    private final WriteDeadline deadline;
    private final Thread thread;

    // All below are guarded by this.
    private final Deque<byte[]> queue = new ArrayDeque<>();
    private long queuedBytes;
    private long sent;
    private long dropped;
    private boolean isClosing;

    // The one below TLS: a close of TLS's own waits for a write that is under way, which a collector that reads no more
    // has wait for ever.
    private @Nullable Socket connection;

    /**
     * Sends nothing yet.
     *
     * @param host of the collector, whose certificate must name it
     * @param tls whom to trust
     * @param hostName of this machine, for the messages
     * @param pid of this process
     */
    public SyslogShipper(String host, int port, SSLContext tls, String hostName, long pid, Clock clock) {
        this(host, port, tls, hostName, pid, clock, System::nanoTime);
    }

    /** The same with another clock for how long the collector takes nothing, in nanoseconds. */
    public SyslogShipper(
            String host, int port, SSLContext tls, String hostName, long pid, Clock clock, LongSupplier nanoClock) {
        this.host = host;
        this.port = port;
        this.tls = tls;
        this.origin = token(hostName, HOST_CHARS_MAX) + " penstock " + pid + " ";
        this.clock = clock;
        this.nanoClock = nanoClock;
        this.deadline = new WriteDeadline("penstock-syslog-watch", WRITE_NS_MAX, nanoClock);
        this.thread = Thread.ofPlatform().name("penstock-syslog").daemon().unstarted(this::run);
    }

    // Fields of the head are visible ASCII without blanks, and bounded (RFC 5424, 6).
    private static String token(String name, int charsMax) {
        String visible = name.replaceAll("[^!-~]", "");
        return visible.isEmpty() ? "-" : visible.substring(0, Math.min(visible.length(), charsMax));
    }

    /** Begins to connect and send. */
    public void start() {
        deadline.start();
        thread.start();
    }

    /** One line of an access log, its end included or not. The access log's thread; never waits for the collector. */
    @Override
    public void line(String log, byte[] bytes, int length) {
        offer(LOCAL0 * 8 + INFORMATIONAL, token("access." + log, KIND_CHARS_MAX), bytes, length);
    }

    /**
     * Something the program says of itself. Any thread but a worker's request path; never waits for the collector.
     *
     * @param severity 0 to 7 (RFC 5424, 6.2.1): 3 is an error, 4 a warning, 6 informational
     */
    public void event(int severity, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        offer(DAEMON * 8 + severity, "event", bytes, bytes.length);
    }

    private void offer(int priority, String kind, byte[] bytes, int length) {
        int end = Math.min(length, MESSAGE_BYTES_MAX);
        while (end > 0 && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r')) {
            end--;
        }
        byte[] head = ("<" + priority + ">1 " + clock.instant().truncatedTo(ChronoUnit.MILLIS) + " " + origin + kind
                        + " - ")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] count = ((head.length + end) + " ").getBytes(StandardCharsets.US_ASCII);
        byte[] framed = Arrays.copyOf(count, count.length + head.length + end);
        System.arraycopy(head, 0, framed, count.length, head.length);
        System.arraycopy(bytes, 0, framed, count.length + head.length, end);
        synchronized (this) {
            if (queuedBytes + framed.length > QUEUE_BYTES_MAX) {
                dropped++;
                return;
            }
            queue.addLast(framed);
            queuedBytes += framed.length;
            notifyAll();
        }
    }

    private void run() {
        long waitMs = WAIT_MS_MIN;
        boolean wasStalled = false;
        @Nullable String told = null;
        while (!isOver()) {
            long sinceNs = nanoClock.getAsLong();
            try (Socket open = connect()) {
                // One that takes connections and nothing else has not come back by taking another one.
                if (!wasStalled) {
                    LOGGER.info("syslog: connected to {}:{}", host, port);
                    told = null;
                    waitMs = WAIT_MS_MIN;
                }
                send(open);
            } catch (IOException | RuntimeException failed) {
                if (wasStalled && nanoClock.getAsLong() - sinceNs >= WELL_NS_MIN) {
                    told = null;
                    waitMs = WAIT_MS_MIN;
                }
                wasStalled = deadline.takeCut();
                String why = wasStalled
                        ? "it took nothing for "
                                + Duration.ofNanos(WRITE_NS_MAX).toSeconds() + " s"
                        : failed.toString();
                // Once for each kind of failure: what is logged is shipped as well, and must not feed itself.
                if (!isOver() && !why.equals(told)) {
                    told = why;
                    LOGGER.warn(
                            "syslog: {}:{} does not take logs: {}; they wait, then are dropped and counted",
                            host,
                            port,
                            told);
                }
                pause(waitMs);
                waitMs = Math.min(waitMs * 2, WAIT_MS_MAX);
            } finally {
                connected(null);
            }
        }
        deadline.close();
    }

    private Socket connect() throws IOException {
        Socket plain = new Socket();
        boolean isConnected = false;
        try {
            plain.connect(new InetSocketAddress(host, port), CONNECT_MS_MAX);
            plain.setSoTimeout(CONNECT_MS_MAX);
            SSLSocket secure = (SSLSocket) tls.getSocketFactory().createSocket(plain, host, port, true);
            SSLParameters parameters = secure.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
            secure.setSSLParameters(parameters);
            connected(plain);
            secure.startHandshake();
            // For the look whether the collector has closed: it never sends anything.
            secure.setSoTimeout(1);
            isConnected = true;
            return secure;
        } finally {
            if (!isConnected) {
                plain.close();
            }
        }
    }

    private void send(Socket open) throws IOException {
        Socket below = connection();
        OutputStream out = new BufferedOutputStream(deadline.over(below, open.getOutputStream()), 1 << 16);
        while (true) {
            List<byte[]> batch = await();
            if (batch.isEmpty()) {
                return;
            }
            try {
                requireOpen(open);
                for (byte[] message : batch) {
                    out.write(message);
                }
                out.flush();
            } catch (IOException failed) {
                putBack(batch);
                throw failed;
            }
            sent(batch.size());
        }
    }

    // Without this the first batch after a collector's orderly end would go into the void.
    private static void requireOpen(Socket open) throws IOException {
        try {
            if (open.getInputStream().read() < 0) {
                throw new IOException("the collector has closed the connection");
            }
        } catch (SocketTimeoutException quiet) {
            return;
        }
    }

    /** The next messages; none once it is closed and everything was sent. */
    private synchronized List<byte[]> await() {
        while (queue.isEmpty() && !isClosing) {
            try {
                wait();
            } catch (InterruptedException stopped) {
                return List.of();
            }
        }
        List<byte[]> batch = new ArrayList<>();
        while (!queue.isEmpty() && batch.size() < BATCH_MAX) {
            byte[] message = queue.removeFirst();
            queuedBytes -= message.length;
            batch.add(message);
        }
        return batch;
    }

    private synchronized void putBack(List<byte[]> batch) {
        for (byte[] message : batch.reversed()) {
            queue.addFirst(message);
            queuedBytes += message.length;
        }
    }

    private synchronized void sent(int lines) {
        sent += lines;
    }

    private synchronized void connected(@Nullable Socket socket) {
        connection = socket;
    }

    private synchronized Socket connection() throws IOException {
        if (connection == null) {
            throw new IOException("the connection is gone");
        }
        return connection;
    }

    private synchronized boolean isOver() {
        return isClosing && (queue.isEmpty() || Thread.currentThread().isInterrupted());
    }

    // Every line that is offered wakes it: only the time counts, or a collector that is down is asked at each request.
    private synchronized void pause(long ms) {
        long endNs = System.nanoTime() + ms * 1_000_000;
        try {
            long leftMs = ms;
            while (!isClosing && leftMs > 0) {
                wait(leftMs);
                leftMs = (endNs - System.nanoTime()) / 1_000_000;
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        if (isClosing) {
            // Nobody is there to take what is left.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public List<MetricEntry> entries() {
        return ENTRIES;
    }

    @Override
    public synchronized void collect(Consumer<Sample> into) {
        into.accept(Sample.of(SENT, sent));
        into.accept(Sample.of(DROPPED, dropped));
        into.accept(Sample.of(WAITING, queuedBytes));
        into.accept(Sample.of(CONNECTED, connection == null ? 0 : 1));
        into.accept(Sample.of(STALLED, deadline.cuts()));
    }

    /** Sends what waits, for two seconds at most. */
    @Override
    public void close() {
        synchronized (this) {
            isClosing = true;
            notifyAll();
        }
        try {
            if (!thread.join(Duration.ofMillis(CLOSE_MS_MAX))) {
                cut();
            }
        } catch (InterruptedException stopped) {
            cut();
            Thread.currentThread().interrupt();
        }
    }

    private void cut() {
        thread.interrupt();
        Socket open;
        synchronized (this) {
            open = connection;
        }
        if (open != null) {
            try {
                open.close();
            } catch (IOException closed) {
                LOGGER.debug("syslog: the connection could not be closed", closed);
            }
        }
    }
}

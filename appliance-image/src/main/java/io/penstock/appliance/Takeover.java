package io.penstock.appliance;

import io.penstock.appliance.control.ControlLink;
import io.penstock.transport.InheritedSockets;
import io.penstock.transport.SocketHandover;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process takes the place of the gateway that started it: the new one's half of a restart. {@link Restart} is the old one's,
 * and says in which order what goes over.
 */
final class Takeover implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);

    /** In the environment of a gateway that is to take another's place: what it proves that with, once. */
    static final String VARIABLE = "PENSTOCK_TAKEOVER";

    private static final String SOCKETS_FILE = "control.sockets";
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);
    private static final int SOCKET_WORDS = 3;

    /** How long the old process may take to be gone once it is not heard any more. */
    private static final Duration GONE_MAX = Duration.ofSeconds(5);

    private final ControlLink link;
    private long oldProcess;
    private boolean isOver;

    private Takeover(ControlLink link) {
        this.link = link;
    }

    /**
     * Speaks to the gateway that this process is to replace.
     *
     * @return empty if it was started by itself
     * @throws StartFailure if that gateway does not want it
     */
    static Optional<Takeover> begin(Map<String, String> environment, Path dataFolder) throws StartFailure {
        String token = environment.get(VARIABLE);
        if (token == null) {
            return Optional.empty();
        }
        try {
            ControlLink link = ControlLink.connect(dataFolder);
            Takeover takeover = new Takeover(link);
            takeover.oldProcess = Long.parseLong(takeover.ask("welcome", ControlLink.PROTOCOL, "takeover", token)
                    .getLast());
            return Optional.of(takeover);
        } catch (IOException | NumberFormatException failed) {
            throw new StartFailure(
                    StartFailure.Kind.OTHER,
                    "the gateway that holds " + dataFolder + " cannot be taken over from: " + failed.getMessage()
                            + ". Start this one without " + VARIABLE
                            + " in its environment, once the other is stopped.",
                    failed);
        }
    }

    /** Has the old gateway give up the data folder, which it takes again should this process end. */
    void release() throws StartFailure {
        exchange("released", "release");
    }

    /** Takes the sockets on which the old gateway listens; it goes on accepting from them. */
    InheritedSockets sockets(Path dataFolder) throws StartFailure {
        Path path = dataFolder.resolve(SOCKETS_FILE);
        try (SocketHandover taker = SocketHandover.open(path)) {
            List<String> listed = ask("sockets", "sockets", path.toString());
            InheritedSockets inherited = new InheritedSockets();
            if (listed.size() == 1) {
                return inherited;
            }
            int total = 0;
            for (int at = 1; at + SOCKET_WORDS <= listed.size(); at += SOCKET_WORDS) {
                total += Integer.parseInt(listed.get(at + 2));
            }
            Iterator<Integer> descriptors = taker.take(total, ANSWER_MAX).iterator();
            for (int at = 1; at + SOCKET_WORDS <= listed.size(); at += SOCKET_WORDS) {
                for (int left = Integer.parseInt(listed.get(at + 2)); left > 0; left--) {
                    inherited.add(listed.get(at), listed.get(at + 1), descriptors.next());
                }
            }
            return inherited;
        } catch (IOException | RuntimeException failed) {
            throw new StartFailure(
                    StartFailure.Kind.OTHER,
                    "the listening sockets were not handed over: " + failed.getMessage(),
                    failed);
        }
    }

    /**
     * Says that everything is prepared, and waits for the files that the old gateway has kept until now. If that one has died meanwhile,
     * its place is free all the more.
     */
    void ready() throws StartFailure {
        List<String> answer;
        try {
            link.send("ready");
            answer = link.receive(ANSWER_MAX);
        } catch (IOException unheard) {
            LOG.warn("the gateway whose place this one takes is not heard any more: {}", unheard.toString());
            answer = List.of();
        }
        if (answer.isEmpty()) {
            // One that lives may be slow, or have given this one up: both would write the same files.
            if (!isGone(oldProcess)) {
                throw new StartFailure(
                        StartFailure.Kind.OTHER,
                        "process " + oldProcess
                                + ", whose place this one was to take, is not heard any more, but lives; it goes on, as far as it can");
            }
            LOG.warn("process {}, whose place this one takes, has ended by itself", oldProcess);
        } else if (!answer.getFirst().equals("go")) {
            throw new StartFailure(StartFailure.Kind.OTHER, said(answer));
        }
    }

    private static boolean isGone(long pid) {
        Optional<ProcessHandle> process = ProcessHandle.of(pid);
        if (process.isEmpty()) {
            return true;
        }
        try {
            process.get().onExit().get(GONE_MAX.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException alive) {
            return false;
        } catch (ExecutionException failed) {
            throw new IllegalStateException("an end does not fail", failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Says that this process serves: the old one goes. */
    void serving() {
        isOver = true;
        try {
            link.send("serving", Long.toString(ProcessHandle.current().pid()));
            link.receive(ANSWER_MAX);
        } catch (IOException gone) {
            LOG.warn("the gateway whose place this one takes was not told: {}", gone.toString());
        }
    }

    /** Says why this process does not serve; the old one goes on. */
    void failed(String why) {
        if (!isOver) {
            isOver = true;
            try {
                link.send("failed", why);
            } catch (IOException gone) {
                LOG.debug("nobody hears it", gone);
            }
        }
    }

    private void exchange(String wanted, String... words) throws StartFailure {
        try {
            ask(wanted, words);
        } catch (IOException failed) {
            throw new StartFailure(
                    StartFailure.Kind.OTHER,
                    "the gateway whose place this one was to take: " + failed.getMessage(),
                    failed);
        }
    }

    private List<String> ask(String wanted, String... words) throws IOException {
        link.send(words);
        List<String> answer = link.receive(ANSWER_MAX);
        if (answer.isEmpty() || !answer.getFirst().equals(wanted)) {
            throw new IOException(said(answer));
        }
        return answer;
    }

    private static String said(List<String> answer) {
        return answer.isEmpty() ? "it has broken off" : answer.getLast();
    }

    @Override
    public void close() {
        link.close();
    }
}

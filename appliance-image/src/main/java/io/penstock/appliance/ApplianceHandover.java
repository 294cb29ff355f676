package io.penstock.appliance;

import io.penstock.admin.AdminServer;
import io.penstock.admin.StatusServer;
import io.penstock.admin.resource.AdminParts;
import io.penstock.appliance.control.ControlSocket;
import io.penstock.engine.ListenerSockets;
import io.penstock.engine.ProxyEngine;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How this gateway's place is taken by one in another process, and taken back should that one come to nothing. The old gateway
 * serves throughout; {@link Restart} says when each step is due. One thread at a time.
 *
 * <p>What only one process has is given up first ({@link #release}), what is written for requests when the new one is ready
 * ({@link #leaveFiles}). Each of the two has its way back: {@link #takeBack}, {@link #keepFiles}.
 */
final class ApplianceHandover implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApplianceHandover.class);

    /** How long admin calls under way may take once another process takes this one's place. */
    private static final Duration ADMIN_CALLS_MAX = Duration.ofSeconds(5);

    private final FolderHold hold;
    private final ProxyEngine engine;
    private final EngineWindow window;
    private final Plugins plugins;
    private final AdminServer admin;
    private final StatusServer status;
    private final Function<AdminSide, AdminParts> adminParts;

    // Null for a folder that cannot hold it.
    private @Nullable ControlSocket control;
    private ControlSocket.@Nullable Conversation conversation;

    /** @param adminParts what the admin API is made of, with an admin side that was opened again */
    ApplianceHandover(
            FolderHold hold,
            ProxyEngine engine,
            EngineWindow window,
            Plugins plugins,
            AdminServer admin,
            StatusServer status,
            Function<AdminSide, AdminParts> adminParts) {
        this.hold = hold;
        this.engine = engine;
        this.window = window;
        this.plugins = plugins;
        this.admin = admin;
        this.status = status;
        this.adminParts = adminParts;
    }

    /** Listens for those of this machine who ask for a restart. Whatever keeps the folder from holding a socket is no reason not to serve. */
    void openControl(ControlSocket.Conversation withThem) {
        conversation = withThem;
        ControlSocket before = control;
        try {
            control = ControlSocket.open(hold.folder().path(), withThem);
            if (before != null) {
                // The path is the new one's.
                before.leave();
                before.close();
            }
        } catch (IOException | RuntimeException failed) {
            LOG.warn(
                    "no restart by \"penstock restart\": {} cannot hold a control socket: {}",
                    hold.folder().path(),
                    failed.toString());
        }
    }

    /** Listens again where a process that came to nothing may have listened, and have taken the path with it. */
    void openControlAgain() {
        ControlSocket.Conversation held = conversation;
        if (held != null) {
            openControl(held);
        }
    }

    /** What stands against a restart now. */
    Optional<String> obstacle() {
        if (!engine.handover().isPossible()) {
            return Optional.of("transport " + engine.readings().status().transport()
                    + " cannot hand its sockets over; stop this gateway and start it again, with --transport epoll or"
                    + " io_uring if restarts shall lose nothing");
        }
        if (ProcessHandle.current().pid() == 1) {
            return Optional.of("this process is number 1 of its container, which ends with it; replace the container");
        }
        return hold.side()
                .pipeline()
                .trial()
                .map(trial -> "revision " + trial.revision()
                        + " is on trial, and a restart would take it back; confirm it first, or wait until it"
                        + " is taken back");
    }

    /**
     * Gives up what only one process has: the store, the door for changes, the data folder. Admin calls are answered 503.
     *
     * @return what stands against it; all is as {@link #takeBack} leaves it only once that was called
     */
    Optional<String> release() {
        if (!admin.suspend(ADMIN_CALLS_MAX)) {
            return Optional.of("admin calls were still under way after " + ADMIN_CALLS_MAX.toSeconds() + " s");
        }
        Optional<String> obstacle = obstacle();
        if (obstacle.isPresent()) {
            return obstacle;
        }
        hold.giveUp();
        return Optional.empty();
    }

    /** Opens again what was given up. @return why that is not possible; traffic is served all the same */
    Optional<String> takeBack() {
        try {
            admin.resume(adminParts.apply(hold.takeAgain(engine, window)));
            return Optional.empty();
        } catch (StartFailure | RuntimeException failed) {
            LOG.error("what was given up for a restart cannot be opened again", failed);
            return Optional.of(String.valueOf(failed.getMessage()));
        }
    }

    /** The sockets on which listeners accept. */
    List<ListenerSockets> listenerSockets() {
        return engine.handover().listenerSockets();
    }

    /** The ways to connections of QUIC that stay here. */
    List<ListenerSockets> packetWays() {
        return engine.handover().packetWays();
    }

    /** Lets go of the files that are written for requests, and of what comes by UDP. */
    void leaveFiles() {
        engine.handover().leaveFiles();
        plugins.leaveStore();
        // Last, since clients wait from here on.
        engine.handover().leavePackets();
    }

    /** Takes them back. */
    void keepFiles() {
        engine.handover().keepPackets();
        engine.handover().keepFiles();
        plugins.takeStore();
    }

    /** Another process serves in this one's place: admin calls and questions for readiness are its own now. */
    void handedOver() {
        engine.handover().handedOver();
        ControlSocket listening = control;
        if (listening != null) {
            listening.leave();
        }
        admin.close();
        status.close();
    }

    /** Listens for nobody any more; who has taken the place is left the path. */
    @Override
    public void close() throws IOException {
        ControlSocket listening = control;
        if (listening != null) {
            listening.close();
        }
    }
}

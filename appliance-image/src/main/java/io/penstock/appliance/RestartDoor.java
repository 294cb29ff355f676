package io.penstock.appliance;

import io.penstock.appliance.control.ControlLink;
import io.penstock.appliance.control.ControlSocket;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Who may ask for a restart, and how: by a signal, over the control socket, or as the process that was started for it. */
final class RestartDoor implements ControlSocket.Conversation {
    private final Restart restart;
    private final ShutdownSequence shutdown;
    private final Consumer<String> said;

    RestartDoor(Restart restart, ShutdownSequence shutdown, Consumer<String> said) {
        this.restart = restart;
        this.shutdown = shutdown;
        this.said = said;
    }

    /** As SIGHUP asks: with the same program and arguments, told on standard error. */
    void signalled() {
        Thread.ofPlatform().name("penstock-restart").daemon().start(() -> {
            try {
                shutdown.replacedBy(restart.run(Optional.empty(), List.of(), said));
            } catch (Restart.NotRestarted failed) {
                said.accept("not restarted: " + failed.getMessage());
            }
        });
    }

    @Override
    public void hold(List<String> request, ControlLink link) throws IOException {
        switch (request.getFirst()) {
            case "restart" -> restart(request, link);
            case "takeover" -> {
                Optional<CompletableFuture<Void>> end = restart.arrived(request.getLast(), link);
                if (end.isPresent()) {
                    end.get().join();
                } else {
                    link.send("refused", "it has not asked for a process to take its place");
                }
            }
            default -> link.send("refused", "\"" + request.getFirst() + "\" is not known; restart is");
        }
    }

    // The words behind "restart": the program, empty for the same, and the arguments of "run", none for the same.
    private void restart(List<String> request, ControlLink link) throws IOException {
        Optional<String> program =
                request.size() > 1 ? Optional.of(request.get(1)).filter(name -> !name.isEmpty()) : Optional.empty();
        List<String> arguments = request.subList(Math.min(2, request.size()), request.size());
        try {
            long pid = restart.run(program, arguments, line -> tell(link, line));
            shutdown.replacedBy(pid);
            link.send("done", Long.toString(pid));
        } catch (Restart.NotRestarted failed) {
            said.accept("not restarted: " + failed.getMessage());
            link.send("failed", String.valueOf(failed.getMessage()));
        }
    }

    private void tell(ControlLink link, String line) {
        said.accept(line);
        try {
            link.send("told", line);
        } catch (IOException gone) {
            // Whoever asked has left; the restart goes on.
            return;
        }
    }
}

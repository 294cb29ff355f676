package io.penstock.admin.resource;

import io.penstock.admin.machine.MachinePort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The process around the engine and its machine, as far as backups and support need them. Safe from any thread. */
public interface SystemPort {
    /** The data folder. */
    Path folder();

    /** The last lines of the application log, oldest first. */
    List<String> recentLog();

    /**
     * What the process made of its machine.
     *
     * @param profile the row of the table of sizes
     * @param cores that it may use
     * @param memoryBytes that it may use
     * @param heapBytesMax in force
     * @param directBytesMax in force
     * @param workers that it has
     * @param connections of clients that the row is good for
     */
    record SizeView(
            String profile,
            int cores,
            long memoryBytes,
            long heapBytesMax,
            long directBytesMax,
            int workers,
            int connections) {}

    /**
     * Writes what plugins keep in their store, as of one moment, into a file that is there.
     *
     * @return whether they keep anything
     * @throws IOException if it cannot be copied
     */
    default boolean copyPluginStore(Path to) throws IOException {
        return false;
    }

    /** How large it is made. */
    default Optional<SizeView> size() {
        return Optional.empty();
    }

    /** The machine, where the gateway has one to itself: in the appliance's image. */
    default Optional<MachinePort> machine() {
        return Optional.empty();
    }

    /** A folder, and no log. */
    static SystemPort in(Path folder) {
        return new SystemPort() {
            @Override
            public Path folder() {
                return folder;
            }

            @Override
            public List<String> recentLog() {
                return List.of();
            }
        };
    }
}

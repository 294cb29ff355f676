package io.penstock.admin.resource;

import java.nio.file.Path;
import java.util.List;

/** The process around the engine and its machine, as far as backups and support need them. Safe from any thread. */
public interface SystemPort {
    /** The data folder. */
    Path folder();

    /** The last lines of the application log, oldest first. */
    List<String> recentLog();

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

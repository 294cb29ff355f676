package io.penstock.appliance.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whose a data folder is: what another user writes there, root for one, its gateway cannot read afterwards. */
final class FolderOwner {
    private static final String USER_ID = "unix:uid";

    private FolderOwner() {}

    /**
     * Holds a command to the user that a folder belongs to. A folder that is not there yet will be the caller's.
     *
     * @throws CommandFailure who owns it and who asks, and what to do; nothing was touched
     */
    static void require(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Path self = Path.of("/proc/self");
        if (!Files.getAttribute(folder, USER_ID).equals(Files.getAttribute(self, USER_ID))) {
            String owner = Files.getOwner(folder).getName();
            throw new CommandFailure(
                    ExitCode.FAILED,
                    folder + " belongs to " + owner + ", and this runs as "
                            + Files.getOwner(self).getName() + ": the gateway could not read what it leaves there."
                            + " Nothing has changed. Run it as " + owner + ", for example by: runuser -u " + owner
                            + " -- penstock ...");
        }
    }
}

package io.penstock.admin.resource;

import io.penstock.admin.backup.StateCopy;
import io.penstock.admin.store.DataFolder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the version in a bundle is asked to rehearse with: a copy of the state, and heads of requests. It lies beside the bundle,
 * from where the machine takes both. An upgrade does not wait for it: what cannot be laid is told in the log, and the machine tells that it was not rehearsed.
 */
final class RehearsalMaterial {
    private static final Logger LOG = LoggerFactory.getLogger(RehearsalMaterial.class);
    private static final String FOLDER = "rehearsal";

    private final AdminParts parts;
    private final Path place;

    /** Of the folder that the bundle lies in. */
    RehearsalMaterial(AdminParts parts, Path bundles) {
        this.parts = parts;
        this.place = bundles.resolve(FOLDER);
    }

    /**
     * Lays it, if there is room.
     *
     * @param freeBytesMin what stays free beside it
     */
    void lay(long freeBytesMin) {
        try {
            StateCopy.remove(place);
            Path state = parts.system().folder();
            long free = Files.getFileStore(state).getUsableSpace() - freeBytesMin;
            // The other version copies it once more, and may add to its copy.
            long wanted = 3 * StateCopy.bytes(state);
            if (wanted > free) {
                throw new IOException(
                        (wanted >> 20) + " MiB are wanted for it, " + Math.max(0, free >> 20) + " are free");
            }
            Files.createDirectory(place, DataFolder.OWNER_FOLDER);
            StateCopy.make(parts.store(), state, place.resolve("data"));
            Path heads = place.resolve("heads.json");
            DataFolder.makeOwnerFile(heads);
            try (OutputStream out = Files.newOutputStream(heads)) {
                out.write(JsonText.write(HeadDocument.recorded(parts.engine(), HeadDocument.HEADS_MAX)));
            }
        } catch (IOException | RuntimeException failed) {
            LOG.warn("the upgrade is not rehearsed: {}", failed.toString());
            remove();
        }
    }

    /** Removes what nobody has taken. */
    void remove() {
        try {
            StateCopy.remove(place);
        } catch (IOException stays) {
            LOG.warn("{} could not be removed: {}", place, stays.toString());
        }
    }
}

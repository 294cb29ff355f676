package io.penstock.admin.store;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A process that writes revisions as fast as it can and prints each number once it was acknowledged, until it is killed.
 *
 * <p>Every revision writes the same value into every resource: a state with two values mixes two revisions.
 */
final class BulkWriter {

    static final int RESOURCES = 12;

    private BulkWriter() {}

    public static void main(String[] arguments) throws Exception {
        DataFolder folder = DataFolder.hold(Path.of(arguments[0]));
        OpenedStore opened = SqliteConfigStore.open(folder, StoreFixture.options(2000, 50), Clock.systemUTC());
        if (opened.recovery().isPresent()) {
            throw new IllegalStateException(opened.recovery().get().text());
        }
        ConfigStore store = opened.store();
        System.out.println("ready");
        for (int round = 0; ; round++) {
            List<NewRevision> revisions = new ArrayList<>();
            List<AuditEvent> lines = new ArrayList<>();
            long first = store.nextRevision();
            for (long number = first; number <= first + round % 3; number++) {
                revisions.add(new NewRevision(
                        number, Clock.systemUTC().instant(), "bulk", Optional.empty(), "edit", writes(number)));
                lines.add(StoreFixture.line(number));
            }
            store.commit(new StoreCommit(revisions, lines, new ConfirmChange.Keep(), List.of()));
            System.out.println(revisions.getLast().number());
        }
    }

    private static List<ResourceWrite> writes(long number) {
        List<ResourceWrite> writes = new ArrayList<>();
        for (int i = 0; i < RESOURCES; i++) {
            writes.add(StoreFixture.put("r" + i, "v" + number));
        }
        return writes;
    }
}

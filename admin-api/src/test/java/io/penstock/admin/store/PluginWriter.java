package io.penstock.admin.store;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Random;

/**
 * A process that stores packages of plugins as fast as it can and prints each version once it was acknowledged, until it
 * is killed.
 */
final class PluginWriter {

    private PluginWriter() {}

    /** The content of a version: long enough to span many pages. */
    static byte[] content(long version) {
        byte[] content = new byte[40_000];
        new Random(version).nextBytes(content);
        return content;
    }

    public static void main(String[] arguments) throws Exception {
        DataFolder folder = DataFolder.hold(Path.of(arguments[0]));
        OpenedStore opened = SqliteConfigStore.open(folder, StoreFixture.options(2000, 50), Clock.systemUTC());
        if (opened.recovery().isPresent()) {
            throw new IllegalStateException(opened.recovery().get().text());
        }
        PluginRecords plugins = opened.store().plugins();
        System.out.println("ready");
        for (long version = plugins.all().size() + 1L; ; version++) {
            PluginRecord known = PluginTableTest.plugin("guard", version + ".0.0");
            byte[] content = content(version);
            plugins.put(
                    new PluginRecord(
                            known.name(),
                            known.version(),
                            PluginTable.sha256(content),
                            content.length,
                            known.manifest(),
                            known.hooks(),
                            known.warnings(),
                            known.created(),
                            known.createdBy(),
                            known.note()),
                    content,
                    PluginTableTest.line(known.version()));
            System.out.println(version);
        }
    }
}

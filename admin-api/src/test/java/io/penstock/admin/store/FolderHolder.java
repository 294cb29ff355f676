package io.penstock.admin.store;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A process that holds a data folder, says so, and waits to be killed; or says why it could not. */
final class FolderHolder {

    private FolderHolder() {}

    public static void main(String[] arguments) throws Exception {
        try (DataFolder folder = DataFolder.hold(Path.of(arguments[0]))) {
            System.out.println("held");
            new CountDownLatch(1).await();
            System.out.println(folder.path());
        } catch (DataFolderRefused refused) {
            System.out.println(refused.getMessage());
        }
    }
}

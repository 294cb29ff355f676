package io.penstock.plugin.bridge;

import io.penstock.mark.WorkerConfined;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.UUID;
import org.graalvm.polyglot.HostAccess;

/** The cryptography of the Java platform, for {@code crypto} of the scripts. */
@WorkerConfined
public final class HostCrypto {
    private static final int RANDOM_BYTES_MAX = 65_536;

    private final SecureRandom random = new SecureRandom();

    HostCrypto(ScriptHost host) {}

    @HostAccess.Export
    public ByteBuffer random(int count) {
        if (count < 0 || count > RANDOM_BYTES_MAX) {
            throw new IllegalArgumentException("at most " + RANDOM_BYTES_MAX + " random bytes at once");
        }
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    @HostAccess.Export
    public String uuid() {
        return UUID.randomUUID().toString();
    }
}

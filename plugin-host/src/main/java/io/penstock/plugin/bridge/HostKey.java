package io.penstock.plugin.bridge;

import io.penstock.mark.WorkerConfined;
import java.security.Key;
import java.security.PrivateKey;
import java.security.interfaces.RSAKey;
import javax.crypto.SecretKey;
import org.graalvm.polyglot.HostAccess;

/** A key that a script holds and cannot look into. */
@WorkerConfined
public final class HostKey {
    private final Key key;

    HostKey(Key key) {
        this.key = key;
    }

    Key key() {
        return key;
    }

    @HostAccess.Export
    public String type() {
        return key instanceof SecretKey ? "secret" : key instanceof PrivateKey ? "private" : "public";
    }

    @HostAccess.Export
    public int bits() {
        if (key instanceof RSAKey rsa) {
            return rsa.getModulus().bitLength();
        }
        return key instanceof SecretKey secret ? secret.getEncoded().length * Byte.SIZE : 0;
    }
}

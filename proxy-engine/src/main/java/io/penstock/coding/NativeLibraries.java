package io.penstock.coding;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.github.luben.zstd.util.Native;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads the libraries outside of Java. A coding whose library does not load is one that the gateway does not know. */
final class NativeLibraries {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLibraries.class);

    private NativeLibraries() {}

    static boolean hasBrotli() {
        boolean isAvailable = Brotli4jLoader.isAvailable();
        if (!isAvailable) {
            LOG.warn("the Brotli library does not load; br is not decoded", Brotli4jLoader.getUnavailabilityCause());
        }
        return isAvailable;
    }

    static boolean hasZstd() {
        try {
            Native.load();
            return true;
        } catch (LinkageError refused) {
            LOG.warn("the Zstandard library does not load; zstd is not decoded", refused);
            return false;
        }
    }
}

package io.penstock.filter;

import io.penstock.config.UpstreamTlsConfig;
import io.penstock.spi.FilterWorker;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads the key sets of issuers, and what else they publish of themselves. */
public interface KeySets {
    /**
     * What is known of an address.
     *
     * @param text the old one if it cannot be read now; empty if there is none
     * @param code the stable code of why it cannot be read now; empty if it can
     * @param fault the same in words
     */
    record Document(String text, String code, String fault) {
        /** One that was read. */
        static Document read(String text) {
            return new Document(text, "", "");
        }

        /** The same, which cannot be read now. */
        Document unread(String why, String words) {
            return new Document(text, why, words);
        }
    }

    /**
     * Asks for what is at an address. The answer is given on the same worker, later and never inside this call, and perhaps from memory.
     *
     * @param worker that asks, on which this is called
     * @param tls how TLS is spoken there if it is an https address
     * @param ttl what was read longer ago is read again
     * @param isMissing whether a key was missing in what the asker has: then it is read again sooner, but not at once again
     */
    void ask(
            FilterWorker worker,
            URI address,
            Optional<UpstreamTlsConfig> tls,
            Duration ttl,
            boolean isMissing,
            Consumer<Document> heard);
}

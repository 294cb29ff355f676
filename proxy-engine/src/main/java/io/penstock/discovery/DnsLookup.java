package io.penstock.discovery;

import java.util.concurrent.CompletionStage;

/** Asks the name service. */
public interface DnsLookup {
    /**
     * Asks for the addresses of a name, within a time of its own. Never blocks.
     *
     * @return the answer, on any thread; completed with an exception whose message says why where there is none
     */
    CompletionStage<DnsAnswer> lookup(String name);
}

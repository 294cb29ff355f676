package io.penstock.snapshot;

import io.penstock.mark.SharedByWorkers;
import io.penstock.transport.tls.ServerContext;
import io.penstock.transport.tls.ServerNames;
import org.jspecify.annotations.Nullable;

/**
 * What an https listener shows its clients, by the names that they ask for. Immutable.
 *
 * @param contexts what handshakes are answered with
 * @param askings a number for each way in which clients are asked for certificates of theirs; null where all names have the same
 */
@SharedByWorkers
public record ShownNames(
        ServerNames<ServerContext> contexts, @Nullable ServerNames<Integer> askings) {}

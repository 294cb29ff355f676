package io.penstock.snapshot;

import io.penstock.limit.LimitPlan;
import io.penstock.spi.Identity;

/**
 * One consumer compiled. Immutable; the array is never written to after construction.
 *
 * @param identity what filters and logs are told
 * @param nameBytes the name in UTF-8
 * @param groupsBytes the names of its groups, joined by commas
 * @param limits its own, then those of its groups, each once
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by identity only; a list would cost an iterator per request.
public record ConsumerRuntime(Identity identity, byte[] nameBytes, byte[] groupsBytes, LimitPlan[] limits) {}

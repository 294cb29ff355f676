package io.penstock.admin.store;

import java.util.Optional;

/**
 * The outcome of recomputing a hash chain.
 *
 * @param checked links that were found sound, counted from the oldest kept
 * @param brokenAt the number of the first link that does not hold
 * @param detail what does not hold, in words; absent when all holds
 */
public record ChainVerdict(long checked, Optional<Long> brokenAt, Optional<String> detail) {

    public static ChainVerdict sound(long checked) {
        return new ChainVerdict(checked, Optional.empty(), Optional.empty());
    }

    public static ChainVerdict broken(long checked, long at, String detail) {
        return new ChainVerdict(checked, Optional.of(at), Optional.of(detail));
    }

    public boolean isSound() {
        return brokenAt.isEmpty();
    }
}

package io.penstock.snapshot;

import java.util.ArrayList;
import java.util.List;

/** A table of consumers that is compiled and not yet current, with the numbers that it takes and gives up. */
final class ConsumerDraft {
    final List<Integer> consumersTaken = new ArrayList<>();
    final List<Integer> consumersFreed = new ArrayList<>();
    final List<Integer> credentialsTaken = new ArrayList<>();
    final List<Integer> credentialsFreed = new ArrayList<>();
    ConsumerTable table;

    ConsumerDraft(ConsumerTable present) {
        this.table = present;
    }
}

package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PermitTableTest {
    private final PermitTable table = new PermitTable(2);

    @AfterEach
    void close() {
        table.close();
    }

    @Test
    void givesNoMoreThanTheMaximum() {
        int slot = table.slotOf("pool/a");

        assertThat(table.tryAcquire(slot, 2)).isTrue();
        assertThat(table.tryAcquire(slot, 2)).isTrue();
        assertThat(table.tryAcquire(slot, 2)).isFalse();
        assertThat(table.inUse(slot)).isEqualTo(2);
    }

    @Test
    void givesAPermitAgainOnceItIsBack() {
        int slot = table.slotOf("pool/a");
        table.tryAcquire(slot, 1);

        table.release(slot);

        assertThat(table.tryAcquire(slot, 1)).isTrue();
    }

    @Test
    void keepsTheSlotAndItsPermitsOfAResourceOverRevisions() {
        int slot = table.slotOf("pool/a");
        table.tryAcquire(slot, 5);

        assertThat(table.slotOf("pool/a")).isEqualTo(slot);
        assertThat(table.tryAcquire(slot, 1)).isFalse();
    }

    @Test
    void usesARetiredSlotAgainOnlyWhenItsPermitsAreBack() {
        int first = table.slotOf("pool/a");
        int second = table.slotOf("pool/b");
        table.tryAcquire(first, 1);
        table.retire("pool/a");
        table.retire("pool/b");

        assertThat(table.slotOf("pool/c")).isEqualTo(second);
        table.release(first);
        assertThat(table.slotOf("pool/d")).isEqualTo(first);
    }

    @Test
    void saysThatItIsFull() {
        table.slotOf("a");
        table.slotOf("b");

        assertThatIllegalStateException()
                .isThrownBy(() -> table.slotOf("c"))
                .withMessageContaining("2 resources")
                .withMessageContaining("larger table");
    }
}

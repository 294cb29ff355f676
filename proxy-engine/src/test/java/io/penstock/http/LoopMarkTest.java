package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LoopMarkTest {
    private final LoopMark mark = new LoopMark("penstock-1");
    private final Fields fields = new Fields();

    @Test
    void aRequestThatPassedOftenEnoughIsALoop() {
        for (int i = 0; i < LoopMark.PASSES_MAX - 1; i++) {
            fields.add("CDN-Loop", "penstock-1");
        }
        assertThat(mark.isLoop(fields)).isFalse();

        fields.add("cdn-loop", "penstock-1");
        assertThat(mark.isLoop(fields)).isTrue();
    }

    @Test
    void elementsOfOneFieldAreCountedWithTheirParameters() {
        fields.add("CDN-Loop", "other.example:8080;a=b, penstock-1;x=\"y\" ,penstock-1,\tpenstock-1 ;z, penstock-1");

        assertThat(mark.isLoop(fields)).isTrue();
    }

    @Test
    void namesOfOthersDoNotCount() {
        for (int i = 0; i < 10; i++) {
            fields.add("CDN-Loop", "penstock-12, penstock-, Penstock-1x, xpenstock-1, , penstock-2;penstock-1");
        }

        assertThat(mark.isLoop(fields)).isFalse();
        assertThat(mark.isLoop(new Fields())).isFalse();
    }
}

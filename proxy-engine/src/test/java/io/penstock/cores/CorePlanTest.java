package io.penstock.cores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CorePlanTest {
    private static BitSet cores(String list) {
        return CoreList.parse(list);
    }

    @Test
    void leavesAllOnAnyCoreUnlessAsked() {
        assertThat(CorePlan.of("none", 2, cores("0-3"))).isEqualTo(CorePlan.NONE);
        assertThat(CorePlan.NONE.isForEachWorker()).isFalse();
        assertThat(CorePlan.NONE.text()).isEqualTo("any core");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "auto | 2 | 0-7   | cores 6-7, all else on 0-5",
                "auto | 1 | 2,5   | core 5, all else on 2",
                "auto | 2 | 0-1   | cores 0-1",
                "3    | 1 | 0-3   | core 3, all else on 0-2",
                "0,2-3| 3 | 0-3   | cores 0,2-3, all else on 1",
                "0-1  | 2 | 0-1   | cores 0-1",
            })
    void givesEachWorkerACoreAndTheRestToAllElse(String choice, int workers, String allowed, String plan) {
        assertThat(CorePlan.of(choice, workers, cores(allowed)).text()).isEqualTo(plan);
    }

    @Test
    void namesTheCoreOfEachWorker() {
        CorePlan plan = CorePlan.of("1,4-5", 3, cores("0-7"));

        assertThat(plan.workers()).containsExactly(1, 4, 5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "auto | 3 | 0-1 | --pin: found 2 cores (0-1) for 3 workers, wanted one for each; change --workers or the list",
                "1    | 2 | 0-3 | --pin: found 1 core (1) for 2 workers, wanted one for each; change --workers or the list",
                "4-5  | 2 | 0-3 | --pin: found 4-5, but this process may use 0-3 only; name some of these",
            })
    void refusesWhatThereIsNot(String choice, int workers, String allowed, String why) {
        assertThatThrownBy(() -> CorePlan.of(choice, workers, cores(allowed)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1,", "3-1", "1,1", "0-2,2", "-1", "1024", "99999", "1 2", "all"})
    void refusesWhatIsNoListOfCores(String choice) {
        assertThatThrownBy(() -> CorePlan.of(choice, 1, cores("0")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "--pin: found \"" + choice + "\", wanted none, auto, or cores and ranges, each once, as 1,4-7");
    }
}

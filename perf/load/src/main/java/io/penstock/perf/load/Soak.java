package io.penstock.perf.load;

import io.gatling.javaapi.core.PopulationBuilder;
import java.util.List;

/** A steady rate for long, told by thirds: what creeps shows as a last third that is worse than the first. */
public final class Soak extends Suite {
    private static final List<String> THIRDS = List.of("first third", "second third", "last third");

    public Soak() {
        List<PopulationBuilder> later = List.of();
        for (String third : THIRDS.reversed()) {
            List<PopulationBuilder> both = pair(third, "/soak", plan.rate());
            if (!later.isEmpty()) {
                both.set(0, both.getFirst().andThen(array(later)));
            }
            later = both;
        }
        THIRDS.forEach(this::gate);
        run(warmUp("/soak", "").andThen(array(later)));
    }
}

package io.penstock.discovery;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Endpoints that answer checks as the test says: well, badly, or not until it says so. */
final class FakeCheck implements HealthCheck {
    private final Map<Integer, Answer> answers = new HashMap<>();
    final List<Question> asked = new ArrayList<>();
    final List<CompletableFuture<Answer>> open = new ArrayList<>();
    boolean isHolding;

    /** What the endpoint at a port answers from now on. */
    void answers(int port, boolean isGood) {
        answers.put(port, new Answer(isGood, isGood ? "status 200" : "status 503"));
    }

    @Override
    public CompletionStage<Answer> ask(Question question) {
        asked.add(question);
        if (isHolding) {
            CompletableFuture<Answer> later = new CompletableFuture<>();
            open.add(later);
            return later;
        }
        return CompletableFuture.completedFuture(
                answers.getOrDefault(question.address().getPort(), new Answer(true, "status 200")));
    }
}

package io.penstock.admin.machine;

import java.io.IOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the gateway may ask of its machine, which does it with rights that the gateway does not have. Any thread; blocks until the
 * machine has answered, which is bounded.
 */
public interface MachinePort {
    /** What came of a question. */
    sealed interface Answer {}

    /** It was done. */
    record Done(JsonNode result) implements Answer {}

    /**
     * It was not.
     *
     * @param code a stable word
     * @param detail why
     * @param errors each with {@code pointer}, {@code code} and {@code detail}; empty where one sentence says all
     */
    record Refused(String code, String detail, JsonNode errors) implements Answer {}

    /**
     * Asks for one thing.
     *
     * @param word one of those that the machine knows
     * @throws IOException if no answer came
     */
    Answer ask(String word, ObjectNode question) throws IOException;
}

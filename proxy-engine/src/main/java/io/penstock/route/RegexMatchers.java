package io.penstock.route;

import com.google.re2j.Matcher;
import io.penstock.mark.WorkerConfined;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One worker's matchers, kept by program id so that a match makes none anew. The literal text is compared first. */
@WorkerConfined
final class RegexMatchers {
    private final ByteText text = new ByteText();
    private @Nullable Matcher[] matchers = new @Nullable Matcher[8];

    /** Whether the run as a whole matches the program with this id. */
    // Identity is meant: comparing the patterns' texts would cost as much as a match.
    @SuppressWarnings("ReferenceEquality")
    boolean matches(Object[] atoms, int id, byte[] bytes, int offset, int length) {
        RegexProgram program = (RegexProgram) atoms[id];
        byte[] literal = program.literal();
        if (length < literal.length) {
            return false;
        }
        for (int i = 0; i < literal.length; i++) {
            if (bytes[offset + i] != literal[i]) {
                return false;
            }
        }
        if (id >= matchers.length) {
            matchers = Arrays.copyOf(matchers, Math.max(id + 1, matchers.length * 2));
        }
        Matcher matcher = matchers[id];
        // An id is given anew when the program that had it is gone.
        if (matcher == null || matcher.pattern() != program.pattern()) {
            matcher = program.pattern().matcher(text);
            matchers[id] = matcher;
        }
        return matcher.reset(text.of(bytes, offset, length)).matches();
    }
}

package io.penstock.route;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What rules refer to but what stays on the heap: field names, parameter names, listener sets, regex programs. Equal things
 * are kept once, counted, and have a dense id from 1 on. Control thread only; readers hold the array of their table.
 *
 * <p>A slot is written when its id is given out and not again before every table that could know the id is retired, so
 * tables share one array until it must grow.
 */
final class Atoms {
    private final Map<Object, Integer> ids = new HashMap<>();
    private final Map<String, RegexProgram> programs = new HashMap<>();
    private Object[] values = new Object[] {"", "", "", ""};
    private int[] uses = new int[4];
    private int[] freeIds = new int[4];
    private int freeCount;
    private int count = 1;

    Object[] values() {
        return values;
    }

    /** The id of a value, which it keeps until it is released as often as it was acquired. */
    int acquire(Object value) {
        Integer known = ids.get(value);
        if (known != null) {
            uses[known]++;
            return known;
        }
        int id = freeCount > 0 ? freeIds[--freeCount] : count++;
        if (id >= values.length) {
            int length = values.length;
            values = Arrays.copyOf(values, length * 2);
            Arrays.fill(values, length, values.length, "");
            uses = Arrays.copyOf(uses, values.length);
        }
        values[id] = value;
        uses[id] = 1;
        ids.put(value, id);
        if (value instanceof RegexProgram program) {
            programs.put(program.expression(), program);
        }
        return id;
    }

    /** The program of this expression that is in use already, or null. */
    @Nullable
    RegexProgram program(String expression) {
        return programs.get(expression);
    }

    /** Takes one use away; if it was the last, the id must be dropped and may be freed when no table knows it. */
    boolean release(int id) {
        if (--uses[id] > 0) {
            return false;
        }
        ids.remove(values[id]);
        if (values[id] instanceof RegexProgram program) {
            programs.remove(program.expression());
        }
        return true;
    }

    void free(int id) {
        values[id] = "";
        if (freeCount == freeIds.length) {
            freeIds = Arrays.copyOf(freeIds, freeCount * 2);
        }
        freeIds[freeCount++] = id;
    }
}

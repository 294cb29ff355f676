package io.penstock.discovery;

import io.penstock.metrics.SeriesNames;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Gives the members of one family of metrics their dense ids, the lowest free first, since only so many have a series of
 * their own. Control thread.
 *
 * <p>Workers stop counting a member when they hear that it is gone, which is soon after the control thread knew. An id is
 * given again only {@link #REST} later.
 */
final class SeriesIds {
    /** A member that has no id counts under {@link SeriesNames#OTHER}. */
    static final int NONE = -1;

    /** How long an id that was given back is not given again. */
    static final Duration REST = Duration.ofSeconds(60);

    private final SeriesNames names;
    private final ControlThread control;
    private final Map<List<String>, Integer> ids = new HashMap<>();
    private final TreeSet<Integer> free = new TreeSet<>();
    private int fresh;

    SeriesIds(SeriesNames names, ControlThread control) {
        this.names = names;
        this.control = control;
    }

    /** The id of a member, or {@link #NONE}. */
    int find(String... member) {
        return ids.getOrDefault(List.of(member), NONE);
    }

    /** The id of a member, a free one if it has none. */
    int acquire(String... member) {
        return ids.computeIfAbsent(List.of(member), name -> {
            Integer given = free.pollFirst();
            int id = given == null ? fresh++ : given;
            names.assign(id, member);
            return id;
        });
    }

    /** Takes a member's id back, if it has one. */
    void release(String... member) {
        Integer id = ids.remove(List.of(member));
        if (id != null) {
            control.after(REST, () -> {
                names.release(id);
                free.add(id);
            });
        }
    }
}

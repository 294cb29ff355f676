package io.penstock.appliance.demo;

import java.io.PrintWriter;

/** Tells the story, and keeps count of what did not hold. */
final class Narrator {
    private final PrintWriter out;
    private int step;
    private int failures;

    Narrator(PrintWriter out) {
        this.out = out;
    }

    void chapter(String title) {
        step++;
        out.println();
        out.println(step + ". " + title);
        out.flush();
    }

    void say(String text) {
        text.lines().forEach(line -> out.println("   " + line));
        out.flush();
    }

    void gap() {
        out.println();
    }

    void plain(String text) {
        text.lines().forEach(out::println);
        out.flush();
    }

    /** Something that must hold. What does not is told as loudly as what does. */
    void check(boolean holds, String claim) {
        if (!holds) {
            failures++;
        }
        out.println("   " + (holds ? "ok: " : "NOT OK: ") + claim);
        out.flush();
    }

    void broke(String what) {
        failures++;
        out.println("   NOT OK: " + what);
        out.flush();
    }

    int failures() {
        return failures;
    }
}

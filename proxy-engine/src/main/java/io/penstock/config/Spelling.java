package io.penstock.config;

import java.util.Iterator;
import java.util.Optional;

/** Finds what a mistyped word was meant to be. */
public final class Spelling {
    /** So many known words are compared at most, so that a wrong name in a large configuration stays cheap to report. */
    private static final int COMPARED_MAX = 10_000;

    private Spelling() {}

    /** The known word nearest to the one found, if it is near enough to be meant: one edit for each three letters. */
    public static Optional<String> nearest(String found, Iterable<String> known) {
        String best = null;
        int bestDistance = Math.max(1, found.length() / 3) + 1;
        Iterator<String> words = known.iterator();
        for (int i = 0; i < COMPARED_MAX && words.hasNext(); i++) {
            String word = words.next();
            if (Math.abs(word.length() - found.length()) < bestDistance) {
                int distance = distance(found, word);
                if (distance < bestDistance) {
                    best = word;
                    bestDistance = distance;
                }
            }
        }
        return Optional.ofNullable(best);
    }

    // Optimal string alignment: Levenshtein (1966) with swaps of neighbours, over three rolling rows.
    static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int cost = Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1)) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + cost);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            int[] free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
        }
        return last[b.length()];
    }
}

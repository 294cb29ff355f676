package io.penstock.exchange.facts;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.Credential;
import io.penstock.spi.Identity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the filters of one exchange keep with it and tell each other. Holds nothing until one of them does. */
@WorkerConfined
public final class FilterNotes {
    /** Variables of one exchange. */
    public static final int VARIABLES_MAX = 64;

    /** Challenges of one exchange. */
    static final int CHALLENGES_MAX = 16;

    private static final @Nullable Object[] NOTHING = {};

    private @Nullable Object[] attachments = NOTHING;
    private @Nullable Map<String, Object> variables;
    private @Nullable List<String> challenges;
    private @Nullable Identity identity;
    private @Nullable Credential credential;

    /** Null where the entry keeps nothing; the contract of FilterCall. */
    @Nullable
    public Object attachment(int entry) {
        return entry < attachments.length ? attachments[entry] : null;
    }

    /** Keeps something for one filter of the chain until the request ends. */
    public void attach(int entry, int entries, @Nullable Object attachment) {
        if (entry >= attachments.length) {
            attachments = Arrays.copyOf(attachments, entries);
        }
        attachments[entry] = attachment;
    }

    @Nullable
    public Object variable(String name) {
        Map<String, Object> known = variables;
        return known == null ? null : known.get(name);
    }

    /** Sets a value that filters after this one and keys of limits can name. */
    public void variable(String name, Object value) {
        Map<String, Object> known = variables;
        if (known == null) {
            known = new HashMap<>();
            variables = known;
        }
        if (known.size() >= VARIABLES_MAX && !known.containsKey(name)) {
            throw new IllegalStateException("variable \"" + name + "\" is one more than the " + VARIABLES_MAX
                    + " that an exchange keeps; use one that holds several values");
        }
        known.put(name, value);
    }

    /** Null as long as nobody found out. */
    @Nullable
    public Identity identity() {
        return identity;
    }

    /** Tells who the client is, without the credential that showed it. */
    public void identify(Identity found) {
        identify(found, null);
    }

    /** Tells who the client is, and by which credential. */
    public void identify(Identity found, @Nullable Credential by) {
        identity = found;
        credential = by;
    }

    /** Takes back what was said last. */
    public void forget() {
        identity = null;
        credential = null;
    }

    /** Null where no credential of the configuration told who calls. */
    @Nullable
    public Credential credential() {
        return credential;
    }

    /** Adds what a client could prove itself by, for `WWW-Authenticate`. */
    public void challenge(String challenge) {
        if (challenge.isEmpty() || !challenge.chars().allMatch(FilterNotes::isFieldCharacter)) {
            throw new IllegalArgumentException(
                    "a challenge is visible text in one line, for example Bearer realm=\"api\"");
        }
        List<String> told = challenges;
        if (told == null) {
            told = new ArrayList<>(2);
            challenges = told;
        }
        if (told.size() < CHALLENGES_MAX) {
            told.add(challenge);
        }
    }

    private static boolean isFieldCharacter(int c) {
        return c == '\t' || (c >= ' ' && c < 0x7f);
    }

    /** What it could prove itself by, in order. */
    public List<String> challenges() {
        List<String> told = challenges;
        return told == null ? List.of() : told;
    }

    /** Forgets everything, for the next request. */
    public void reset() {
        if (attachments.length > 0) {
            attachments = NOTHING;
        }
        variables = null;
        challenges = null;
        forget();
    }
}

package io.penstock.plugin;

import java.util.List;

/**
 * A binding's settings as its script gets them.
 *
 * @param json with defaults filled and secrets resolved, as JSON text
 * @param secrets texts in it that are shown to nobody
 */
record Settings(String json, List<String> secrets) {
    Settings {
        secrets = List.copyOf(secrets);
    }

    /** Says nothing of what is in it. */
    @Override
    public String toString() {
        return "Settings[" + json.length() + " characters]";
    }
}

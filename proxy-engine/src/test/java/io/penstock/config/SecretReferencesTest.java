package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SecretReferencesTest {
    private static final JsonText SETTINGS =
            new JsonText("{\"token\":{\"secret\":\"a.b-c\"},\"list\":[1,{\"x/y\":[\"s,t\","
                    + "{\"secret\":\"two\"}]}],\"text\":\"{\\\"secret\\\":\\\"no\\\"}\",\"more\":{\"secret\":\"no\",\"x\":1},"
                    + "\"last\":{\"deep\":{\"secret\":\"three\"}}}");

    @Test
    void findsEveryPlaceThatHoldsNothingButAName() {
        assertThat(SecretReferences.in(SETTINGS))
                .containsExactly(
                        new Reference(ResourceType.SECRETS, "a.b-c", "/token/secret"),
                        new Reference(ResourceType.SECRETS, "two", "/list/1/x~1y/1/secret"),
                        new Reference(ResourceType.SECRETS, "three", "/last/deep/secret"));
    }

    @Test
    void changesNothingButNames() {
        assertThat(SecretReferences.renamed(SETTINGS, name -> name + "@1").text())
                .isEqualTo(SETTINGS.text()
                        .replace("\"a.b-c\"", "\"a.b-c@1\"")
                        .replace("\"two\"", "\"two@1\"")
                        .replace("\"three\"", "\"three@1\""));
        assertThat(SecretReferences.in(JsonText.EMPTY_OBJECT)).isEmpty();
    }
}

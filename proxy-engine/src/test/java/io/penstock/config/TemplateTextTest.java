package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.TemplateText.Part;
import io.penstock.config.TemplateText.Source;
import org.junit.jupiter.api.Test;

final class TemplateTextTest {
    @Test
    void takesOnlyNamesInBracesForPlaceholders() {
        assertThat(TemplateText.parse("{\"a\": {}, \"id\": \"{path.id}\", \"b\": {\"c\":[1]}}")
                        .parts())
                .containsExactly(
                        new Part(Source.LITERAL, "{\"a\": {}, \"id\": \""),
                        new Part(Source.PARAMETER, "id"),
                        new Part(Source.LITERAL, "\", \"b\": {\"c\":[1]}}"));
        assertThat(TemplateText.parse("{header.X-Id}{nobody}").parts())
                .containsExactly(new Part(Source.HEADER, "X-Id"), new Part(Source.UNKNOWN, "nobody"));
    }

    @Test
    void writesAPlaceholderLiterallyInDoubleBraces() {
        assertThat(TemplateText.parse("{{route}} {{ {{{ }").fixed()).isEqualTo("{route} {{ {{{ }");
        assertThat(TemplateText.parse("").isFixed()).isTrue();
    }
}

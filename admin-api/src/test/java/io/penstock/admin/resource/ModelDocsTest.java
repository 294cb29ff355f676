package io.penstock.admin.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.admin.ReferenceDocs;
import io.penstock.config.ResourceType;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** With {@code -Ddocs.regenerate=true} the files are written anew; without it a difference fails the build. */
final class ModelDocsTest {
    @Test
    void theReferenceOfTheDocumentIsWhatTheModelSays() throws IOException {
        ReferenceDocs.assertWritten("config.md", ModelDocs.markdown());
    }

    @ParameterizedTest
    @EnumSource(ResourceType.class)
    void theSchemaOfATypeHasEveryMemberThatAnExportHas(ResourceType type) {
        ObjectNode schema = Schemas.standalone(type.recordClass().asSubclass(Record.class));

        ConfigJsonTest.RICH
                .all(type)
                .forEach(resource -> assertThat(schema.get("properties").propertyNames())
                        .containsAll(ConfigJson.write((Record) resource).propertyNames()));
        assertThat(schema.get("additionalProperties").booleanValue()).isFalse();
        assertThat(schema.get("required").valueStream().map(JsonNode::stringValue))
                .contains("name");
    }
}

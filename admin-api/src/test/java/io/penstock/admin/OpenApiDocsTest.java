package io.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The OpenAPI document as a started server gives it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OpenApiDocsTest {
    private JsonNode document = JsonMapper.shared().createObjectNode();

    @BeforeAll
    void read(@TempDir Path folder) throws Exception {
        try (AdminFixture admin = new AdminFixture(folder)) {
            document = admin.get("/v1/openapi.json").is(200).json();
        }
    }

    @Test
    void theOpenApiDocumentIsWhatTheRouterIsMadeOf() throws IOException {
        ReferenceDocs.assertWritten(
                "openapi.json",
                JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n");
    }

    @Test
    void theOpenApiDocumentRefersToNothingThatIsNotInIt() {
        List<String> references = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        gather(document, references);

        assertThat(references)
                .isNotEmpty()
                .allSatisfy(reference -> assertThat(
                                document.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            for (JsonNode operation : path.getValue()) {
                assertThat(ids.add(operation.get("operationId").stringValue()))
                        .as(operation.get("operationId").stringValue())
                        .isTrue();
                assertThat(operation.get("responses").isEmpty()).isFalse();
                assertThat(operation.get("summary").stringValue()).endsWith(".");
            }
        }
    }

    private static void gather(JsonNode node, List<String> references) {
        if (node.has("$ref")) {
            references.add(node.get("$ref").stringValue());
        }
        node.forEach(each -> gather(each, references));
    }
}

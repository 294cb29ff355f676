package io.penstock.admin.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The tokens beside the store, {@code last-good-tokens.json}: hashes only, so that operators keep their access when the
 * store is lost.
 *
 * <p>One generation, renewed before every change of a token is committed. With an older one a revoked token would come
 * back: if this one cannot be read there are no tokens, and a setup token lets the operator in.
 */
final class TokenCopy {

    private static final JsonMapper JSON = JsonMapper.shared();

    private TokenCopy() {}

    static Path path(Path folder) {
        return folder.resolve("last-good-tokens.json");
    }

    static void write(Path folder, List<TokenRecord> tokens) throws IOException {
        ArrayNode list = JSON.createArrayNode();
        tokens.forEach(token -> list.add(toJson(token)));
        String body = JSON.writeValueAsString(list);
        ObjectNode file = JSON.createObjectNode();
        file.put("format", SnapshotFile.FORMAT);
        file.put("sha256", sum(body));
        // As text, so that the checksum is over exactly what is read again.
        file.put("tokens", body);
        DataFolder.writeWhole(path(folder), JSON.writeValueAsBytes(file));
    }

    /** Empty if there is no copy. */
    static Optional<List<TokenRecord>> read(Path folder) throws IOException {
        Path file = path(folder);
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode copy = JSON.readTree(Files.readAllBytes(file));
            String body = copy.required("tokens").stringValue();
            if (copy.required("format").intValue() != SnapshotFile.FORMAT
                    || !copy.required("sha256").stringValue().equals(sum(body))) {
                throw new IOException(file + " is damaged or of another format");
            }
            List<TokenRecord> tokens = new ArrayList<>();
            for (JsonNode token : JSON.readTree(body)) {
                tokens.add(fromJson(token));
            }
            return Optional.of(tokens);
        } catch (JacksonException | IllegalArgumentException broken) {
            throw new IOException(file + " is damaged: " + broken.getMessage(), broken);
        }
    }

    private static String sum(String body) {
        return HexFormat.of().formatHex(FramedDigest.sha256().digest(body.getBytes(StandardCharsets.UTF_8)));
    }

    private static ObjectNode toJson(TokenRecord token) {
        ObjectNode node = JSON.createObjectNode();
        node.put("id", token.id());
        node.put("name", token.name());
        node.put("digest", token.digest());
        token.roles().forEach(node.putArray("roles")::add);
        token.tags().forEach(node.putArray("tags")::add);
        node.put("origin", token.origin());
        token.note().ifPresent(note -> node.put("note", note));
        node.put("created", token.created().toEpochMilli());
        node.put("createdBy", token.createdBy());
        token.expires().ifPresent(at -> node.put("expires", at.toEpochMilli()));
        token.revoked().ifPresent(at -> node.put("revoked", at.toEpochMilli()));
        token.lastUsed().ifPresent(at -> node.put("lastUsed", at.toEpochMilli()));
        return node;
    }

    private static TokenRecord fromJson(JsonNode node) {
        return new TokenRecord(
                node.required("id").stringValue(),
                node.required("name").stringValue(),
                node.required("digest").stringValue(),
                texts(node.required("roles")),
                texts(node.required("tags")),
                node.required("origin").stringValue(),
                node.has("note") ? Optional.of(node.required("note").stringValue()) : Optional.empty(),
                Instant.ofEpochMilli(node.required("created").longValue()),
                node.required("createdBy").stringValue(),
                time(node, "expires"),
                time(node, "revoked"),
                time(node, "lastUsed"));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(each -> texts.add(each.stringValue()));
        return texts;
    }

    private static Optional<Instant> time(JsonNode node, String name) {
        return node.has(name)
                ? Optional.of(Instant.ofEpochMilli(node.required(name).longValue()))
                : Optional.empty();
    }
}

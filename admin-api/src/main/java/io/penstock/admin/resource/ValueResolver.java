package io.penstock.admin.resource;

import java.util.Map;

/**
 * Reads what a document only points to: {@code {file: p}} and {@code {env: V}}. The command has one, which looks beside the
 * document; the API has none, since a caller must never make the server read its files or its environment.
 */
public interface ValueResolver {
    /**
     * The content of a file as text.
     *
     * @throws IllegalArgumentException if it cannot be read; the message says why
     */
    String file(String path);

    /**
     * The value of an environment variable.
     *
     * @throws IllegalArgumentException if it is not set
     */
    String env(String variable);

    /**
     * The files of a folder, all below it, by their paths inside it.
     *
     * @throws IllegalArgumentException if it cannot be read; the message says why
     */
    default Map<String, byte[]> folder(String path) {
        throw new IllegalArgumentException("folders are not read here");
    }
}

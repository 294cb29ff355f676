package io.penstock.admin.resource;

import java.util.Optional;

/**
 * A version of a plugin as a document names it: it has to be stored before what names it is applied.
 *
 * @param sha256 of its package; absent where the document does not say
 * @param zip the package, where the document points to its folder and the command has read it
 * @param pointer where in the document it stands
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record DocumentPlugin(
        String name, String version, Optional<String> sha256, Optional<byte[]> zip, String pointer) {
    /** Name and version as configurations write them. */
    public String id() {
        return name + "@" + version;
    }
}

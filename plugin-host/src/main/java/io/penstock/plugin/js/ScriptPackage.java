package io.penstock.plugin.js;

import java.util.Map;

/**
 * The modules of one version, in memory.
 *
 * @param id name and version
 * @param entry path of the module whose default export has the hooks
 * @param files all files by path, relative to the package's root
 */
public record ScriptPackage(String id, String entry, Map<String, byte[]> files) {
    public ScriptPackage {
        files = Map.copyOf(files);
    }
}

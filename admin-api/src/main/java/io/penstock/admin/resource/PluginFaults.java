package io.penstock.admin.resource;

import io.penstock.spi.PluginRefusedException;
import java.util.List;
import java.util.Optional;

/** Says in the words of the API why a package or a trial is refused. */
final class PluginFaults {
    private static final String MANIFEST = "plugin.json";

    private PluginFaults() {}

    /**
     * A package that was sent as it is: faults of the manifest have their pointers into it, others name their file.
     *
     * @param manifestPointer where in what was sent the manifest stands
     * @param sourcePointer where in what was sent the module stands
     */
    static ApiProblem ofPackage(PluginRefusedException refused, String manifestPointer, String sourcePointer) {
        List<Fault> faults = refused.faults().stream()
                .map(fault -> {
                    boolean isManifest = fault.where().startsWith(MANIFEST + "#");
                    boolean isModule = !isManifest
                            && !fault.where().startsWith(MANIFEST)
                            && !fault.where().isEmpty();
                    String pointer = isManifest
                            ? manifestPointer + fault.where().substring(MANIFEST.length() + 1)
                            : isModule ? sourcePointer : manifestPointer;
                    String file = isManifest ? MANIFEST : fault.where();
                    return new Fault(
                            pointer,
                            fault.code(),
                            (file.isEmpty() ? "" : file + ": ") + fault.detail(),
                            fault.hint(),
                            Optional.empty());
                })
                .toList();
        return ApiProblem.invalid(faults);
    }

    /** A trial: pointers into the settings, or into the request for it. */
    static ApiProblem ofTrial(PluginRefusedException refused) {
        List<Fault> faults = refused.faults().stream()
                .map(fault -> new Fault(
                        fault.where().startsWith("/hook") || fault.where().startsWith("/config")
                                ? fault.where()
                                : fault.code().equals("bad-sample") ? "/request" : "/config" + fault.where(),
                        fault.code(),
                        fault.detail(),
                        fault.hint(),
                        Optional.empty()))
                .toList();
        return ApiProblem.invalid(faults);
    }
}

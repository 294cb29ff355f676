package io.penstock.appliance.command;

import picocli.CommandLine.IVersionProvider;

/** The version of this build, from the jar it came in. */
public final class BuildVersion implements IVersionProvider {
    /** The version; {@code dev} for classes that never were in a jar. */
    public static String text() {
        String version = BuildVersion.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"penstock " + text() + ", Java " + Runtime.version()};
    }
}

package io.penstock.appliance;

import io.penstock.admin.machine.MachinePort;
import io.penstock.admin.resource.SystemPort;
import io.penstock.appliance.log.RecentLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** This process as the admin API sees it. */
record ProcessWindow(Path folder, int workers, Plugins plugins, Optional<MachinePort> machine) implements SystemPort {
    @Override
    public Optional<SizeView> size() {
        return Optional.of(SizeProfile.here(workers));
    }

    @Override
    public boolean copyPluginStore(Path to) throws IOException {
        return plugins.copyStore(folder, to);
    }

    @Override
    public List<String> recentLog() {
        return RecentLog.lines();
    }
}

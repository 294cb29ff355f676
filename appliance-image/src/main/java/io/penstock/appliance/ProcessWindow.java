package io.penstock.appliance;

import io.penstock.admin.resource.SystemPort;
import io.penstock.appliance.log.RecentLog;
import java.nio.file.Path;
import java.util.List;

/** This process as the admin API sees it. */
record ProcessWindow(Path folder) implements SystemPort {
    @Override
    public List<String> recentLog() {
        return RecentLog.lines();
    }
}

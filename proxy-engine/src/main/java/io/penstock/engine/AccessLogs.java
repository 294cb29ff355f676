package io.penstock.engine;

import io.penstock.config.AccessLogConfig;
import io.penstock.config.ConfigProblem;
import io.penstock.config.NamedMap;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.metrics.AccessLog;
import io.penstock.metrics.AccessLogFormat;
import io.penstock.metrics.AccessLogSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The access logs of a config as the log's thread takes them. */
final class AccessLogs {
    private AccessLogs() {}

    static List<AccessLogSpec> specs(ProxyConfig config, Path folder) {
        List<AccessLogSpec> specs = new ArrayList<>();
        for (AccessLogConfig log : config.accessLogs()) {
            if (log.enabled()) {
                specs.add(new AccessLogSpec(
                        log.name(),
                        AccessLogFormat.parse(log.format()),
                        fileOf(log, folder),
                        log.maxBytes().bytes(),
                        log.keep()));
            }
        }
        return specs;
    }

    /**
     * What stands against the logs that are new or other than before.
     *
     * @param triesFiles whether their files are opened for it
     */
    static List<ConfigProblem> problems(ProxyConfig before, ProxyConfig after, Path folder, boolean triesFiles) {
        List<ConfigProblem> problems = new ArrayList<>();
        NamedMap.diff(before.accessLogs(), after.accessLogs(), (name, old, next) -> {
            if (next != null && next.enabled()) {
                try {
                    AccessLogFormat.parse(next.format());
                } catch (IllegalArgumentException refused) {
                    problems.add(problem(name, "/format", String.valueOf(refused.getMessage()), Optional.empty()));
                }
                try {
                    if (triesFiles) {
                        AccessLog.check(fileOf(next, folder));
                    }
                } catch (IOException refused) {
                    problems.add(problem(
                            name,
                            "/sink/file",
                            fileOf(next, folder) + " cannot be written: " + refused.getMessage(),
                            Optional.of("choose a file in a folder that the gateway may write")));
                }
            }
        });
        return problems;
    }

    private static Path fileOf(AccessLogConfig log, Path folder) {
        return folder.resolve(log.sink().file().orElse(log.name() + ".log"));
    }

    private static ConfigProblem problem(String name, String pointer, String detail, Optional<String> hint) {
        return new ConfigProblem(
                ResourceRef.of(ResourceType.ACCESS_LOGS, name), pointer, "access-log-refused", detail, hint);
    }
}

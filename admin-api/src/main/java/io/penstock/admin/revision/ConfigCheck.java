package io.penstock.admin.revision;

import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import java.util.List;

/** The judgement of a configuration against the one before it; the cost follows what changed. Any thread. */
public interface ConfigCheck {

    /** Every fault at once; empty if it may be served. */
    List<ConfigProblem> problems(ProxyConfig before, ProxyConfig after);

    /** What may be served and is probably not meant. */
    List<ConfigWarning> warnings(ProxyConfig before, ProxyConfig after);

    /** Who refers to a resource. */
    List<ResourceRef> usedBy(ProxyConfig config, ResourceRef resource);
}

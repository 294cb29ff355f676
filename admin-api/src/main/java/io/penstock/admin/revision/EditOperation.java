package io.penstock.admin.revision;

import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;

/**
 * One step of an edit. Its functions run on the pipeline's thread, against the state that all earlier edits left: they
 * are pure, quick, and never wait.
 */
public sealed interface EditOperation {

    /** Creates or replaces a resource. */
    record Put(Resource resource, Precondition precondition) implements EditOperation {}

    /** Changes a resource that exists. */
    record Patch(ResourceType type, String name, Precondition precondition, Patcher patcher) implements EditOperation {}

    /** Removes a resource that exists. */
    record Delete(ResourceType type, String name, Precondition precondition) implements EditOperation {}

    /** Changes anything: replace-whole, declarative apply, rename. */
    record Transform(Transformer transformer) implements EditOperation {}

    /** Brings back everything as it was in a revision. */
    record Rollback(long revision) implements EditOperation {}

    /** Gives the patched resource, which keeps type and name, or says why not. */
    @FunctionalInterface
    interface Patcher {
        Outcome<Resource> patch(Resource before);
    }

    /** Gives the next configuration, or says why not. */
    @FunctionalInterface
    interface Transformer {
        Outcome<ProxyConfig> transform(ProxyConfig before);
    }

    /** The outcome of a step. */
    sealed interface Outcome<T> {}

    /** What comes next. */
    record Next<T>(T value) implements Outcome<T> {}

    /** Why nothing comes next; the whole edit ends with it. */
    record Not<T>(EditResult.Rejected reason) implements Outcome<T> {}
}

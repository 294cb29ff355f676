package io.penstock.plugin.budget;

/** Why a plugin failed: the codes of the metrics, of the listing and of the trail. A code is never renamed. */
public enum FaultCode {
    /** The author's own failure. */
    THREW("threw", "a hook threw, or its promise was rejected"),
    /** A mistake of the author. */
    BAD_ANSWER("bad-answer", "what a hook returned is no answer the gateway could send"),
    /** Stopped by the watchdog. */
    CPU_BUDGET("cpu-budget", "an entry was stopped over `limits.cpuMs`: a strike"),
    /** Stopped by the watchdog. */
    MEMORY_BUDGET("memory-budget", "an entry was stopped over `limits.memoryMb`: a strike"),
    /** Stopped by the script's own count. */
    STATEMENT_BUDGET("statement-budget", "an entry was stopped after 500 000 000 statements: a strike"),
    /** Nobody waits for ever. */
    WALL_BUDGET(
            "wall-budget",
            "a promise did not settle within `limits.wallMs`, or an entry had no core for long; the latter is a strike"),
    /** Many small entries. */
    REQUEST_CPU_BUDGET(
            "request-cpu-budget",
            "all hooks of one request, with what they awaited or left running, took longer than `limits.requestCpuMs`"),
    /** Many small entries that nobody waits for. */
    BACKGROUND_CPU_BUDGET(
            "background-cpu-budget",
            "timers of no request took more than `limits.requestCpuMs` within a second: a strike"),
    /** The heap is full of what is kept, by this version or by another. */
    HEAP_PRESSURE(
            "heap-pressure",
            "the heap was nearly full of what is kept, and the version's contexts were made anew: a strike if that freed "
                    + "a tenth of the old generation"),
    /** A body the plugin may not leave unseen. */
    CODED_BODY(
            "coded-body",
            "`body.decode` is wanted and the body came under a coding that the gateway "
                    + "cannot undo, or as a range of a coded one"),
    /** Another call ended the context. */
    CONTEXT_ENDED("context-ended", "the context was ended under a call that only waited in it"),
    /** Between two contexts. */
    STARTING_AGAIN("starting-again", "the context is being made anew after it was ended"),
    /** No further context. */
    NOT_STARTED_AGAIN("not-started-again", "making the context anew failed"),
    /** After too many strikes. */
    QUARANTINED("quarantined", "the version is not called after its strikes, until it is released");

    private final String code;
    private final String meaning;

    FaultCode(String code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /** As metrics and listings write it. */
    public String code() {
        return code;
    }

    /** What it says, as documentation has it. */
    public String meaning() {
        return meaning;
    }
}

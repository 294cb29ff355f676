package io.penstock.discovery;

import io.penstock.config.ActiveHealthConfig;
import io.penstock.config.CheckPace;
import io.penstock.config.PassiveHealthConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one endpoint's health. Lives as long as its upstream has that address, over any number of revisions.
 * Control thread.
 */
final class EndpointWatch {
    private static final int EJECTIONS_MAX = 1000;

    private EndpointSpec spec;
    private Instant since;
    private String why;

    // Checks: what is believed, and how many answers in a row said otherwise.
    private boolean isChecked;
    private boolean hasAnswer;
    private boolean isGood = true;
    private int contraryAnswers;
    private @Nullable String lastCheck;
    private @Nullable Instant lastCheckAt;
    private int schedule;

    // Null while nobody asks.
    private @Nullable ActiveHealthConfig askedBy;

    // Ejection.
    private @Nullable Instant ejectedUntil;
    private int ejections;
    private long returnedNs;
    private int ejection;
    private final Outcomes outcomes = new Outcomes();

    // What an operator says; null for nothing.
    private @Nullable HealthOverride override;

    private boolean isWarming;
    private long warmingSinceNs;

    EndpointWatch(EndpointSpec spec, Instant now) {
        this.spec = spec;
        this.since = now;
        this.why = "Nothing speaks against it.";
    }

    EndpointSpec spec() {
        return spec;
    }

    void spec(EndpointSpec next) {
        spec = next;
    }

    Outcomes outcomes() {
        return outcomes;
    }

    /** Whether it would take requests if it were healthy. */
    boolean isCandidate() {
        return spec.isGranted() && !spec.isDraining() && spec.weight() > 0 && !isForcedOut();
    }

    boolean isHealthy() {
        HealthOverride said = override;
        return said == null ? isGood && !isUnchecked() && !isEjected() : said.isHealthy();
    }

    /** Whether it is to be checked, nothing is known yet, and nothing else speaks against it. */
    boolean isUnchecked() {
        return isChecked && !hasAnswer && !isEjected() && override == null;
    }

    boolean isEjected() {
        return ejectedUntil != null;
    }

    /** Whether an operator says that it is unhealthy. */
    boolean isForcedOut() {
        HealthOverride said = override;
        return said != null && !said.isHealthy();
    }

    /** Takes what an operator says; null for nothing. */
    void overridden(@Nullable HealthOverride said, long nowNs, Instant now) {
        if (Objects.equals(said, override)) {
            return;
        }
        boolean wasHealthy = isHealthy();
        override = said;
        if (!wasHealthy && isHealthy()) {
            warm(nowNs);
        }
        became(
                said == null
                        ? "What an operator said of it is over."
                        : "An operator says so, until " + said.until() + ".",
                now);
    }

    HealthView.State state() {
        HealthOverride said = override;
        if (said != null) {
            return said.isHealthy() ? HealthView.State.HEALTHY : HealthView.State.UNHEALTHY;
        }
        if (isEjected()) {
            return HealthView.State.EJECTED;
        }
        if (isUnchecked()) {
            return HealthView.State.UNCHECKED;
        }
        return isGood ? HealthView.State.HEALTHY : HealthView.State.UNHEALTHY;
    }

    String why() {
        return why;
    }

    // ---- checks

    /** Says whether it is checked; who is not checked is taken for good. */
    void checked(boolean is, Instant now) {
        if (is == isChecked) {
            return;
        }
        isChecked = is;
        hasAnswer = false;
        isGood = true;
        contraryAnswers = 0;
        lastCheck = null;
        lastCheckAt = null;
        became(is ? "It has not been checked yet." : "Nothing speaks against it.", now);
    }

    /** Numbers the plan to ask; a plan with an older number is void. */
    int nextSchedule() {
        return ++schedule;
    }

    boolean isCurrent(int number) {
        return number == schedule;
    }

    /** Notes what it is asked from now on; null for nothing. @return whether that is another check than before */
    boolean askedBy(@Nullable ActiveHealthConfig check) {
        boolean isOther = !Objects.equals(askedBy, check);
        askedBy = check;
        return isOther;
    }

    /** Takes the answer of a check: the first one decides at once. @return whether it is believed otherwise than before */
    boolean answered(HealthCheck.Answer answer, CheckPace pace, long nowNs, Instant now) {
        lastCheck = answer.detail();
        lastCheckAt = now;
        boolean isFirst = !hasAnswer;
        hasAnswer = true;
        if (!isFirst && answer.isGood() == isGood) {
            contraryAnswers = 0;
            return false;
        }
        contraryAnswers++;
        int wanted = isFirst ? 1 : answer.isGood() ? pace.healthyAfter() : pace.unhealthyAfter();
        if (contraryAnswers < wanted) {
            return false;
        }
        // One that was there from the beginning is as warm as the others; one that came later begins now.
        if (answer.isGood() && (!isFirst || isWarming)) {
            warm(nowNs);
        }
        isGood = answer.isGood();
        became(
                (isGood ? "Its checks are answered well: " : "Its checks fail: ") + answer.detail() + " ("
                        + contraryAnswers + " in a row).",
                now);
        contraryAnswers = 0;
        return true;
    }

    // ---- ejection

    /**
     * Leaves it out. The time grows with each ejection, and is forgotten again by as many as it has been in use for their
     * time.
     *
     * @return for how long
     */
    Duration eject(PassiveHealthConfig passive, String reason, long nowNs, Instant now) {
        long forgotten =
                ejections == 0 ? 0 : (nowNs - returnedNs) / passive.ejectFor().toNanos();
        ejections = (int) Math.min(EJECTIONS_MAX, Math.max(0, ejections - forgotten) + 1);
        Duration length = passive.ejectFor().multipliedBy(ejections);
        if (length.compareTo(passive.ejectForMax()) > 0) {
            length = passive.ejectForMax();
        }
        ejection++;
        ejectedUntil = now.plus(length);
        outcomes.forget();
        became(reason, now);
        return length;
    }

    /** The number of the present ejection: who ends an older one is late. */
    int ejection() {
        return ejection;
    }

    /** Gives it its share again. */
    void endEjection(String reason, long nowNs, Instant now) {
        ejectedUntil = null;
        returnedNs = nowNs;
        outcomes.forget();
        warm(nowNs);
        became(reason, now);
    }

    /** Begins to grow its weight. */
    void warm(long nowNs) {
        isWarming = true;
        warmingSinceNs = nowNs;
    }

    boolean isWarmingAt(long nowNs, long slowStartNs) {
        return isWarming && nowNs - warmingSinceNs < slowStartNs;
    }

    long warmingSinceNs() {
        return warmingSinceNs;
    }

    private void became(String reason, Instant now) {
        why = reason;
        since = now;
    }

    HealthView view(boolean takesRequests, long slowStartNs, long nowNs, Instant now) {
        return new HealthView(
                state(),
                takesRequests,
                why,
                since,
                Optional.ofNullable(ejectedUntil),
                ejections,
                isHealthy() && isWarmingAt(nowNs, slowStartNs)
                        ? Optional.of(now.plusNanos(slowStartNs - (nowNs - warmingSinceNs)))
                        : Optional.empty(),
                Optional.ofNullable(lastCheck),
                Optional.ofNullable(lastCheckAt));
    }

    /** What became of its requests, over all workers: since its last success, and within the present interval. */
    static final class Outcomes {
        private int consecutiveFailures;
        private long successes;
        private long failures;
        private long firstBytes;
        private long firstByteNsSum;

        /** Adds a worker's. @return the longest run of failures that this shows */
        int add(OutcomeReport.Outcomes report) {
            int run;
            if (report.successes() == 0) {
                consecutiveFailures += report.failures();
                run = consecutiveFailures;
            } else {
                run = Math.max(consecutiveFailures + report.failuresFirst(), report.failuresRun());
                consecutiveFailures = report.failuresLast();
            }
            successes += report.successes();
            failures += report.failures();
            firstBytes += report.firstBytes();
            firstByteNsSum += report.firstByteNsSum();
            return run;
        }

        long requests() {
            return successes + failures;
        }

        long successes() {
            return successes;
        }

        long firstBytes() {
            return firstBytes;
        }

        long firstByteNsMean() {
            return firstBytes == 0 ? 0 : firstByteNsSum / firstBytes;
        }

        void beginInterval() {
            successes = 0;
            failures = 0;
            firstBytes = 0;
            firstByteNsSum = 0;
        }

        void forget() {
            consecutiveFailures = 0;
            beginInterval();
        }
    }
}

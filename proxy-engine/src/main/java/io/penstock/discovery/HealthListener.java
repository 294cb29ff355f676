package io.penstock.discovery;

/** Hears of endpoints whose health changed. */
public interface HealthListener {
    /** Workers have to treat the endpoints of an upstream otherwise than before. Called on the control thread. */
    void healthChanged(UpstreamHealth health);
}

package io.penstock.discovery;

/** Hears of endpoints that changed without a revision. */
public interface EndpointListener {
    /** An upstream has other endpoints than before. Called on the control thread. */
    void endpointsChanged(EndpointSet endpoints);
}

package io.penstock.transport;

/** A listening socket at work on one loop; every method is called on that loop. */
public interface Acceptance {
    /** Stops or resumes accepting; meanwhile connections wait in the kernel's backlog. */
    void pause(boolean paused);

    /** Accepts what already waits in the backlog, then closes the socket. Calls {@code done} when it is closed. */
    void drainAndClose(Runnable done);
}
